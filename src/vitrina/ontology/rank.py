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


def build_query(text: str, *, match_all: bool = True) -> str:
    """The FTS5 query for words that begin like those of the text; empty when it has none.

    Words have letters and digits only, and the quotes keep AND, OR, NOT and NEAR from being operators.

    Source: https://www.sqlite.org/fts5.html#full_text_query_syntax
    """
    words = dict.fromkeys(_WORD.findall(unicodedata.normalize("NFKC", text)))
    return (" AND " if match_all else " OR ").join(f'"{word}" *' for word in list(words)[:MAX_WORDS])


def rank_found(text: str, terms: Iterable[TermDraft]) -> list[TermDraft]:
    """Each term once: those with just this name first, then just this synonym, then the others in the order given.

    Among the others, names that begin with the text come first. Obsolete terms come last of all.
    """
    wanted = text.casefold().strip()
    distinct: dict[tuple[str, str | None], TermDraft] = {}
    for term in terms:
        distinct.setdefault((term.registry, term.ontology_id), term)
    return sorted(distinct.values(), key=lambda term: (term.is_obsolete, _get_tier(wanted, term)))


def _get_tier(wanted: str, term: TermDraft) -> int:
    name = term.name.casefold()
    if wanted in {name, (term.ontology_id or "").casefold()}:
        return 0
    if wanted in {synonym.casefold() for synonym in term.synonyms}:
        return 1
    return 2 if name.startswith(wanted) else 3
