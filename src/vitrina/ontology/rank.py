"""What a search text asks the word index for, and in which order the answers are shown. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.model.term import TermDraft

MAX_WORDS = 32

_WORD = re.compile(r"[^\W_]+")


def build_queries(text: str) -> tuple[str, ...]:
    """FTS5 queries for terms with all words of a text, the stricter one first; none for a text without words.

    First its words, the last one perhaps unfinished, then each word as the beginning of one. Words have letters and
    digits only, and the quotes keep AND, OR, NOT and NEAR from being operators.

    Source: https://www.sqlite.org/fts5.html#full_text_query_syntax
    """
    words = [f'"{word}"' for word in split_words(text)]
    begun = [f"{word} *" for word in words]
    return tuple(dict.fromkeys((" AND ".join([*words[:-1], *begun[-1:]]), " AND ".join(begun)))) if words else ()


def build_loose_query(text: str) -> str:
    """The FTS5 query for terms with any word that begins like one of a text; empty for a text without words."""
    return " OR ".join(f'"{word}" *' for word in split_words(text))


def split_words(text: str) -> list[str]:
    """The distinct words of a text, at most MAX_WORDS."""
    return list(dict.fromkeys(_WORD.findall(unicodedata.normalize("NFKC", text))))[:MAX_WORDS]


def rank_found(text: str, terms: Iterable[TermDraft]) -> list[TermDraft]:
    """Each term once, the best first; those that fit equally well in the order given.

    Best are terms with just this name or id, then just this synonym, then names that begin with the text (the shorter
    the better), then names that contain it, then all others. Obsolete terms come last of all.
    """
    wanted = text.casefold().strip()
    distinct: dict[tuple[str, str | None], TermDraft] = {}
    for term in terms:
        distinct.setdefault((term.registry, term.ontology_id), term)
    return sorted(distinct.values(), key=lambda term: (term.is_obsolete, *_rank(wanted, term)))


def _rank(wanted: str, term: TermDraft) -> tuple[int, int]:
    name = term.name.casefold()
    if wanted in {name, (term.ontology_id or "").casefold()}:
        return 0, 0
    if wanted in {synonym.casefold() for synonym in term.synonyms}:
        return 1, 0
    if name.startswith(wanted):
        return 2, len(name)
    return (3, 0) if wanted in name else (4, 0)
