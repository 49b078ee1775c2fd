"""User: who added, ran or may see something."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or service.

    Attributes:
        handle: Short unique name, such as ``ada``.
        name: Full name, or None.
    """

    uid: str
    handle: str
    name: str | None = None
