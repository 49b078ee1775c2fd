"""Names that look like a misspelt one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

N_NEAREST = 50
MIN_RATIO = 55.0
"""Of 100; below that two texts have less than about half of their letters in common."""


@dataclass(frozen=True, slots=True)
class KnownTexts:
    """The texts that terms are known by, next to each the name of its term.

    Attributes:
        folded: Without regard to case and signs.
        names: As long as ``folded``.
    """

    folded: tuple[str, ...]
    names: tuple[str, ...]


def build_known_texts(pairs: Sequence[tuple[str, str]]) -> KnownTexts:
    """From pairs of a name and a text."""
    from rapidfuzz.utils import default_process

    return KnownTexts(tuple(default_process(text) for _, text in pairs), tuple(name for name, _ in pairs))


def rank_similar(value: str, known: KnownTexts, *, limit: int) -> list[str]:
    """The names whose texts are most like the value, best first.

    Letter edits choose the nearest texts out of all, which is quick; among those, words in another order and words that
    are missing weigh less than letters.

    Source: https://rapidfuzz.github.io/RapidFuzz/Usage/fuzz.html
    """
    from rapidfuzz import fuzz, process
    from rapidfuzz.utils import default_process

    wanted = default_process(value)
    if not wanted:
        return []
    nearest = process.extract(wanted, known.folded, scorer=fuzz.ratio, limit=N_NEAREST, score_cutoff=MIN_RATIO)
    ranked = sorted(
        nearest, key=lambda found: (-max(found[1], 0.95 * fuzz.token_sort_ratio(wanted, found[0])), found[2])
    )
    return list(dict.fromkeys(known.names[index] for _, _, index in ranked))[:limit]
