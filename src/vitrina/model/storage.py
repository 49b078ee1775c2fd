"""Storage: a root for bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """A root under which bytes of artifacts lie.

    Attributes:
        url: Such as ``file:///data/lab``, without a slash at the end.
    """

    uid: str
    url: str
