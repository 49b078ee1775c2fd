"""Which checker a dataset is for, judged by a few bytes, also where readers would refuse it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from vitrina.errors import UnreadableError
from vitrina.readers.form import HDF5_MAGIC, TIFF_MAGICS
from vitrina.readers.mudata import H5MU_MAGIC
from vitrina.readers.zarr_tree import V2_MARKS, V3_MARK, find_zarr_tree

if TYPE_CHECKING:
    from vitrina.readers.source import Source, Tree

type CheckedFormat = Literal["ngff", "spatialdata", "anndata", "mudata", "tiff", "points"]

PARQUET_MAGIC = b"PAR1"
"""Source: https://parquet.apache.org/docs/file-format/"""


def find_format(source: Source) -> CheckedFormat | None:
    """The format of a file or folder, None for one that is not checked."""
    zarr_tree = find_zarr_tree(source)
    if zarr_tree is not None:
        return find_zarr_format(zarr_tree.tree)
    if source.head.startswith(H5MU_MAGIC):
        return "mudata"
    if source.head.startswith(HDF5_MAGIC):
        return _find_hdf5_format(source)
    if source.head.startswith(TIFF_MAGICS):
        return "tiff"
    return "points" if source.head.startswith(PARQUET_MAGIC) else None


def find_zarr_format(tree: Tree) -> CheckedFormat | None:
    """The format of a Zarr hierarchy by its root's attributes; OME-Zarr unless it says something else."""
    attrs = _read_attributes(tree)
    if attrs is None:
        return None
    if "spatialdata_attrs" in attrs and not _is_image(attrs):
        return "spatialdata"
    encoding = str(attrs.get("encoding-type", "")).lower()
    return "anndata" if encoding == "anndata" else "mudata" if encoding == "mudata" else "ngff"


def _is_image(attrs: dict[str, object]) -> bool:
    """Whether this is an image or labels; one in SpatialData has ``spatialdata_attrs`` of its own, as its root has."""
    ome = attrs.get("ome")
    return "multiscales" in (ome if isinstance(ome, dict) else attrs)


def _read_attributes(tree: Tree) -> dict[str, object] | None:
    """The root's attributes; empty when they are damaged, None where there is no Zarr node."""
    document = tree.get(V3_MARK)
    if document is not None:
        attrs = _parse_object(document).get("attributes")
        return attrs if isinstance(attrs, dict) else {}
    if not any(tree.get(mark) is not None for mark in V2_MARKS):
        return None
    return _parse_object(tree.get(".zattrs") or b"{}")


def _parse_object(document: bytes) -> dict[str, object]:
    try:
        value = json.loads(document)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _find_hdf5_format(source: Source) -> CheckedFormat | None:
    """By what the root says and holds, else by the file's name: loom and the matrices of 10x are HDF5, too."""
    import h5py

    suffix = source.path.suffix.lower()
    try:
        with h5py.File(source.path, "r") as file:
            encoding = str(file.attrs.get("encoding-type", "")).lower()
            if encoding == "mudata" or "mod" in file:
                return "mudata"
            if encoding == "anndata" or suffix == ".h5ad" or any(name in file for name in ("obs", "var", "X")):
                return "anndata"
            return "mudata" if suffix == ".h5mu" else None
    except (OSError, RuntimeError, ValueError) as err:
        raise UnreadableError(
            "hdf5-damaged",
            f"{source.path} begins like HDF5 but cannot be opened: {err}.",
            hint="The file is probably truncated: copy or download it again.",
            where=str(source.path),
        ) from err
