"""Records as attributes, for completion with the Tab key."""

from __future__ import annotations

import keyword
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def build_lookup(records: Mapping[str, object]) -> SimpleNamespace:
    """A record per attribute, named by its name with everything but letters and digits as ``_``; the first one wins."""
    found: dict[str, object] = {}
    for name, record in records.items():
        found.setdefault(build_attribute(name), record)
    return SimpleNamespace(**found)


def build_attribute(name: str) -> str:
    """The name as a Python identifier: ``10x Xenium`` becomes ``_10x_xenium``."""
    attribute = re.sub(r"\W+", "_", name).strip("_").lower()
    is_bare = attribute.isidentifier() and not keyword.iskeyword(attribute)
    return attribute if is_bare else f"_{attribute}"
