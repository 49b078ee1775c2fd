"""A catalog to measure on: artifacts with labels from hierarchies, and texts, the same for all that are measured.

Real annotations are lopsided: a few tissues, assays and words are on most datasets and most are on few. Labels and
words are therefore drawn with probabilities that fall as the inverse of their rank (Zipf's law), from a fixed seed.

Source: https://en.wikipedia.org/wiki/Zipf%27s_law
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 7
EXPONENT = 1.05
CHILDREN = 5
"""Terms directly below a term: the hierarchies of ontologies are about as bushy."""

N_WORDS = 30_000
SPECIAL_WORDS = ("lung", "adenocarcinoma", "visium", "xenium", "mouse", "kidney", "spatial", "cortex")
"""The commonest words, so that a search for them is the hardest."""

FOUR = {"Tissue": 400, "ExperimentalFactor": 60, "Disease": 300, "ULabel": 2_000}
"""Terms of each of the four labels that an artifact has in the catalog of 100,000."""

FIVE = {"Tissue": 2_000, "CellType": 2_500, "Disease": 3_000, "ExperimentalFactor": 150, "Organism": 30}
"""Terms of each of the five labels that an artifact has in the catalog of 1,000,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortTerm:
    """A term to label with.

    Attributes:
        registry: Class name, such as ``Tissue``.
        number: Counts the terms of the registry, from 0.
        name: Unique in the registry.
        parent: Number of the term above; None at the root.
    """

    registry: str
    number: int
    name: str
    parent: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortArtifact:
    """An artifact: its number, key and description, and the number of its term in each registry."""

    number: int
    key: str
    description: str
    terms: tuple[int, ...]


class Cohort:
    """Terms and artifacts.

    Args:
        n_artifacts: How many.
        sizes: Terms of each registry. Roots label nothing, as in real life.
    """

    def __init__(self, n_artifacts: int, sizes: dict[str, int]) -> None:
        self.n_artifacts = n_artifacts
        self.sizes = sizes
        rng = np.random.default_rng(SEED)
        self._terms = np.stack([_draw(rng, size, n_artifacts) for size in sizes.values()], axis=1)
        words = np.array([f"w{number:05d}" for number in range(N_WORDS)])
        words[: len(SPECIAL_WORDS)] = SPECIAL_WORDS
        self._words = words
        self._weights = _weigh(N_WORDS)

    def list_terms(self) -> list[CohortTerm]:
        """All terms, each after the term above it."""
        return [
            CohortTerm(
                registry=registry,
                number=number,
                name=f"{registry.lower()} {number}",
                parent=(number - 1) // CHILDREN if number else None,
            )
            for registry, size in self.sizes.items()
            for number in range(size)
        ]

    def list_artifacts(self) -> Iterator[CohortArtifact]:
        """All artifacts."""
        batch = 10_000
        for first in range(0, self.n_artifacts, batch):
            last = min(first + batch, self.n_artifacts)
            rng = np.random.default_rng((SEED, first))
            texts = self._words[rng.choice(N_WORDS, (last - first, 10), p=self._weights)]
            for number, text, terms in zip(range(first, last), texts, self._terms[first:last], strict=True):
                yield CohortArtifact(
                    number=number,
                    key=f"{text[0]}/{text[1]}/sample_{number:07d}.h5ad",
                    description=" ".join(text[2:]),
                    terms=tuple(int(term) for term in terms),
                )

    def count_both(self, first: tuple[str, int], second: tuple[str, int]) -> int:
        """How many artifacts have exactly both of two terms, each given by registry and number."""
        columns = list(self.sizes)
        has = [self._terms[:, columns.index(registry)] == number for registry, number in (first, second)]
        return int(np.sum(has[0] & has[1]))

    def rank_terms(self, registry: str) -> list[int]:
        """Numbers of the terms of a registry, those on most artifacts first."""
        column = self._terms[:, list(self.sizes).index(registry)]
        return [
            int(number) for number in np.argsort(-np.bincount(column, minlength=self.sizes[registry]), kind="stable")
        ]


def _weigh(size: int) -> np.ndarray:
    weights = 1.0 / np.arange(1, size + 1) ** EXPONENT
    return weights / weights.sum()


def _draw(rng: np.random.Generator, size: int, n: int) -> np.ndarray:
    """Terms for ``n`` artifacts; which of them are common does not depend on their place in the hierarchy."""
    ranked = rng.permutation(np.arange(1, size))
    return ranked[rng.choice(size - 1, n, p=_weigh(size - 1))]
