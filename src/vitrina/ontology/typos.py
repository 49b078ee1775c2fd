"""Texts that look like a misspelt one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

N_NEAREST = 60
MIN_RATIO = 55.0
"""Of 100: below, two texts have hardly more letters in common than any two."""

MIN_SCORE = 70.0


def find_near(value: str, texts: Sequence[str]) -> list[str]:
    """The texts that the fewest edits of letters separate from a value, in any case; quick for 100,000."""
    from rapidfuzz import fuzz, process

    near = process.extract(value.casefold(), texts, scorer=fuzz.ratio, limit=N_NEAREST, score_cutoff=MIN_RATIO)
    return [text for text, _, _ in near]


def rank_similar(value: str, texts: Sequence[str]) -> list[str]:
    """The texts that are like a value, best first, each once."""
    scored = [(score_similar(value, text), text) for text in dict.fromkeys(texts)]
    return [text for score, text in sorted(scored, key=lambda pair: (-pair[0], len(pair[1]))) if score >= MIN_SCORE]


def score_similar(value: str, text: str) -> float:
    """How alike two texts are, 100 at most, without regard to case and signs.

    Edits of letters count in full; likeness of parts, as of one word among others, a tenth less.

    Source: https://rapidfuzz.github.io/RapidFuzz/Usage/fuzz.html#wratio
    """
    from rapidfuzz import fuzz
    from rapidfuzz.utils import default_process

    ours, theirs = default_process(value), default_process(text)
    return max(fuzz.ratio(ours, theirs), 0.9 * fuzz.WRatio(ours, theirs))
