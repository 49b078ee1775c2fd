"""``query.tiles()``, ``collection.tiles()``, ``artifact.tiles()``: from the catalog to batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.api.tracking.active import get_active, record_inputs
from vitrina.ml.choices import TileOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitrina.ml.choices import TileKeywords
    from vitrina.ml.tiles import Tiles
    from vitrina.model.artifact import Artifact
    from vitrina.verbs.instance import Instance


def build_tiles(
    instance: Instance, records: Sequence[Artifact], options: TileKeywords, chosen_by: Mapping[str, Any]
) -> Tiles:
    """The tiles of some artifacts, which become inputs of the run that is being tracked.

    Args:
        instance: Where they are.
        records: The artifacts.
        options: Fields of ``TileOptions``.
        chosen_by: How they were chosen, as JSON values.
    """
    tiles = instance.build_tiles(records, TileOptions(**options), chosen_by=chosen_by, find_parent=_find_parent)
    record_inputs(instance, [record.uid for record in records])
    return tiles


def build_table_loader(instance: Instance, records: Sequence[Artifact], options: Mapping[str, Any]) -> Any:
    """The same for tables alone; see ``vitrina.ml.torch.build_table_loader``."""
    loader = instance.build_table_loader(records, **options)
    record_inputs(instance, [record.uid for record in records])
    return loader


def _find_parent() -> str | None:
    """The run that is being tracked."""
    active = get_active()
    return None if active is None else active.run.uid
