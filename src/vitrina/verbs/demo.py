"""The demo: a simulated tissue section in the catalog."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.errors import NotFoundError
from vitrina.verbs.add import Added

if TYPE_CHECKING:
    from vitrina.simulate.section import SectionParameters
    from vitrina.storage.store import Progress
    from vitrina.verbs.instance import Instance

DESCRIPTION = (
    "A simulated tissue section: H&E, fluorescence, cells, transcripts and a table that agree with each other."
)


def add_section(
    instance: Instance,
    parameters: SectionParameters | None = None,
    *,
    key: str = "simulated/tissue-section.zarr",
    progress: Progress | None = None,
) -> Added:
    """Simulate a section and add it, unless the key is there already.

    Args:
        instance: Where it goes.
        parameters: What to simulate; None for the default section.
        key: Its name in the catalog.
        progress: Called with steps done and steps in all.
    """
    from vitrina.simulate.section import SectionParameters
    from vitrina.simulate.spatialdata import write_section

    try:
        return Added(artifact=instance.show(key), is_new=False)
    except NotFoundError:
        pass
    instance.settings.cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="simulate-", dir=instance.settings.cache))
    try:
        path = folder / Path(key).name
        write_section(parameters or SectionParameters(), path, progress=progress)
        return instance.add(path, key=key, description=DESCRIPTION, take=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
