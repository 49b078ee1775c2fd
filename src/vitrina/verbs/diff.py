"""Compare two artifacts, as a rule two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.model.difference import ContentChange, Difference, FileChange
from vitrina.model.jsonable import build_json
from vitrina.verbs.manifest import read_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vitrina.model.artifact import Artifact
    from vitrina.model.content import Content
    from vitrina.storage.hashing import HashedFile
    from vitrina.verbs.instance import Instance


def diff(instance: Instance, old: Artifact, new: Artifact) -> Difference:
    """What changed from one artifact to another: files, and what they contain.

    Files are compared by the hashes that were written down when they were saved; nothing is read for that.

    Raises:
        NotFoundError: No hashes were written down, and the bytes are gone.
        StorageError: No hashes were written down, and the bytes cannot be read.
    """
    old_files, new_files = read_files(instance, old), read_files(instance, new)
    changes = tuple(compare_files(old_files, new_files))
    n_changed = sum(change.kind != "added" for change in changes)
    return Difference(
        old_uid=old.uid,
        new_uid=new.uid,
        n_unchanged=len(old_files) - n_changed,
        files=changes,
        contents=tuple(compare_contents(old.content, new.content)),
    )


def compare_files(old: Iterable[HashedFile], new: Iterable[HashedFile]) -> Iterator[FileChange]:
    """The files that are only on one side, or differ, by path. Pure."""
    before = {file.name: file for file in old}
    after = {file.name: file for file in new}
    for path in sorted(before.keys() | after.keys()):
        left, right = before.get(path), after.get(path)
        if left is None and right is not None:
            yield FileChange(path=path, kind="added", old_size_bytes=None, new_size_bytes=right.size_bytes)
        elif left is not None and right is None:
            yield FileChange(path=path, kind="removed", old_size_bytes=left.size_bytes, new_size_bytes=None)
        elif left is not None and right is not None and left != right:
            yield FileChange(path=path, kind="changed", old_size_bytes=left.size_bytes, new_size_bytes=right.size_bytes)


def compare_contents(old: Content, new: Content) -> Iterator[ContentChange]:
    """What two contents say differently; elements, columns and channels are matched by name. Pure."""
    left, right = (_index_names(build_json(content)) for content in (old, new))
    for side in (left, right):
        side.pop("findings")
    yield from _compare("", left, right)


def _compare(path: str, old: Any, new: Any) -> Iterator[ContentChange]:
    if old == new:
        return
    old, new = ({} if side == [] else side for side in (old, new))  # an empty list of things with names has none
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield ContentChange(path=path, kind="changed", old=old, new=new)
        return
    for name in (*old, *(name for name in new if name not in old)):
        inner = f"{path}/{name}" if path else name
        if name not in new:
            yield ContentChange(path=inner, kind="removed", old=old[name], new=None)
        elif name not in old:
            yield ContentChange(path=inner, kind="added", old=None, new=new[name])
        else:
            yield from _compare(inner, old[name], new[name])


def _index_names(value: Any) -> Any:
    """The same value with lists of things that have names as objects by name."""
    if isinstance(value, dict):
        return {name: _index_names(inner) for name, inner in value.items()}
    if not isinstance(value, list) or not value:
        return value
    names = [item.get("name") if isinstance(item, dict) else None for item in value]
    if None in names or len(set(names)) < len(names):
        return value
    return {name: _index_names(item) for name, item in zip(names, value, strict=True)}
