"""Convert many datasets in one call, one after the other; one that fails stops no other."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from vitrina.errors import ConflictError, InputError, NotFoundError, StorageError, VitrinaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from vitrina.model.finding import Finding
    from vitrina.verbs.convert import Conversion

type State = Literal["made", "there", "failed", "waiting"]

SUFFIXES = {
    "ome-zarr": ".ome.zarr",
    "ome-tiff": ".ome.tif",
    "spatialdata": ".sdata.zarr",
    "anndata-zarr": ".anndata.zarr",
    "mudata-zarr": ".mudata.zarr",
    "points": ".points.zarr",
    "reference": ".reference.json",
}
"""What the name of a result gets, by its format; a format that is not here gets ``.NAME.zarr``."""

_LONG = (".ome.tiff", ".ome.tif", ".ome.zarr", ".sdata.zarr", ".zarr.zip")
"""Ends of names that are more than a suffix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One source of many, and what became of it.

    Attributes:
        source: The file or folder.
        target: Where its result goes; the key of what was added.
        state: ``made``; ``there`` for a result that a call before made of the same source; ``failed``; or ``waiting``
            where the call was stopped before.
        kind: Format of the result.
        size_bytes: Of the result.
        seconds: What it took.
        findings: What was guessed, odd or lost.
        error: Why it failed.
    """

    source: Path
    target: Path
    state: State = "waiting"
    kind: str | None = None
    size_bytes: int | None = None
    seconds: float | None = None
    findings: tuple[Finding, ...] = ()
    error: VitrinaError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What became of many.

    Attributes:
        items: In the order in which they were given.
        is_stopped: Whether the call was interrupted; the same call then goes on.
    """

    items: tuple[Item, ...]
    is_stopped: bool = False

    @property
    def n_failed(self) -> int:
        """How many failed."""
        return sum(item.state == "failed" for item in self.items)

    @property
    def n_waiting(self) -> int:
        """How many were not begun, or not finished."""
        return sum(item.state == "waiting" for item in self.items)


def plan_targets(
    sources: Sequence[Path], folder: Path, choose: Callable[[Path], str] | None = None, *, format_: str | None = None
) -> tuple[Item, ...]:
    """Where the result of each source goes: its name with the suffix of the format, in one folder.

    Args:
        sources: Files and folders.
        folder: Where results go.
        choose: Gives the format that a source is converted to, by what it holds.
        format_: The format of all of them, instead.

    Raises:
        InputError: Two sources would have the same result.
    """
    items: dict[Path, Item] = {}
    for source in sources:
        kind = format_
        error: VitrinaError | None = None
        try:
            kind = kind or (choose(source) if choose else "ome-zarr")
        except VitrinaError as err:
            error = err
        suffix = SUFFIXES.get(kind, f".{kind}.zarr") if kind else ".zarr"
        target = folder / f"{strip_suffix(source.name)}{suffix}"
        other = items.get(target)
        if other is not None:
            raise InputError(
                "targets-equal",
                f"{other.source} and {source} would both become {target}.",
                hint="Convert them in two calls, into two folders.",
            )
        items[target] = Item(
            source=source, target=target, kind=kind, state="failed" if error else "waiting", error=error
        )
    return tuple(items.values())


def convert_many(
    items: Sequence[Item],
    convert_one: Callable[[Item], Conversion],
    *,
    keeps_going: bool = True,
    overwrites: bool = False,
    tell: Callable[[Item], None] | None = None,
) -> Batch:
    """Convert each of many; what a call before made of the same, unchanged source is left as it is.

    Args:
        items: From ``plan_targets``.
        convert_one: Makes the result of one, such as ``convert`` with options.
        keeps_going: Whether one that fails stops no other.
        overwrites: Whether results that are there are made anew.
        tell: Called with each when it is done.
    """
    return do_each(
        items, lambda item: _convert(item, convert_one, overwrites=overwrites), keeps_going=keeps_going, tell=tell
    )


def do_each(
    items: Sequence[Item],
    act: Callable[[Item], Item],
    *,
    keeps_going: bool = True,
    tell: Callable[[Item], None] | None = None,
) -> Batch:
    """Do one thing with each of many, in order; an interruption stops cleanly between two of them, or in one.

    Args:
        items: What waits; those that failed already are only told.
        act: Gives an item as it is afterwards.
        keeps_going: Whether one that fails stops no other.
        tell: Called with each when it is done.
    """
    done: list[Item] = []
    is_stopped = False
    for position, item in enumerate(items):
        begun = time.perf_counter()
        try:
            now = item if item.error is not None else _try(item, act)
        except KeyboardInterrupt:
            is_stopped = True
            done.extend(items[position:])
            break
        if now.state != "waiting" and item.error is None:
            now = replace(now, seconds=time.perf_counter() - begun)
        done.append(now)
        if tell is not None:
            tell(now)
        if now.state == "failed" and not keeps_going:
            done.extend(items[position + 1 :])
            break
    return Batch(items=tuple(done), is_stopped=is_stopped)


def _try(item: Item, act: Callable[[Item], Item]) -> Item:
    try:
        return act(item)
    except VitrinaError as err:
        return replace(item, state="failed", error=err)
    except OSError as err:
        return replace(item, state="failed", error=_explain_os(item, err))


def _convert(item: Item, convert_one: Callable[[Item], Conversion], *, overwrites: bool) -> Item:
    if not overwrites and item.target.exists():
        if item.source.exists() and _is_newer(item.target, item.source):
            return replace(item, state="there", size_bytes=_measure(item.target))
        error = _explain_there(item)
        return replace(item, state="failed", error=error)
    made = convert_one(item)
    return replace(item, state="made", kind=made.format, size_bytes=made.size_bytes, findings=made.findings)


def _explain_there(item: Item) -> VitrinaError:
    if not item.source.exists():
        return NotFoundError("path-missing", f"There is no file or folder at {item.source}.", where=str(item.source))
    return ConflictError(
        "target-older",
        f"{item.target} is there, and {item.source} has changed since.",
        hint="Give --overwrite to make it anew.",
        where=str(item.target),
    )


def _explain_os(item: Item, err: OSError) -> VitrinaError:
    return StorageError("convert-io", f"{item.source} could not be converted: {err}.", where=str(item.target))


def strip_suffix(name: str) -> str:
    """A name without what says its format.

    >>> strip_suffix("run7.ome.tif"), strip_suffix("section.zarr"), strip_suffix("v1.2")
    ('run7', 'section', 'v1.2')
    """
    lower = name.lower()
    for suffix in _LONG:
        if lower.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and stem and suffix.isalnum() and not suffix.isdecimal() else name


def _is_newer(target: Path, source: Path) -> bool:
    """Whether nothing in the source has changed since the target was made."""
    return max(_list_changes(source)) <= max(_list_changes(target))


def _list_changes(path: Path) -> Iterator[float]:
    yield path.stat().st_mtime
    if path.is_dir():
        yield from (file.stat().st_mtime for file in path.rglob("*") if file.is_file())


def _measure(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def build_report(batch: Batch) -> dict[str, Any]:
    """The batch as JSON values, with the findings of each source."""
    from vitrina.model.jsonable import build_json

    return {
        "stopped": batch.is_stopped,
        "items": [
            {
                "source": str(item.source),
                "target": str(item.target),
                "state": item.state,
                "kind": item.kind,
                "size_bytes": item.size_bytes,
                "seconds": None if item.seconds is None else round(item.seconds, 3),
                "findings": [build_json(finding) for finding in item.findings],
                "error": None if item.error is None else _build_error(item.error),
            }
            for item in batch.items
        ],
    }


def _build_error(error: VitrinaError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "hint": error.hint, "where": error.where}
