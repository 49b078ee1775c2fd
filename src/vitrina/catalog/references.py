"""The ways in which a user may name an artifact, and what to look for in which order. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from vitrina.model.uid import ALPHABET, FAMILY_LENGTH, UID_LENGTH, VERSION_LENGTH

MIN_PREFIX_LENGTH = 4

_BASE62 = re.compile(rf"[0-9A-Za-z]{{{MIN_PREFIX_LENGTH},{UID_LENGTH}}}")
_VERSIONED = re.compile(rf"(.+)@([{ALPHABET}]{{{VERSION_LENGTH}}})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One way to understand a reference.

    Attributes:
        by: What ``value`` is; a prefix may end anywhere inside a uid.
        version: Four characters; None for the latest one. Meaningless for ``uid``.
    """

    by: Literal["key", "uid", "family", "prefix"]
    value: str
    version: str | None = None


def plan_lookups(ref: str) -> tuple[Lookup, ...]:
    """What a reference may mean, the meaning that wins first.

    An exact key wins over everything; then ``key@0001``, a whole uid (20 characters), a family (16, with ``@0001`` for
    a given version), and the beginning of a uid (4 or more).
    """
    lookups = [Lookup(by="key", value=ref)]
    if match := _VERSIONED.fullmatch(ref):
        base, version = match.groups()
        lookups.append(Lookup(by="key", value=base, version=version))
        if len(base) == FAMILY_LENGTH and _BASE62.fullmatch(base):
            lookups.append(Lookup(by="family", value=base, version=version))
    if _BASE62.fullmatch(ref):
        if len(ref) == UID_LENGTH:
            lookups.append(Lookup(by="uid", value=ref))
        elif len(ref) == FAMILY_LENGTH:
            lookups.append(Lookup(by="family", value=ref))
        else:
            lookups.append(Lookup(by="prefix", value=ref))
    return tuple(lookups)
