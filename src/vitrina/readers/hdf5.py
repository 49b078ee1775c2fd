"""HDF5 files from strangers: only what lies in the file itself is read.

A link or dataset may name another file, and HDF5 would open it with our permissions. Such objects are refused.
Source: https://support.hdfgroup.org/documentation/hdf5/latest/_h5_l__u_g.html (external links), and external storage
and virtual datasets in https://docs.h5py.org/en/stable/high/dataset.html.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, VitrinaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import h5py


def open_hdf5(path: Path) -> h5py.File:
    """The file, opened for reading.

    Raises:
        UnreadableError: It is truncated, damaged or no HDF5 file.
    """
    import h5py

    try:
        return h5py.File(path, "r")
    except (OSError, RuntimeError) as err:
        raise UnreadableError(
            "hdf5-damaged",
            f"{path.name} cannot be opened as HDF5: {err}.",
            hint="The file is probably truncated: copy or download it again.",
            where=str(path),
        ) from err


def find_child(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset | None:
    """The object of that name directly in a group, None when there is none.

    Raises:
        UnreadableError: It is a link, or keeps its values in another file.
    """
    import h5py

    link = group.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink):
        raise _refuse(group, name, f"a {type(link).__name__}")
    child: Any = group[name]
    if isinstance(child, h5py.Dataset):
        return check_dataset(child)
    return child if isinstance(child, h5py.Group) else None


def has_child(group: h5py.Group, name: str) -> bool:
    """Whether an object of that name lies directly in a group; a link to somewhere else does not count."""
    import h5py

    return isinstance(group.get(name, getlink=True), h5py.HardLink)


def check_dataset(dataset: h5py.Dataset) -> h5py.Dataset:
    """The dataset itself, when its values lie in its own file.

    Raises:
        UnreadableError: They lie elsewhere.
    """
    if dataset.external is not None or dataset.is_virtual:
        raise _refuse(dataset.parent, dataset.name, "a dataset whose values lie in another file")
    return dataset


def list_children(group: h5py.Group) -> list[str]:
    """Names directly in a group."""
    return [str(name) for name in group]


def get_attribute(item: h5py.Group | h5py.Dataset, name: str) -> Any:
    """An attribute as a plain value, None when absent; bytes become text."""
    value = item.attrs.get(name)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _refuse(group: h5py.Group, name: str, what: str) -> UnreadableError:
    return UnreadableError(
        "hdf5-outside-file",
        f"{group.name}/{name} is {what}; only what lies in the file itself is read.",
        hint="Copy the data into one file, for example with h5repack.",
        where=name,
    )


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn what HDF5 says about damaged chunks into our error."""
    try:
        yield
    except (OSError, RuntimeError, ValueError, KeyError) as err:
        if isinstance(err, VitrinaError):
            raise
        raise UnreadableError("hdf5-damaged", f"{name} cannot be read: {err}.", where=name) from err


def check_contained(group: h5py.Group) -> None:
    """Go through all that lies below a group, before a library follows whatever is there.

    Raises:
        UnreadableError: Something is a link, or keeps its values in another file.
    """
    import h5py

    waiting = [group]
    seen = {_get_address(group)}  # a group may be in itself, by a hard link
    while waiting:
        parent = waiting.pop()
        for name in parent:
            child = find_child(parent, name)
            if isinstance(child, h5py.Group) and _get_address(child) not in seen:
                seen.add(_get_address(child))
                waiting.append(child)


def check_file_contained(path: Path) -> None:
    """The same for a whole file.

    Raises:
        UnreadableError: See ``check_contained``.
        Exception: Whatever h5py raises for damaged bytes.
    """
    import h5py

    with h5py.File(path, "r") as file:
        check_contained(file)


def _get_address(group: h5py.Group) -> Any:
    import h5py

    return h5py.h5o.get_info(group.id).addr
