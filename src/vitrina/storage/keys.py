"""The grammar of keys: the only place that decides what may name stored bytes."""

from __future__ import annotations

import re

from vitrina.errors import InputError

MAX_KEY_LENGTH = 4096

_PART = r"(?!\.{1,2}(?:/|\Z))[^/\\\x00-\x1f\x7f\ud800-\udfff]+"
_KEY = re.compile(rf"{_PART}(?:/{_PART})*")


def check_key(key: str) -> str:
    """The key itself when it can only name something below the root.

    Allowed are parts of any characters except slashes, backslashes, control characters and lone surrogates (what Python
    makes of file names that are not UTF-8), separated by single slashes; a part is never empty, ``.`` or ``..``.

    Raises:
        InputError: The key is empty, too long, absolute, or could leave the root.
    """
    if len(key) > MAX_KEY_LENGTH or not _KEY.fullmatch(key):
        raise InputError(
            "key-malformed",
            f"{key[:200]!r} is not a key: parts separated by single slashes, none of them empty, '.' or '..'.",
            where=key[:200],
        )
    return key
