"""The seam between a conversion and the formats that it can write: what a target must be able to do.

A target is one small class that satisfies ``Target``, in a module or package of its own below ``convert``, and one
entry in ``targets.TARGETS``:

1. ``options_type``: a frozen dataclass of what can be chosen, with a default for everything, and the target's name as
   ``format`` of the class. Its values must be such as ``dataclasses.asdict`` makes JSON of. Where it has a field
   ``pyramid: PyramidOptions``, its number of threads does not make another result.
2. ``check_content`` refuses, in words, what the target cannot hold.
3. ``plan`` decides everything that can be known before a byte is written, and opens what it reads; what must be closed
   goes on ``task.stack``. It gives a ``Job``.
4. ``Job.write`` writes to ``place.path``, a hidden place that nobody sees until it is renamed; what can go on where it
   stopped uses ``place.open_journal`` and says ``resumes``. It returns what only came out while it wrote, as findings.
5. ``Job.verify`` reads back what was written, when that is asked for.

The elements of the source are read through ``vitrina.readers.elements`` alone, so that a target knows no source.
Everything else is done once, in ``verbs.convert``: recipe, lock, going on, atomic appearance, replacing, sizes. Options
for the command line are one entry in ``cli.convert_formats``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack
    from pathlib import Path

    from vitrina.convert.unfinished import Unfinished
    from vitrina.model.content import Content
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source

    type Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedLevels:
    """One image of a result.

    Attributes:
        path: Where it lies in the result; its number for OME-TIFF.
        name: Its name.
        dtype: NumPy name.
        shapes: Size of each level in pixels, finest first, one entry per axis.
        axes: Letters of the axes.
        chunk_shape: Of a chunk or tile, one entry per axis.
    """

    path: str
    name: str
    dtype: str
    axes: str
    shapes: tuple[tuple[int, ...], ...]
    chunk_shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedPart:
    """One part of a result that is no image.

    Attributes:
        path: Where it lies in the result.
        name: Its name.
        kind: ``points``, ``shapes``, ``table`` or ``reference``.
        size: In words, such as ``1,000 points with 4 columns``.
    """

    path: str
    name: str
    kind: str
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a conversion is going to make.

    Attributes:
        images: Its images.
        parts: What else it holds.
        pixel_bytes: What the pixels of all levels take without compression.
        memory_bytes: What blocks of pixels, or batches of rows, in memory take at most.
        n_threads: Threads that work.
        n_steps: Steps of its progress.
        findings: What will be lost or was guessed, beyond what the reader of the source found.
        settled: Codes of what the reader found that does not hold of the result.
    """

    images: tuple[ConvertedLevels, ...] = ()
    parts: tuple[ConvertedPart, ...] = ()
    pixel_bytes: int = 0
    memory_bytes: int = 0
    n_threads: int = 1
    n_steps: int = 1
    findings: tuple[Finding, ...] = ()
    settled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task[Options]:
    """What is converted, and how.

    Attributes:
        source: The dataset.
        content: What its reader found.
        options: Of the target.
        stack: Closes what a plan opens.
        series: Only the images with these numbers; empty for all.
        element: Name of the only element that is converted, for targets that hold one; None where there is one.
        keeps_ome_xml: Whether OME-XML of the source is kept where the target has a place for it.
    """

    source: Source
    content: Content
    options: Options
    stack: ExitStack
    series: tuple[int, ...] = ()
    element: str | None = None
    keeps_ome_xml: bool = True


class Job(Protocol):
    """One conversion that is planned."""

    @property
    def planned(self) -> Planned:
        """What it makes."""

    @property
    def resumes(self) -> bool:
        """Whether an interrupted result can be gone on with; else it is thrown away."""

    def write(self, place: Unfinished, progress: Progress | None) -> tuple[Finding, ...]:
        """Write the result; the findings tell what only came out meanwhile.

        Raises:
            UnreadableError: The source is damaged.
            UnsupportedError: Something in it does not fit.
            StorageError: The result cannot be written; ``OSError`` too.
        """

    def verify(self, path: Path, progress: Progress | None) -> None:
        """Read the result back and compare it with the source.

        Raises:
            DataError: It differs.
            InputError: It cannot be compared.
        """

    def list_companions(self, path: Path) -> list[Path]:
        """Files beside the result that belong to it."""


class Target(Protocol):
    """A format that can be written. Targets have no state; one instance serves all conversions."""

    @property
    def name(self) -> str:
        """As ``--format`` says it."""

    @property
    def label(self) -> str:
        """As people call it."""

    @property
    def options_type(self) -> type[Any]:
        """What can be chosen; each target has a type of its own."""

    def check_content(self, source: Source, content: Content) -> None:
        """Whether it can hold anything of a dataset.

        Raises:
            UnsupportedError: It cannot.
        """

    def plan(self, task: Task[Any]) -> Job:
        """What is going to be made.

        Raises:
            InputError: An option makes no sense for this dataset.
            UnreadableError: The dataset is damaged.
            UnsupportedError: Something in it does not fit.
        """
