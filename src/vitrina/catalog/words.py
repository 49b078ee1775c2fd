"""What an artifact is found by, and what a user's text asks for, both cut into words by the same rule. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.model.content import ImageElement, PointsElement, ShapesElement, TableElement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vitrina.model.content import Content, Element

MAX_BODY_WORDS = 10_000
MAX_QUERY_WORDS = 32

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchText:
    """Words separated by blanks: those of the key, which weigh more, and all others."""

    title: str
    body: str


def split_words(text: str) -> list[str]:
    """The words of a text: runs of letters and digits, so that ``/ _ - .`` and all other signs separate."""
    return _WORD.findall(unicodedata.normalize("NFKC", text))


def split_query(text: str) -> tuple[str, ...]:
    """The distinct words that a user asks for, without regard to case; at most MAX_QUERY_WORDS."""
    return tuple(dict.fromkeys(word.casefold() for word in split_words(text)))[:MAX_QUERY_WORDS]


def build_search_text(
    *, key: str, description: str | None, kind: str, content: Content, annotations: Iterable[str] = ()
) -> SearchText:
    """What an artifact is found by: key, description, kind, format, annotations, and the names inside it.

    Args:
        key: Of the artifact.
        description: Of the artifact.
        kind: Of the artifact.
        content: What a reader found in it.
        annotations: Names and synonyms of its labels and features.
    """
    texts = [description or "", kind, content.format, *annotations, *_list_names(content)]
    words = dict.fromkeys(word.casefold() for text in texts for word in split_words(text))
    return SearchText(
        title=" ".join(word.casefold() for word in split_words(key)),
        body=" ".join(list(words)[:MAX_BODY_WORDS]),
    )


def _list_names(content: Content) -> Iterator[str]:
    for element in content.elements:
        yield element.name
        yield from _list_inner_names(element)


def _list_inner_names(element: Element) -> Iterator[str]:
    match element:
        case ImageElement():
            yield from (channel.name for channel in element.channels)
        case TableElement():
            yield from (column.name for column in element.obs_columns)
        case PointsElement() | ShapesElement():
            yield from (column.name for column in element.columns)
