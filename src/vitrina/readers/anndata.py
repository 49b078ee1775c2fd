"""AnnData in HDF5 (``.h5ad``) and Zarr."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Content, TableElement
from vitrina.model.finding import Finding
from vitrina.readers.anndata_group import get_encoding, to_text
from vitrina.readers.anndata_stored import MAX_LOADED_BYTES, is_current, measure_matrices, open_stored_table
from vitrina.readers.anndata_table import is_simulated, read_table_element, read_table_preview
from vitrina.readers.damage import check_not_empty, is_empty_file, reading
from vitrina.readers.form import HDF5_MAGIC
from vitrina.readers.hdf5 import check_contained, check_file_contained, has_child, open_hdf5
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.zarr_tree import find_zarr_tree, get_zarr_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData

    from vitrina.readers.anndata_group import Node
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source

_DAMAGE = "anndata-damaged", "AnnData"


class AnnDataReader:
    """Reads AnnData of any age."""

    format = "anndata"

    def detect(self, source: Source) -> bool:
        if is_empty_file(source, ".h5ad"):
            return True
        if source.head.startswith(HDF5_MAGIC):
            return _detect_hdf5(source)
        try:
            zarr_tree = find_zarr_tree(source)
            return zarr_tree is not None and zarr_tree.read_attrs().get("encoding-type") == "anndata"
        except UnreadableError:
            return False

    def read_content(self, source: Source) -> Content:
        check_not_empty(source)
        with reading(source, *_DAMAGE), _open_group(source) as group:
            zarr_tree = None if _is_hdf5(source) else get_zarr_tree(source)
            version = group.attrs.get("encoding-version")
            return Content(
                format=self.format,
                format_version=None if version is None else to_text(version),
                container="hdf5" if zarr_tree is None else zarr_tree.container,
                is_zipped=zarr_tree is not None and zarr_tree.is_zipped,
                root="" if zarr_tree is None else zarr_tree.root,
                elements=(read_table_element(group, name="table", path=""),),
                is_simulated=is_simulated(group),
                findings=_check_version(version),
            )

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:  # noqa: ARG002 points have no pixels
        table = next((element for element in content.elements if isinstance(element, TableElement)), None)
        if table is None:
            return None
        with reading(source, *_DAMAGE), _open_group(source) as group:
            return read_table_preview(group, table)

    def read_object(self, source: Source) -> object:
        check_not_empty(source)
        with reading(source, *_DAMAGE), without_format_warnings():
            import anndata

            if _is_hdf5(source):
                check_file_contained(source.path)
                return anndata.read_h5ad(source.path)
            return anndata.io.read_zarr(get_zarr_tree(source).open_group())

    def open_object(self, source: Source) -> object:
        check_not_empty(source)
        with reading(source, *_DAMAGE), without_format_warnings():
            import anndata

            if _is_hdf5(source):
                check_file_contained(source.path)
                return anndata.read_h5ad(source.path, backed="r")
            return anndata.experimental.read_lazy(get_zarr_tree(source).open_group())

    def read_table(self, source: Source, element: TableElement) -> AnnData:  # noqa: ARG002 there is one
        """The table; one that is large has its matrices in the file still."""
        check_not_empty(source)
        with reading(source, *_DAMAGE), without_format_warnings():
            import anndata

            if not _is_hdf5(source):
                group = get_zarr_tree(source).open_group()
                is_small = measure_matrices(group) <= MAX_LOADED_BYTES
                return anndata.io.read_zarr(group) if is_small else open_stored_table(group)
            with open_hdf5(source.path) as file:
                check_contained(file)
                is_large = measure_matrices(file) > MAX_LOADED_BYTES
                is_opened = is_large and is_current(file)
            if is_opened:  # the file stays open as long as its datasets are used
                return open_stored_table(open_hdf5(source.path))
            return anndata.read_h5ad(source.path, backed="r" if is_large else None)


def _check_version(version: object) -> tuple[Finding, ...]:
    if version is not None:
        return ()
    finding = Finding(
        code="anndata-old",
        severity="info",
        path="#",
        message="The file was written by an AnnData older than 0.8, which did not say its version.",
        fix="Load it and save it again to bring it up to date.",
    )
    return (finding,)


def _is_hdf5(source: Source) -> bool:
    return source.head.startswith(HDF5_MAGIC)


def _detect_hdf5(source: Source) -> bool:
    """By what the root says, else by what every AnnData has; a damaged file is judged by its name."""
    import h5py

    try:
        with h5py.File(source.path, "r") as file:
            encoding = get_encoding(file)
            if encoding:
                return encoding == "anndata"
            return all(has_child(file, name) for name in ("obs", "var")) and not has_child(file, "mod")
    except (OSError, RuntimeError, KeyError, ValueError):
        return source.path.suffix.lower() == ".h5ad"


@contextmanager
def _open_group(source: Source) -> Iterator[Node]:
    if not _is_hdf5(source):
        yield get_zarr_tree(source).open_group()
        return
    import h5py

    with h5py.File(source.path, "r") as file:
        check_contained(file)
        group: Any = file
        yield group
