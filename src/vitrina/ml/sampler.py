"""Which tiles an epoch takes, and which of them one process of many takes.

A sampler says what is taken, never how it is read: the plan puts its choice into an order that decodes little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from vitrina.errors import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    type Ints = npt.NDArray[np.int64]
    type Floats = npt.NDArray[np.float64]


class Sampler(Protocol):
    """Chooses the tiles of an epoch."""

    def draw(self, n_tiles: int, rng: np.random.Generator) -> Ints:
        """Numbers below ``n_tiles``, each as often as the tile is to come; the order does not matter.

        Args:
            n_tiles: How many there are.
            rng: The same for the same seed and epoch.
        """

    def describe(self) -> dict[str, Any]:
        """What it does, as JSON values, to be kept with what was trained."""


@dataclass(frozen=True, slots=True)
class EveryTile:
    """Each tile once."""

    def draw(self, n_tiles: int, rng: np.random.Generator) -> Ints:  # noqa: ARG002 nothing is left to chance
        return np.arange(n_tiles, dtype=np.int64)

    def describe(self) -> dict[str, Any]:
        return {"kind": "every-tile"}


@dataclass(frozen=True, slots=True, eq=False)
class WeightedSampler:
    """Tiles by weight, with replacement.

    Attributes:
        weights: One per tile, not negative; a tile with twice the weight comes twice as often.
        n_drawn: Tiles per epoch; None for as many as there are.
    """

    weights: Floats
    n_drawn: int | None = None

    def draw(self, n_tiles: int, rng: np.random.Generator) -> Ints:
        """As evenly as the weights allow: each tile comes its expected number of times, rounded up or down."""
        weights = np.asarray(self.weights, np.float64)
        total = weights.sum()
        if len(weights) != n_tiles or not np.isfinite(total) or total <= 0 or weights.min() < 0:
            raise InputError(
                "weights-invalid",
                f"{n_tiles:,} finite weights that are not negative and not all zero are needed; "
                f"{len(weights):,} with a sum of {total:g} are given.",
                where="weights",
            )
        n_drawn = n_tiles if self.n_drawn is None else self.n_drawn
        points = (np.arange(n_drawn) + rng.random()) / max(n_drawn, 1)
        shuffled = rng.permutation(n_tiles)
        shuffled = shuffled[
            np.argsort(weights[shuffled], kind="stable")
        ]  # equal weights, such as a class, side by side
        steps = np.cumsum(weights[shuffled] / total)
        steps[-1] = 1.0
        drawn: Ints = shuffled[np.searchsorted(steps, points, side="right").clip(max=n_tiles - 1)]
        return drawn

    def describe(self) -> dict[str, Any]:
        return {"kind": "weighted", "n_drawn": self.n_drawn}


def build_balanced(codes: Ints, n_drawn: int | None = None) -> WeightedSampler:
    """A sampler that takes each class equally often; tiles with the code -1 never come.

    Args:
        codes: Class of each tile.
        n_drawn: Tiles per epoch; None for as many as have a class.
    """
    weights = count_weights(codes)[codes]
    weights[codes < 0] = 0.0
    return WeightedSampler(weights, int((codes >= 0).sum()) if n_drawn is None else n_drawn)


def count_weights(codes: Ints, n_classes: int | None = None) -> Floats:
    """Weight of each class, inverse to how often it occurs, with a mean of one over the tiles; 0 for absent ones.

    Args:
        codes: Class of each tile, -1 for none.
        n_classes: Number of classes; by default as many as occur.
    """
    counts = np.bincount(codes[codes >= 0], minlength=n_classes or 1).astype(np.float64)
    weights = np.zeros(len(counts))
    present = counts > 0
    weights[present] = counts.sum() / (present.sum() * counts[present])
    return weights


def take_part(ids: Ints, part: int, n_parts: int) -> Ints:
    """The share of one process: runs of neighbours, disjoint and together complete, of equal sizes give or take one.

    Args:
        ids: What all of them take, in an order in which neighbours share chunks.
        part: Number of the process.
        n_parts: How many there are.

    Raises:
        InputError: There is no such part.
    """
    if not 0 <= part < n_parts:
        raise InputError("part-invalid", f"Part {part} of {n_parts} does not exist; parts count from 0.", where="part")
    begin, end = len(ids) * part // n_parts, len(ids) * (part + 1) // n_parts
    return ids[begin:end]
