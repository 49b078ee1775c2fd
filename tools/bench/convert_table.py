"""The tables of conversion: what each side took, what it wrote, and which goals are met."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from measure import Figure, Sample
from table import build_markdown, print_cells, replace_section, tell_when
from workloads import COMMON, DEFLATE_LEVEL, GOAL_SIDES, N_LEVELS, VIPS_LEVEL, WORKLOADS, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from worker import Taken

HEAD = (
    "",
    "s",
    "whole process, s",
    "CPU s",
    "peak memory",
    "MB/s in",
    "× limit",
    "CPU × limit",
    "ratio",
    "written",
    "level 0",
    "levels below, against the mean",
)
GOALS_HEAD = ("goal", "measured", "met")
LARGEST_RSS_BYTES = 300e6
LEAST_TIMES = 10
LONGEST_START_S = 1
METHOD = f"""\
Medians of repetitions in which all sides took turns, each in a process of its own that had converted a tiny image
before; *whole process* is `vitrina convert` from its start to its end. Before each conversion the source was read
once, the target put aside and the disk synced; nothing was synced afterwards. Peak memory is that of the process over
all repetitions, with what it has imported; in our rows that of `vitrina convert`. The limit is the time that the
codec alone takes for all chunks of the {N_LEVELS} levels, from memory, in as many threads as there are cores, and
where tiles are compressed also the time to decode them; each side stands beside the limit of the codec that it wrote.
Goals beside the limit are medians of ratios, over several starts: what a conversion took beside the seconds that its
threads were within the codec, by their number, since the same codec takes a third more or less from one second to the
next on a machine that others use too. Whether what is around the codec slows it down is seen from conversions that
call it twice for each chunk, the second time from memory; ratios are corrected by that. The start is what a whole
process took longer than one that had warmed up, one right after the other, on an image that is a quarter as large.
OME-TIFF is written from an OME-Zarr by us, with libdeflate {DEFLATE_LEVEL} and the horizontal predictor, and from raw
pixels on disk by libvips with the same predictor and zlib-ng, whose level 1 hardly compresses; its level {VIPS_LEVEL}
makes files as large as ours. Both halve until an image fits into a tile. The limit of OME-TIFF is to encode all our
tiles. Every pixel of every level was checked: level 0 against the source, the others against the mean of two by two
pixels of the level before, rounded half up."""


@dataclass(slots=True)
class Measured:
    """What a side took and wrote.

    Attributes:
        workload: What was converted.
        kind: ``limit``, ``vitrina``, ``cli`` or ``peers``; of ``beside`` and ``start`` only goals are told.
        name: Of the side; of the limit, what was measured.
        uses: Packages, versions and options.
        missing: Why there is nothing; None where there is something.
        taken: One per repetition.
        ratios: How many times as long each repetition took as the codec alone; of ``beside``.
        slowdowns: How many times as long the codec took within a conversion as alone; of ``beside``.
        starts_s: How much longer each whole process took than one that had warmed up; of ``start``.
        rss_bytes: Peak memory of the process.
        checked: What ``check_levels.py`` tells of the target.
        is_steady: Whether each repetition wrote as many files and bytes.
    """

    workload: Workload
    kind: str
    name: str
    uses: str = ""
    missing: str | None = None
    taken: tuple[Taken, ...] = ()
    ratios: tuple[float, ...] = ()
    slowdowns: tuple[float, ...] = ()
    starts_s: tuple[float, ...] = ()
    rss_bytes: float = 0
    checked: dict[str, Any] | None = None
    is_steady: bool = True

    @property
    def figure(self) -> Figure:
        """Its medians."""
        return Figure(samples=tuple(Sample(wall=taken.wall, cpu=taken.cpu) for taken in self.taken))

    @property
    def is_right(self) -> bool:
        """Whether level 0 is the source."""
        return self.checked is not None and self.checked["n_wrong"] == 0 and self.is_steady


class Results:
    """All that was measured of a workload.

    Args:
        measured: All sides of all workloads.
        workload: Which of them.
    """

    def __init__(self, measured: Sequence[Measured], workload: Workload) -> None:
        self.workload = workload
        self._measured = {(one.kind, one.name): one for one in measured if one.workload == workload}

    def find(self, kind: str, name: str) -> Measured | None:
        """What was measured of a side, where something was."""
        found = self._measured.get((kind, name))
        return found if found is not None and found.missing is None else None

    def find_limit(self, codec: str) -> Figure | None:
        """The least time for a codec, with that for the tiles of the source where they must be decoded."""
        limit, decode = self.find("limit", codec), self.find("limit", "decode")
        if limit is None or codec == "deflate" or decode is None:
            return None if limit is None else limit.figure
        both = zip(limit.figure.samples, decode.figure.samples, strict=True)
        return Figure(samples=tuple(Sample(wall=a.wall + b.wall, cpu=a.cpu + b.cpu) for a, b in both))

    def build_rows(self) -> Iterator[tuple[str, ...]]:
        """The rows of the table: limits, ours, others."""
        yield self._pad(f"**{self.workload.title}**, {self.workload.size_bytes / 1e6:,.0f} MB")
        for (kind, name), measured in self._measured.items():
            if kind in {"cli", "beside", "start"}:
                continue
            title = self._tell_title(kind, name, measured)
            if measured.missing is not None:
                yield self._pad(f"{title}: missing ({measured.missing})")
            elif kind == "limit":
                figure, rate = measured.figure, self.workload.size_bytes / measured.figure.wall / 1e6
                yield self._pad(title, tell(figure.wall), "", tell(figure.cpu), "", f"{rate:,.0f}")
            else:
                yield self._build_row(title, measured)

    def _build_row(self, title: str, measured: Measured) -> tuple[str, ...]:
        figure, checked = measured.figure, measured.checked or {}
        cli = self.find("cli", measured.name) if measured.kind == "vitrina" else None
        whole = "missing" if ("cli", measured.name) in self._measured and measured.kind == "vitrina" else ""
        limit = self.find_limit(checked["codec"])
        rss_bytes = measured.rss_bytes if cli is None else cli.rss_bytes
        n_wrong = checked["n_wrong"]
        return (
            title,
            tell(figure.wall),
            whole if cli is None else tell(cli.figure.wall),
            tell(figure.cpu),
            f"{rss_bytes / 1e6:,.0f} MB",
            f"{self.workload.size_bytes / figure.wall / 1e6:,.0f}",
            "" if limit is None else f"{figure.wall / limit.wall:.2f}",
            "" if limit is None else f"{figure.cpu / limit.cpu:.2f}",
            f"{self._count_bytes(checked['n_levels']) / checked['size_bytes']:.2f}",
            f"{checked['n_files']:,} files, {checked['uses']}" + ("" if measured.is_steady else ", SIZE VARIES"),
            "equal" if n_wrong == 0 else f"{n_wrong:,} PIXELS DIFFER",
            f"{checked['n_levels'] - 1}: {checked['levels']}" if checked["n_levels"] > 1 else "none",
        )

    def _tell_title(self, kind: str, name: str, measured: Measured) -> str:
        if kind == "limit":
            if name == "decode":
                return "limit: decode the JPEG tiles"
            return f"limit: deflate {DEFLATE_LEVEL} of all TIFF tiles" if name == "deflate" else f"limit: {name}"
        return measured.uses or name

    def _count_bytes(self, n_levels: int) -> int:
        """Of the pixels of the levels."""
        return sum(self.workload.size_bytes >> 2 * level for level in range(n_levels))

    def _pad(self, *cells: str) -> tuple[str, ...]:
        return (*cells, *("",) * (len(HEAD) - len(cells)))

    def build_goals(self) -> Iterator[tuple[str, ...]]:
        """The rows of the goals."""
        title = self.workload.title.partition(":")[0]
        for name in GOAL_SIDES:
            one = self.find("beside", name)
            goal = f"{title}: at most {self.workload.goal:.2f} × limit, {COMMON} ({name})"
            ratio = None if one is None else statistics.median(one.ratios)
            unit = (
                "× limit" if one is None else f"× limit ({tell_range(one.ratios)}; codec {tell_range(one.slowdowns)})"
            )
            yield build_goal(goal, one, ratio, unit, is_met=ratio is not None and ratio <= self.workload.goal)
        if self.workload.name.startswith("w1"):
            one, other = self.find("cli", "sharded"), self.find("peers", "ome-zarr-default")
            rss_bytes = None if one is None else one.rss_bytes
            goal = f"{title}: at most {LARGEST_RSS_BYTES / 1e6:.0f} MB of memory, `vitrina convert`"
            is_met = rss_bytes is not None and rss_bytes <= LARGEST_RSS_BYTES
            yield build_goal(goal, one, None if rss_bytes is None else rss_bytes / 1e6, "MB", is_met=is_met)
            one = self.find("vitrina", "default")
            times = None if one is None or other is None else other.figure.wall / one.figure.wall
            goal = f"{title}: our default at least {LEAST_TIMES} × as fast as ome-zarr-py's"
            yield build_goal(goal, one, times, "× as fast", is_met=times is not None and times >= LEAST_TIMES)
        one, start = self.find("cli", "default"), self.find("start", "default")
        start_s = None if start is None else statistics.median(start.starts_s)
        goal = f"{title}: less than {LONGEST_START_S} s to start `vitrina convert`, our default"
        unit = "s" if start is None else f"s ({tell_range(start.starts_s)}; {start.uses.partition(':')[0]})"
        yield build_goal(goal, one, start_s, unit, is_met=start_s is not None and start_s < LONGEST_START_S)
        one = self.find("vitrina", "tiff")
        for name, level in (("vips", DEFLATE_LEVEL), ("vips-alike", VIPS_LEVEL)):
            other = self.find("peers", name)
            times = None if one is None or other is None else other.figure.wall / one.figure.wall
            goal = f"{title}: OME-Zarr to OME-TIFF faster than libvips with deflate {level}"
            yield build_goal(goal, one, times, "× as fast", is_met=times is not None and times > 1)


def build_goal(goal: str, one: Measured | None, value: float | None, unit: str, *, is_met: bool) -> tuple[str, ...]:
    """A row of the goals; what is not right or not exact meets none."""
    if one is None or value is None:
        return goal, "not measured", ""
    if not one.is_right or not (one.checked or {})["is_exact"]:
        return goal, f"{value:,.3f} {unit}, with wrong pixels", "NO"
    return goal, f"{value:,.3f} {unit}", "yes" if is_met else "NO"


def tell_range(values: Sequence[float]) -> str:
    """The least and the largest."""
    return f"{min(values):.3f} to {max(values):.3f}"


def tell(value: float) -> str:
    """A number with three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def build_tables(measured: Sequence[Measured]) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Rows of the goals and of the figures, each with its head."""
    names = dict.fromkeys(one.workload.name for one in measured)
    results = [Results(measured, WORKLOADS[name]) for name in names]
    goals = [row for result in results for row in result.build_goals()]
    return [GOALS_HEAD, *goals], [HEAD, *(row for result in results for row in result.build_rows())]


def tell_others(measured: Sequence[Measured]) -> str:
    """How much of the machine something else used while conversions ran."""
    taken = [one for side in measured for one in side.taken]
    wall, others = sum(one.wall for one in taken), sum(one.others for one in taken)
    return f"Meanwhile all else on the machine used {others / wall if wall else 0:.2f} cores on average."


def print_tables(measured: Sequence[Measured], *, machine: str) -> None:
    """Print both tables."""
    goals, figures = build_tables(measured)
    print_cells(figures)
    print()
    print_cells(goals)
    print(f"\n{machine}\n{tell_others(measured)}")


def write_tables(path: Path, measured: Sequence[Measured], *, machine: str) -> None:
    """Put both tables in place of those before."""
    goals, figures = (build_markdown(rows) for rows in build_tables(measured))
    text = f"## Conversion\n\n{tell_when(machine)} {tell_others(measured)}\n{METHOD}\n\n{goals}\n\n{figures}"
    replace_section(path, "convert", text)
