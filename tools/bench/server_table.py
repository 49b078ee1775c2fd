"""The tables of the server: what was wanted and what came out, and the figures of all sides."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from table import build_markdown, print_cells, replace_section, tell_when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from server_processes import Load, Process
    from server_single import Genes, Memory

HEAD = ("", "KB", "connections", "answers/s", "CPU ms", "× nginx's CPU", "× nginx's rate", "half within, ms")
GOALS_HEAD = ("goal", "measured", "met")
FEW, MANY = 2, 64

METHOD = """\
Each server is one process with one worker, on loopback, asked by wrk for one chunk after the other. CPU is that of the
server's process, all threads, per answer. Sides took turns of {seconds:g} s; figures are medians of {turns} turns,
ratios medians of the ratios of single turns. nginx sends the files of the stored chunks with `sendfile`. Transcoded
tiles are 512 × 512 × 2 bytes, zlib with a predictor, each decoded anew; the floor is the same in one thread: read,
decode, encode. Meanwhile all else on the machine used {others:.2f} cores on average."""


@dataclass(slots=True)
class Side:
    """What a server is asked for.

    Attributes:
        name: Short.
        title: In the table.
        process: The server.
        paths: What is asked for, one after the other.
        missing: Why it is not measured; None where it is.
        loads: By connections, one per turn.
    """

    name: str
    title: str
    process: Process | None
    paths: Sequence[str]
    missing: str | None = None
    loads: dict[int, list[Load]] = field(default_factory=dict)


@dataclass(slots=True)
class Results:
    """All that was measured.

    Attributes:
        seconds: Of a turn.
        sides: The servers.
        floors_ms: CPU of one tile decoded and encoded, one per turn and number of connections.
        genes: Columns of a table.
        first_looks: Seconds until the coarsest level of a flat image was there, by file, one per start.
        plate: Seconds of the first tile of a plate, one per start.
        memory: Before and after many requests.
    """

    seconds: float
    sides: list[Side] = field(default_factory=list)
    floors_ms: list[float] = field(default_factory=list)
    genes: Genes | None = None
    first_looks: dict[str, list[float]] = field(default_factory=dict)
    plate: list[float] = field(default_factory=list)
    memory: Memory | None = None
    connections: tuple[int, ...] = (FEW, MANY)

    def find(self, name: str) -> Side | None:
        """A side that was measured, None for one that is missing."""
        return next((side for side in self.sides if side.name == name and side.missing is None), None)

    def compare(self, name: str, connections: int, get: Callable[[Load], float]) -> float | None:
        """The median ratio to nginx, turn by turn; None where either is missing."""
        side, nginx = self.find(name), self.find("nginx")
        if side is None or nginx is None:
            return None
        pairs = zip(side.loads[connections], nginx.loads[connections], strict=True)
        return statistics.median(get(one) / get(other) for one, other in pairs)

    def compare_with_floor(self) -> float | None:
        """CPU of transcoded tiles by the floor, turn by turn."""
        side = self.find("transcoded")
        if side is None:
            return None
        loads = [load for turn in zip(*(side.loads[n] for n in self.connections), strict=True) for load in turn]
        return statistics.median(load.cpu_ms / floor for load, floor in zip(loads, self.floors_ms, strict=True))

    def count_others(self) -> float:
        """Cores that all else used while load was made."""
        loads = [load for side in self.sides for turns in side.loads.values() for load in turns]
        return sum(load.others for load in loads) / max(sum(load.wall for load in loads), 1e-9)


def build_goals(results: Results) -> Iterator[tuple[str, str, str]]:
    """The rows of the goals."""
    for n in results.connections:
        cpu = results.compare("data", n, lambda load: load.cpu_ms)
        yield build_goal(f"stored chunk, {n} connections: at most 2 × nginx's CPU", cpu, "×", limit=2)
        rate = results.compare("data", n, lambda load: load.rate)
        yield build_goal(f"stored chunk, {n} connections: at least 0.3 × nginx's rate", rate, "×", least=0.3)
        for name, title in (
            ("zarr", "stored chunk by the gateway"),
            ("shards", "chunk of a shard"),
            ("tiles", "TIFF tile"),
        ):
            rate = results.compare(name, n, lambda load: load.rate)
            yield build_goal(f"{title}, {n} connections: at least 0.25 × nginx's rate", rate, "×", least=0.25)
    yield build_goal("transcoded tile: at most 1.3 × floor, CPU", results.compare_with_floor(), "×", limit=1.3)
    genes = results.genes
    yield build_goal(
        "a gene of 150,000 cells, warm: half within 8 ms", None if genes is None else genes.p50_ms, "ms", limit=8
    )
    for name, seconds in results.first_looks.items():
        title = f"first look at {name}, 8192² × 2 bytes, of a fresh server: coarsest level within 1 s"
        yield build_goal(title, statistics.median(seconds), "s", limit=1)
    title = "first tile of a plate of 384 wells with 9 fields each, all of which are read for it: within 1 s"
    yield build_goal(title, statistics.median(results.plate) if results.plate else None, "s", limit=1)
    memory = results.memory
    yield build_goal(
        f"memory after {memory.n_requests:,} more requests: at most 1.05 ×" if memory else "memory",
        None if memory is None else memory.after_mb / memory.before_mb,
        f"× {memory.before_mb:,.0f} MB" if memory else "",
        limit=1.05,
    )


def build_goal(
    title: str, value: float | None, unit: str, *, limit: float | None = None, least: float | None = None
) -> tuple[str, str, str]:
    """One row."""
    if value is None:
        return title, "not measured", ""
    is_met = (limit is None or value <= limit) and (least is None or value >= least)
    return title, f"{value:.3g} {unit}", "yes" if is_met else "NO"


def build_rows(results: Results) -> Iterator[tuple[str, ...]]:
    """The figures of all sides."""
    for side in results.sides:
        if side.missing is not None:
            yield (f"{side.title}: missing ({side.missing})", *("",) * (len(HEAD) - 1))
            continue
        for n, loads in side.loads.items():
            ratios = [results.compare(side.name, n, get) for get in (lambda load: load.cpu_ms, lambda load: load.rate)]
            yield (
                side.title,
                f"{sum(load.n_bytes for load in loads) / sum(load.n for load in loads) / 1e3:,.0f}",
                str(n),
                f"{statistics.median(load.rate for load in loads):,.0f}",
                f"{statistics.median(load.cpu_ms for load in loads):.3f}",
                *("" if ratio is None else f"{ratio:.2f}" for ratio in ratios),
                f"{statistics.median(load.p50_ms for load in loads):.2f}",
            )
    floor = statistics.median(results.floors_ms)
    yield ("floor of transcoded tiles: in one thread", "", "", f"{1e3 / floor:,.0f}", f"{floor:.3f}", "", "", "")
    if results.genes is not None:
        genes = results.genes
        rate, p50 = f"{genes.n / genes.wall:,.0f}", f"{genes.p50_ms:.2f}"
        yield ("/zarr: genes of 150,000 cells", f"{genes.kb:,.0f}", "1", rate, f"{genes.cpu_ms:.3f}", "", "", p50)


def print_tables(results: Results, machine: str) -> None:
    """Print both tables."""
    print_cells([GOALS_HEAD, *build_goals(results)])
    print()
    print_cells([HEAD, *build_rows(results)])
    print(f"\n{machine}\n{tell_method(results)}")


def write_tables(path: Path, results: Results, machine: str) -> None:
    """Put both tables in place of those before."""
    goals = build_markdown([GOALS_HEAD, *build_goals(results)])
    figures = build_markdown([HEAD, *build_rows(results)])
    method = tell_method(results)
    replace_section(path, "server", f"## The server\n\n{tell_when(machine)}\n{method}\n\n{goals}\n\n{figures}")


def tell_method(results: Results) -> str:
    """How it was measured, in words."""
    turns = len(results.floors_ms) // len(results.connections)
    return METHOD.format(seconds=results.seconds, turns=turns, others=results.count_others())
