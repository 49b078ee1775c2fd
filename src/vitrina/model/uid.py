"""Uids: 16 base62 characters for the family of versions, 4 for the version."""

from __future__ import annotations

import re
import secrets
import string

from vitrina.errors import InputError

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
FAMILY_LENGTH = 16
VERSION_LENGTH = 4
UID_LENGTH = FAMILY_LENGTH + VERSION_LENGTH
AFTER_BASE62 = "~"
"""Sorts after every character of a uid, so that uids between ``prefix`` and ``prefix~`` begin with the prefix."""

_UID = re.compile(rf"[0-9A-Za-z]{{{UID_LENGTH}}}")


def build_family() -> str:
    """A new random family: 95 bits, so that two instances never draw the same one."""
    return _write_number(secrets.randbelow(len(ALPHABET) ** FAMILY_LENGTH), FAMILY_LENGTH)


def build_version(number: int) -> str:
    """The four characters of version ``number``, counted from 1 in base 62, so that text order is version order.

    Raises:
        InputError: ``number`` is below 1 or does not fit four characters.
    """
    if not 1 <= number < len(ALPHABET) ** VERSION_LENGTH:
        raise InputError("version-out-of-range", f"Version {number} is not between 1 and 62^4 - 1.")
    return _write_number(number, VERSION_LENGTH)


def parse_version(version: str) -> int:
    """The number of a four-character version.

    Raises:
        InputError: It is not four base62 characters.
    """
    if len(version) != VERSION_LENGTH or any(char not in ALPHABET for char in version):
        raise InputError("version-malformed", f"{version!r} is not a version: four characters of 0-9, A-Z, a-z.")
    number = 0
    for char in version:
        number = number * len(ALPHABET) + ALPHABET.index(char)
    return number


def is_uid(text: str) -> bool:
    """Whether the text is a whole uid of 20 characters."""
    return _UID.fullmatch(text) is not None


def split_uid(uid: str) -> tuple[str, str]:
    """Family and version of a whole uid."""
    return uid[:FAMILY_LENGTH], uid[FAMILY_LENGTH:]


def _write_number(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
