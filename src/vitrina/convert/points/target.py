"""Points alone as a target: one Parquet file in Morton order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vitrina.convert.points.memory import MEMORY_BYTES
from vitrina.convert.target import ConvertedPart, Planned
from vitrina.errors import DataError, InputError, UnsupportedError
from vitrina.model.content import PointsElement, TableElement
from vitrina.readers.spatialdata_vectors import FEATURE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.convert.target import Progress, Task
    from vitrina.convert.unfinished import Unfinished
    from vitrina.model.content import Content
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source

N_STEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsOptions:
    """What can be chosen.

    Attributes:
        memory_bytes: What points may take in memory, two or three times over.

    Raises:
        InputError: There is no memory.
    """

    format: ClassVar[str] = "points"
    memory_bytes: int = MEMORY_BYTES

    def __post_init__(self) -> None:
        if self.memory_bytes < 1:
            raise InputError("options-not-positive", f"{self.memory_bytes} bytes of memory are too few.")


class PointsTarget:
    """Points, such as transcripts."""

    name = PointsOptions.format
    label = "Points"
    options_type = PointsOptions

    def check_content(self, source: Source, content: Content) -> None:
        if not list_points(content):
            raise UnsupportedError(
                "no-points",
                f"{source.path} is {content.format} without points.",
                hint="Points are transcripts of an instrument, points of SpatialData, or tables with x and y.",
                where=str(source.path),
            )

    def plan(self, task: Task[PointsOptions]) -> PointsJob:
        points = list_points(task.content)
        chosen = [one for one in points if task.element in {None, one.name}]
        if len(chosen) != 1:
            raise InputError(
                "points-unclear",
                f"{task.source.path} has {len(points)} sets of points.",
                hint=f"Choose one with --element: {', '.join(one.name for one in points)}.",
            )
        (element,) = chosen
        size = "points" if element.n_points is None else f"{element.n_points:,} points"
        part = ConvertedPart(path="", name=element.name, kind="points", size=size)
        memory_bytes = task.options.memory_bytes
        return PointsJob(
            task=task,
            element=element,
            planned=Planned(parts=(part,), memory_bytes=3 * memory_bytes, n_steps=N_STEPS),
        )


def list_points(content: Content) -> list[PointsElement]:
    """The points of a dataset; the rows of a plain table with positions are points too."""
    points = [one for one in content.elements if isinstance(one, PointsElement)]
    if content.format != "table":
        return points
    return [
        PointsElement(
            name=table.name,
            path=table.path,
            n_points=table.n_obs,
            axes=table.position_columns,
            feature_key=next((one.name for one in table.obs_columns if one.name.lower() in FEATURE_NAMES), None),
        )
        for table in content.elements
        if isinstance(table, TableElement) and table.position_columns is not None
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsJob:
    """Points that are written."""

    task: Task[PointsOptions]
    element: PointsElement
    planned: Planned
    resumes: bool = False

    def write(self, place: Unfinished, progress: Progress | None) -> tuple[Finding, ...]:
        from vitrina.convert.points.write import write_points

        return write_points(
            self.task.source,
            self.task.content,
            self.element,
            place.path,
            place.path.with_name("scratch"),
            has_codes=True,
            memory_bytes=self.task.options.memory_bytes,
            progress=None if progress is None else lambda done, whole: progress(done * N_STEPS // whole, N_STEPS),
        )

    def verify(self, path: Path, progress: Progress | None) -> None:
        """Whether as many points can be read back as were written."""
        import pyarrow.parquet as pq

        n_rows = pq.ParquetFile(path).metadata.num_rows
        if self.element.n_points is not None and n_rows != self.element.n_points:
            raise DataError("verify-failed", f"{n_rows:,} points were read back, not {self.element.n_points:,}.")
        if progress is not None:
            progress(N_STEPS, N_STEPS)

    def list_companions(self, path: Path) -> list[Path]:
        del path
        return []
