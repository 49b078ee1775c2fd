"""How long something takes: several times, the median, wall time next to CPU time.

On a busy machine the wall time says little, so CPU time stands beside it. A figure is the median of its samples.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One repetition, in seconds."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured.

    Attributes:
        samples: One per repetition, without those that warmed up.
        n: Things done in one repetition, such as artifacts registered.
        answer: What came out, so that the reader sees that the right thing was measured, and that two sides agree.
        is_valid: Whether what should go on meanwhile did go on; a figure that is not valid reaches no goal.
    """

    samples: tuple[Sample, ...]
    n: int = 1
    answer: str = ""
    is_valid: bool = True

    @property
    def wall(self) -> float:
        """Median seconds of one repetition."""
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def cpu(self) -> float:
        """Median CPU seconds of one repetition."""
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def p95(self) -> float:
        """Seconds that 95 of 100 repetitions stay below (nearest rank)."""
        ordered = sorted(sample.wall for sample in self.samples)
        return ordered[max(0, -(-95 * len(ordered) // 100) - 1)]

    def to_json(self) -> Any:
        """As JSON values, from one process to the other."""
        return asdict(self)


def parse_figure(value: Mapping[str, Any]) -> Figure:
    """A figure from the JSON values of another process."""
    samples = tuple(Sample(**sample) for sample in value["samples"])
    return Figure(samples=samples, n=value["n"], answer=value["answer"], is_valid=value["is_valid"])


def measure(
    function: Callable[..., object],
    *,
    repeats: int,
    warmups: int = 1,
    n: int = 1,
    prepare: Callable[[], object] | None = None,
    pause: float = 0.0,
    answer: Callable[[Any], str] = str,
) -> Figure:
    """Call a function in this process.

    Args:
        function: Given what ``prepare`` gave, where there is one.
        repeats: Samples that count.
        warmups: Calls before, which do not count.
        n: See Figure.
        prepare: Called before each call, outside of the time.
        pause: Seconds between calls, for questions that are asked while something else goes on.
        answer: Makes the answer of what the last call gave.
    """
    samples = []
    result: object = None
    for number in range(warmups + repeats):
        time.sleep(pause)
        arguments = () if prepare is None else (prepare(),)
        wall, cpu = time.perf_counter(), time.process_time()
        result = function(*arguments)
        sample = Sample(wall=time.perf_counter() - wall, cpu=time.process_time() - cpu)
        if number >= warmups:
            samples.append(sample)
    return Figure(samples=tuple(samples), n=n, answer=answer(result))


def measure_command(
    command: Sequence[str],
    *,
    repeats: int,
    warmups: int = 1,
    prepare: Callable[[], object] | None = None,
    **options: Any,
) -> Figure:
    """Run a command to its end; the CPU time is that of the process and of those that it waited for."""
    samples = []
    for number in range(warmups + repeats):
        if prepare is not None:
            prepare()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, **options)
        wall = time.perf_counter() - wall
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if number >= warmups:
            samples.append(Sample(wall=wall, cpu=cpu))
    return Figure(samples=tuple(samples))
