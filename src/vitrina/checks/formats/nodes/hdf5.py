"""Groups and arrays of an HDF5 file. External links, virtual datasets and external storage are never followed.

Source: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.nodes.node import BrokenNodeError, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy.typing as npt

MAX_SOFT_LINKS: Final = 16
"""Soft links that are followed one after another."""

MAX_ATTRIBUTE_VALUES: Final = 2**20
"""Longer attributes are cut."""


class Hdf5Node:
    """A group or dataset.

    Args:
        stored: What h5py opened.
        path: Where it was found.
        beat: Called before anything is read.
    """

    def __init__(self, stored: Any, path: str, beat: Callable[[], None]) -> None:
        self._stored = stored
        self._beat = beat
        self.path = path

    @cached_property
    def is_group(self) -> bool:
        return hasattr(self._stored, "keys")

    @cached_property
    def attrs(self) -> Mapping[str, Any]:
        with _guarding(self._beat, self.path, "its attributes"):
            return {str(name): _to_plain(self._stored.attrs[name]) for name in self._stored.attrs}

    @cached_property
    def shape(self) -> tuple[int, ...]:
        if self.is_group:
            return ()
        with _guarding(self._beat, self.path, "its shape"):
            return tuple(int(size) for size in self._stored.shape or ())

    @cached_property
    def dtype(self) -> str:
        import h5py

        if self.is_group:
            return "object"
        with _guarding(self._beat, self.path, "its data type"):
            dtype = self._stored.dtype
            if dtype.names:
                return "compound"
            if h5py.check_string_dtype(dtype) is not None or dtype.kind in {"S", "U"}:
                return "string"
            return "object" if dtype.kind in {"O", "V"} else str(dtype.name)

    @cached_property
    def chunk_shape(self) -> tuple[int, ...] | None:
        with _guarding(self._beat, self.path, "its layout"):
            chunks = None if self.is_group else self._stored.chunks
            return None if chunks is None else tuple(int(size) for size in chunks)

    def list_names(self) -> list[str]:
        if not self.is_group:
            return []
        with _guarding(self._beat, self.path, "its content"):
            return sorted(str(name) for name in self._stored)

    def find(self, name: str) -> Hdf5Node | None:
        if not self.is_group or not name or "/" in name or name == ".":
            return None
        path = join(self.path, name)
        with _guarding(self._beat, path, "its link"):
            return _open(self._stored, name, path, self._beat, n_links=0)

    def read(self, start: int, stop: int) -> npt.NDArray[Any]:
        import numpy as np

        with _guarding(self._beat, self.path, "its values"):
            values = self._stored[start:stop] if self.shape else self._stored[()]
            if self.dtype != "string":
                return np.asarray(values)
            return np.asarray([_to_text(value) for value in np.atleast_1d(values).ravel()], dtype=object)


@contextmanager
def open_hdf5(path: Any, beat: Callable[[], None]) -> Iterator[Hdf5Node]:
    """The root of a file; ``beat`` is called before anything of it is read."""
    import h5py

    with h5py.File(path, "r") as file:
        yield Hdf5Node(file, "", beat)


def _open(group: Any, name: str, path: str, beat: Callable[[], None], n_links: int) -> Hdf5Node | None:
    import h5py

    link = group.get(name, getlink=True)
    if link is None:
        return None
    if isinstance(link, h5py.ExternalLink):
        raise _outside(path, f"links to {str(link.path)[:80]!r} in another file, {str(link.filename)[:80]!r}")
    if isinstance(link, h5py.SoftLink):
        return _follow(group, str(link.path), path, beat, n_links + 1)
    stored = group[name]
    if isinstance(stored, h5py.Dataset):
        if stored.is_virtual:
            raise _outside(path, "is a virtual dataset, whose values lie in other files or datasets")
        if stored.external:
            raise _outside(path, f"has its values in another file, {str(stored.external[0][0])[:80]!r}")
    elif not isinstance(stored, h5py.Group):
        raise BrokenNodeError("element-unreadable", path, f"{path} is neither a group nor a dataset.")
    return Hdf5Node(stored, path, beat)


def _follow(group: Any, target: str, path: str, beat: Callable[[], None], n_links: int) -> Hdf5Node:
    """The node that a soft link leads to, found step by step so that no step leaves the file."""
    node: Hdf5Node | None = Hdf5Node(group.file["/"] if target.startswith("/") else group, path, beat)
    for part in target.strip("/").split("/"):
        if node is None or n_links > MAX_SOFT_LINKS or not node.is_group:
            node = None
            break
        node = node if part in {"", "."} else _open(node._stored, part, path, beat, n_links)  # noqa: SLF001 its own class
    if node is None:
        message = f"{path} links to {target[:80]!r}, which is not there."
        raise BrokenNodeError("link-broken", path, message, fix="Write the file again from a copy that has it.")
    return Hdf5Node(node._stored, path, beat)  # noqa: SLF001 its own class


def _outside(path: str, what: str) -> BrokenNodeError:
    message = f"{path} {what}; a dataset must hold all of its data, and it was not followed."
    return BrokenNodeError("link-external", path, message, fix="Write the file again with the data inside.")


@contextmanager
def _guarding(beat: Callable[[], None], path: str, what: str) -> Iterator[None]:
    """Whatever h5py raises for damaged bytes becomes a BrokenNodeError."""
    beat()
    try:
        yield
    except BrokenNodeError:
        raise
    except Exception as err:
        reason = str(err).strip().split("\n", 1)[0][:160].rstrip(".") or type(err).__name__
        where = path or "the root"
        message = f"{where} cannot be read: {what} failed with {reason!r}."
        fix = "The file is probably damaged: copy or download it again."
        raise BrokenNodeError("element-unreadable", path, message, fix=fix) from err


def _to_plain(value: Any) -> Any:
    """An attribute as JSON would have it."""
    if isinstance(value, bytes):
        return _to_text(value)
    if hasattr(value, "tolist"):
        value = value[:MAX_ATTRIBUTE_VALUES].tolist() if getattr(value, "shape", ()) else value.tolist()
    if isinstance(value, list):
        return [_to_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool) else None if value is None else str(value)


def _to_text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
