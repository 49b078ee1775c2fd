"""JSON text that every database takes and that comes back from each as the same value. Pure.

PostgreSQL takes neither ``NaN`` and the infinities, which Python writes although JSON has none, nor the character
U+0000, which JSON has. So the former are stored as null and the latter as U+FFFD, on every database.

Source: https://www.postgresql.org/docs/15/datatype-json.html, https://www.rfc-editor.org/rfc/rfc8259#section-6
"""

from __future__ import annotations

import json
import math
from typing import Any

NUL = "\0"
REPLACEMENT = "\ufffd"

_ESCAPED_NUL = "\\u0000"


def build_json_text(value: Any) -> str:
    """The compact JSON text of a value."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:  # NaN or an infinity
        return build_json_text(_replace(value))
    return build_json_text(_replace(value)) if _ESCAPED_NUL in text and _has_nul(value) else text


def _replace(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return None
        case str():
            return value.replace(NUL, REPLACEMENT)
        case dict():
            return {_replace(name): _replace(part) for name, part in value.items()}
        case list() | tuple():
            return [_replace(part) for part in value]
        case _:
            return value


def _has_nul(value: Any) -> bool:
    """Whether there is one indeed: the text has the same six characters for a backslash that is followed by u0000."""
    match value:
        case str():
            return NUL in value
        case dict():
            return any(_has_nul(name) or _has_nul(part) for name, part in value.items())
        case list() | tuple():
            return any(_has_nul(part) for part in value)
        case _:
            return False
