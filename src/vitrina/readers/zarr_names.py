"""Names that can be keys of Zarr and parts of paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RESERVED = frozenset({"_index", "zarr.json", ".zarray", ".zgroup", ".zattrs", ".zmetadata"})


def make_names_safe(names: Iterable[object]) -> list[str]:
    """Each name as a key: text without slashes, not empty, not only dots, and different from all others.

    Source: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html#node-names
    """
    wanted = [str(name) for name in names]
    taken = {name for name in wanted if _is_safe(name)}
    safe: list[str] = []
    seen: set[str] = set()
    for name in wanted:
        new = name if _is_safe(name) and name not in seen else _rename(name, taken | seen)
        seen.add(new)
        safe.append(new)
    return safe


def tell_renamed(names: Iterable[object], safe: Iterable[str], path: str) -> Iterator[Finding]:
    """What is told of names that were changed.

    Args:
        names: As they were.
        safe: As they are written.
        path: Of the group that they are in.
    """
    for name, new in zip(names, safe, strict=True):
        if str(name) != new:
            yield Finding(
                code="name-changed",
                severity="info",
                path=f"{path}/{new}#",
                message=f"{str(name)!r} in {path} is written as {new!r}: Zarr or another entry rules it out.",
            )


def _is_safe(name: str) -> bool:
    # two underscores at the start are reserved by Zarr 3
    return bool(name.strip(". ")) and not {"/", "\\", "\0"} & set(name) and name not in RESERVED and name[:2] != "__"


def _rename(name: str, taken: set[str]) -> str:
    for old in ("/", "\\", "\0"):
        name = name.replace(old, "_")
    base = name.lstrip("_") if name[:2] == "__" or name in RESERVED else name
    base = base if _is_safe(base) else f"unnamed{base.strip('. ')}"
    new, number = base, 0
    while new in taken or not _is_safe(new):
        number += 1
        new = f"{base}-{number}"
    return new
