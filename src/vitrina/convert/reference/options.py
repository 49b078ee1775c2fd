"""What can be chosen of references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

MAX_REFERENCES = 5_000_000
"""More take gigabytes of memory in every reader."""

MAX_INLINE_BYTES = 64 * 2**20
"""Texts and other values that cannot be read where they lie are written into the document, up to this size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceOptions:
    """How the document names the source.

    Attributes:
        source_url: Its address, for a source that readers find elsewhere; its path relative to the document unless
            given.
    """

    format: ClassVar[str] = "reference"
    source_url: str | None = None
