"""How ids, versions and synonyms are written, whatever file they come from. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_IRI = re.compile(r"https?://.*[/#]([A-Za-z]+)_([^/#]+)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_RELEASE = re.compile(r"(?:^|/)v?(\d+(?:\.\d+)*)(?:/|$)")


def shorten_id(text: str) -> str:
    """``EFO:0022615`` for ``http://www.ebi.ac.uk/efo/EFO_0022615``; what is no such address stays.

    Source: https://obofoundry.org/id-policy
    """
    found = _IRI.fullmatch(text)
    return f"{found[1]}:{found[2]}" if found else text


def get_prefix(ontology_id: str) -> str:
    """``UBERON`` of ``UBERON:0002048``, ``CVCL`` of ``CVCL_0030``; empty for other texts."""
    found = re.match(r"([A-Za-z][A-Za-z0-9]*)[:_]", ontology_id)
    return found[1] if found else ""


def parse_version(text: str | None) -> str | None:
    """``2026-04-01`` of ``uberon/releases/2026-04-01/uberon.owl``, ``3.90.0`` of ``.../v3.90.0/efo.owl``."""
    if not text:
        return None
    date, release = _DATE.search(text), _RELEASE.search(text)
    return date[0] if date else release[1] if release else text.strip()


def clean_synonyms(name: str, synonyms: Iterable[str]) -> tuple[str, ...]:
    """Each other text once and in one line, without the name."""
    texts = dict.fromkeys(" ".join(text.split()) for text in synonyms)
    return tuple(text for text in texts if text and text != name)
