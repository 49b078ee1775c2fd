"""Points of a source to Parquet in Morton order, with or without a copy in tiles."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.convert.points.memory import MEMORY_BYTES
from vitrina.convert.points.parquet import PointsWriter
from vitrina.convert.points.sort import iterate_sorted
from vitrina.convert.points.spool import Spool, get_xy
from vitrina.convert.points.tiles import MORTON, TileWriter, build_frame
from vitrina.errors import UnsupportedError
from vitrina.model.finding import Finding
from vitrina.readers.elements import iterate_points

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from vitrina.model.content import Content, PointsElement
    from vitrina.readers.source import Source

    type Progress = Callable[[int, int], None]

AXES = ("x", "y", "z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiled:
    """A copy in tiles that is wanted.

    Attributes:
        folder: ``points.parquet`` of its group.
        feature_key: Column of the genes.
        genes: Names by the code that the viewer knows them under: their place among the variables of a table.
    """

    folder: Path
    feature_key: str
    genes: Sequence[str]


def write_points(
    source: Source,
    content: Content,
    element: PointsElement,
    path: Path,
    scratch: Path,
    *,
    has_index: bool = False,
    has_codes: bool = False,
    tiled: Tiled | None = None,
    memory_bytes: int = MEMORY_BYTES,
    progress: Progress | None = None,
) -> tuple[Finding, ...]:
    """Write points into one Parquet file, those close together close together.

    Coordinates are called x, y and z, whatever they are called in the source.

    Args:
        source: The dataset.
        content: What its reader found.
        element: Its points.
        path: The file.
        scratch: A folder for files that are removed at the end.
        has_index: Whether rows are numbered, as Dask does for SpatialData.
        has_codes: Whether the codes are kept as a column.
        tiled: A copy that is made too.
        memory_bytes: What points may take in memory, two or three times over.
        progress: Called with points done and points in all.

    Returns:
        What is odd about them.

    Raises:
        UnreadableError: The source is damaged, or has columns that are no coordinates.
        UnsupportedError: It has no points.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    names = AXES[: len(element.axes)]
    spool = Spool(element.axes, names, element.feature_key, scratch, memory_bytes)
    try:
        spool.fill(iterate_points(source, content, element))
        if not spool.n_points:
            raise UnsupportedError("points-empty", f"There are no points in {element.name!r}.", where=element.path)
        frame = build_frame(spool.extent_xy or (0.0, 0.0, 0.0, 0.0))
        runs = iterate_sorted(spool, frame, names, scratch, memory_bytes=memory_bytes, progress=progress)
        said = {"vitrina:morton": json.dumps({"column": MORTON, "extent_xy": frame, "bits": 16})} if has_codes else {}
        with PointsWriter(path, spool.categories, has_index=has_index, metadata=said) as writer:
            if tiled is None:
                for run, codes in runs:
                    writer.write(run, {MORTON: codes} if has_codes else None)
            else:
                code_of_category = map_genes(spool.categories[tiled.feature_key].names, tiled.genes)
                with TileWriter(tiled.folder, tiled.feature_key, frame, no_gene=len(tiled.genes)) as tiles:
                    for run, codes in runs:
                        writer.write(run)
                        genes = code_of_category[run.column(tiled.feature_key).to_numpy(zero_copy_only=False)]
                        tiles.write(*get_xy(run, names), genes, codes)
    finally:
        spool.close()
    return _describe(element, spool)


def map_genes(categories: Sequence[Any], genes: Sequence[str]) -> npt.NDArray[np.int32]:
    """The viewer's code of each category; what is no gene of it, and the last entry for none, get one past the end."""
    known = {name: code for code, name in enumerate(genes)}
    return np.array([known.get(str(name), len(genes)) for name in categories] + [len(genes)], np.int32)


def _describe(element: PointsElement, spool: Spool) -> tuple[Finding, ...]:
    findings = []
    if spool.n_not_finite:
        findings.append(
            Finding(
                code="points-without-place",
                severity="warning",
                path=element.path,
                message=f"{spool.n_not_finite:,} of the points {element.name!r} have no finite place; they are kept "
                "at the end, and not drawn.",
                fix=None,
            )
        )
    return tuple(findings)
