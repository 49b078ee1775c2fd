"""Errors as JSON and back: what goes wrong in the sandbox is told as if it had gone wrong here."""

from __future__ import annotations

from typing import Any

from vitrina import errors
from vitrina.errors import VitrinaError

MAX_TEXT = 2_000
"""Longer texts of errors are cut: whoever is in the sandbox may write anything."""


def describe_error(error: VitrinaError) -> dict[str, Any]:
    """The error as JSON values."""
    return {
        "class": type(error).__name__,
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "where": error.where,
    }


def rebuild_error(described: dict[str, Any]) -> VitrinaError:
    """The error that was described; a plain UnreadableError where it makes no sense."""
    named = getattr(errors, str(described.get("class")), None)
    is_known = isinstance(named, type) and issubclass(named, VitrinaError)
    build: Any = named if is_known else errors.UnreadableError
    texts = {name: _cut(described.get(name)) for name in ("code", "message", "hint", "where")}
    rebuilt: VitrinaError = build(
        texts["code"] or "reader-failed", texts["message"] or "", hint=texts["hint"], where=texts["where"]
    )
    return rebuilt


def _cut(text: object) -> str | None:
    return text[:MAX_TEXT] if isinstance(text, str) else None
