"""What the bytes of a result depend on."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitrina.model.jsonable import build_json

if TYPE_CHECKING:
    from vitrina.convert.target import Planned, Task


def build_recipe(task: Task[Any], planned: Planned) -> dict[str, Any]:
    """The source as it is now, the options, what is made, and this version of Vitrina, as JSON."""
    options = task.options
    if hasattr(options, "pyramid"):  # threads change nothing in the result
        options = replace(options, pyramid=replace(options.pyramid, n_threads=None))
    return {
        "vitrina": version("vitrina"),
        "source": {
            "path": str(task.source.path),
            "files": _fingerprint(task.source.path),
            "options": asdict(task.source.options),
        },
        "options": {"kind": type(options).__name__, **asdict(options)},
        "images": [image.path for image in planned.images],
        "parts": [part.path for part in planned.parts],
        "series": list(task.series),
        "element": task.element,
        "keeps_ome_xml": task.keeps_ome_xml,
        **({"content": [build_json(element) for element in task.content.elements]} if task.content.overridden else {}),
    }


def _fingerprint(path: Path) -> list[Any]:
    """Number, size and last change of the files of a source, cheap enough for folders of many files."""
    files = [path] if path.is_file() else [Path(folder) / name for folder, _, names in os.walk(path) for name in names]
    stats = [file.stat() for file in files]
    return [len(stats), sum(stat.st_size for stat in stats), max((stat.st_mtime_ns for stat in stats), default=0)]
