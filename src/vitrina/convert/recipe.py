"""What the bytes of a result depend on."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.convert.ome_tiff import OmeTiffOptions
    from vitrina.convert.ome_zarr import OmeZarrOptions
    from vitrina.readers.source import Source


def build_recipe(
    source: Source,
    options: OmeZarrOptions | OmeTiffOptions,
    paths: list[str],
    *,
    series: Sequence[int] = (),
    keeps_ome_xml: bool = True,
) -> dict[str, Any]:
    """The source as it is now, the options, and this version of Vitrina, as JSON.

    Args:
        source: The dataset.
        options: How it is converted.
        paths: Of the images in the result.
        series: Which images of the source they are; empty for all.
        keeps_ome_xml: Whether OME-XML of the source is kept.
    """
    pyramid = replace(options.pyramid, n_threads=None)  # threads change nothing in the result
    return {
        "vitrina": version("vitrina"),
        "source": {"path": str(source.path), "files": _fingerprint(source.path)},
        "options": {"kind": type(options).__name__, **asdict(replace(options, pyramid=pyramid))},
        "images": paths,
        "series": list(series),
        "keeps_ome_xml": keeps_ome_xml,
    }


def _fingerprint(path: Path) -> list[Any]:
    """Number, size and last change of the files of a source, cheap enough for folders of many files."""
    files = [path] if path.is_file() else [Path(folder) / name for folder, _, names in os.walk(path) for name in names]
    stats = [file.stat() for file in files]
    return [len(stats), sum(stat.st_size for stat in stats), max((stat.st_mtime_ns for stat in stats), default=0)]
