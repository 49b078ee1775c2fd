"""The names that were probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

N_NEAREST = 3
MIN_SCORE = 60
"""Similarity in percent below which names have nothing to do with each other."""


def list_nearest(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """The candidates that look most like a name, best first; another case costs nothing."""
    from rapidfuzz import fuzz, process
    from rapidfuzz.utils import default_process

    found = process.extract(
        name, list(candidates), scorer=fuzz.ratio, processor=default_process, limit=N_NEAREST, score_cutoff=MIN_SCORE
    )
    return tuple(candidate for candidate, *_ in found)


def suggest(name: str, candidates: Sequence[str], *, otherwise: str = "There is") -> str | None:
    """A sentence with the nearest candidates; with the first few of all where none is near; None without any."""
    nearest = list_nearest(name, candidates)
    if nearest:
        return f"Did you mean {' or '.join(map(repr, nearest))}?"
    return f"{otherwise} {join_some(candidates)}." if candidates else None


def join_some(names: Sequence[object], limit: int = 10) -> str:
    """The first names, quoted, and how many more there are."""
    shown = ", ".join(repr(str(name)) for name in names[:limit])
    return f"{shown} and {len(names) - limit:,} more" if len(names) > limit else shown
