"""The table of figures, on the terminal and in the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from measure import Figure

HEAD = ("", "target", "Vitrina", "CPU", "limit", "LaminDB", "LaminDB CPU", "Vitrina to LaminDB", "met")
METHOD = """\
Medians of several repetitions after a warm-up. CPU is the processor time of one repetition, or of one thing where the
figure is a rate, of all threads. The limit is the least that must happen: Python alone, `cp -r` and `sync -f`, the
plainest query over the plainest tables, pandas alone. LaminDB was told that its instance is not on its hub, or it would
wait for a network."""
TITLE = "# Benchmarks\n\nMade by `make bench-catalog` and `make bench-convert`; see `tools/bench`.\n"


@dataclass(frozen=True, slots=True)
class Target:
    """A line of the table.

    Attributes:
        name: Of the figure.
        title: What is measured.
        unit: ``s``, ``ms``, ``/s`` (things a second) or ``MB/s``.
        goal: What we want; None where nothing was promised.
        others: Name of the figure of the other sides, where it is another; empty where they have none.
        size: Megabytes that one repetition moves.
        is_p95: Whether 95 of 100 repetitions must reach the goal, instead of the median.
        is_share: Whether the goal is a share of the limit.
    """

    name: str
    title: str
    unit: str
    goal: float | None
    others: str | None = None
    size: float = 0
    is_p95: bool = False
    is_share: bool = False

    @property
    def is_rate(self) -> bool:
        """Whether more is better."""
        return self.unit in {"/s", "MB/s"}

    def get_other_name(self) -> str:
        """Name of the figure of the other sides."""
        return self.name if self.others is None else self.others

    def get_value(self, figure: Figure) -> float:
        """The figure in the unit of this line."""
        seconds = figure.p95 if self.is_p95 else figure.wall
        if self.is_rate:
            return (self.size or figure.n) / seconds
        return seconds * 1_000 if self.unit == "ms" else seconds

    def tell_goal(self) -> str:
        """The goal in words."""
        if self.goal is None:
            return ""
        if self.is_share:
            return f"≥ {self.goal:g} × limit"
        return f"{'≥' if self.is_rate else '≤'} {self.goal:,g} {self.unit}"


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured for a target."""

    target: Target
    ours: Figure
    limit: Figure | None
    lamindb: Figure | None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        target = self.target
        if target.goal is None:
            return None
        value = target.get_value(self.ours)
        if not self.ours.is_valid:
            return False
        if target.is_share:
            return self.limit is not None and value >= target.goal * target.get_value(self.limit)
        return value >= target.goal if target.is_rate else value <= target.goal

    def build_cells(self) -> tuple[str, ...]:
        """The cells under HEAD."""
        ratio = ""
        if self.lamindb is not None:
            ours, theirs = self.target.get_value(self.ours), self.target.get_value(self.lamindb)
            ratio = f"{(ours / theirs if self.target.is_rate else theirs / ours):.1f} × as fast"
        return (
            self.target.title,
            self.target.tell_goal(),
            self._tell(self.ours),
            _tell_cpu(self.ours),
            "" if self.limit is None else self._tell(self.limit),
            "" if self.lamindb is None else self._tell(self.lamindb),
            "" if self.lamindb is None else _tell_cpu(self.lamindb),
            ratio,
            {True: "yes", False: "NO", None: ""}[self.is_met],
        )

    def _tell(self, figure: Figure) -> str:
        value = self.target.get_value(figure)
        return f"{value:,.0f} {self.target.unit}" if value >= 100 else f"{value:.3g} {self.target.unit}"


def print_table(lines: Sequence[Line], *, machine: str, has_lamindb: bool) -> None:
    """Print the table, and below it what came out of each measurement."""
    print_cells([HEAD, *(line.build_cells() for line in lines)])
    print(f"\n{machine}")
    if not has_lamindb:
        print("LaminDB: not installed (make lamindb-env)")
    for line in lines:
        sides = {"Vitrina": line.ours, "limit": line.limit, "LaminDB": line.lamindb}
        answers = (f"{side} {figure.answer}" for side, figure in sides.items() if figure is not None and figure.answer)
        print(f"  {line.target.title}: {'; '.join(answers)}")


def write_section(path: Path, lines: Sequence[Line], *, machine: str, has_lamindb: bool) -> None:
    """Put the table in place of the one before."""
    table = build_markdown([HEAD, *(line.build_cells() for line in lines)])
    lamindb = "" if has_lamindb else "\n\nLaminDB was not installed."
    replace_section(path, "catalog", f"## The catalog\n\n{tell_when(machine)}\n{METHOD}\n\n{table}{lamindb}")


def print_cells(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of cells, the head first, in columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def build_markdown(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells, the head first, as a table of a page."""
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *body))


def tell_when(machine: str) -> str:
    """The day, and the machine."""
    return f"{datetime.now(UTC):%Y-%m-%d}, on {machine}."


def replace_section(path: Path, name: str, text: str) -> None:
    """Put a text in place of the one before, between two marks in a page; at its end where there is none yet."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = path.read_text() if path.exists() else TITLE
    if begin not in page:
        page = f"{page.rstrip()}\n\n{begin}{end}\n"
    before, _, rest = page.partition(begin)
    path.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}")


def _tell_cpu(figure: Figure) -> str:
    milliseconds = figure.cpu * 1_000 / figure.n
    return f"{milliseconds:,.0f} ms" if milliseconds >= 100 else f"{milliseconds:.3g} ms"
