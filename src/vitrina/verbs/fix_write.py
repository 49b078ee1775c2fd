"""Carry out the repairs of a Zarr hierarchy in a copy of it. What is written is always a new file."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from vitrina.checks.fix.consolidated import build_consolidated
from vitrina.checks.fix.overlay import build_bytes
from vitrina.readers.source import Source
from vitrina.readers.zarr_tree import get_zarr_tree
from vitrina.storage.removing import remove
from vitrina.verbs.fix_images import write_image
from vitrina.verbs.fix_tables import write_table

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.checks.fix.plan import Plan
    from vitrina.verbs.fix_place import Repairing


def list_rewritten(plan: Plan) -> frozenset[str]:
    """Folders that are written anew, so that they need not be copied."""
    arrays = {level.path for job in plan.images if job.is_rewritten for level in job.element.levels}
    return frozenset(arrays | {job.path for job in plan.tables})


def write_fixes(plan: Plan, source: Source, place: Repairing) -> None:
    """Make the repaired copy of a hierarchy.

    Args:
        plan: Made for the source.
        source: The hierarchy.
        place: Where the copy goes.

    Raises:
        StorageError: See ``Repairing.mirror``.
        UnreadableError: Pixels or values are damaged.
        OSError: The disk refuses.
    """
    place.mirror(list_rewritten(plan))
    for key, document in plan.documents.items():
        write_new(place.path / key, build_bytes(document))
    for number, image in enumerate(plan.images):
        write_image(image, source, place.path, place.scratch / f"image-{number}")
    for number, table in enumerate(plan.tables):
        write_table(table, source, place.path, place.scratch / f"table-{number}")
    repaired = get_zarr_tree(Source(place.path))
    for key, document in build_consolidated(repaired, is_wanted_at_root=plan.has_root_copy).items():
        write_new(place.path / key, build_bytes(document))
    remove(place.scratch)


def write_offsets(path: Path, offsets: tuple[int, ...]) -> None:
    """Write the list of where the planes of a TIFF lie."""
    write_new(path, json.dumps(list(offsets)).encode())


def write_new(path: Path, data: bytes) -> None:
    """Put bytes under a name, as a new file: other names of the file that was there keep its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    os.replace(new, path)  # noqa: PTH105 Path.replace says the same
