"""MuData in HDF5 (``.h5mu``) and Zarr: several AnnData of the same observations.

Source: https://mudata.readthedocs.io/en/latest/io/spec.html
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Content, TableElement
from vitrina.readers.anndata_group import find_node, get_encoding, to_text
from vitrina.readers.anndata_table import is_simulated, read_table_element, read_table_preview
from vitrina.readers.damage import check_not_empty, is_empty_file, reading
from vitrina.readers.form import HDF5_MAGIC
from vitrina.readers.hdf5 import check_contained, check_file_contained, has_child, open_hdf5
from vitrina.readers.mudata_parts import MAPPINGS, order_modalities, read_parts
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.zarr_tree import find_zarr_tree, get_zarr_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData

    from vitrina.readers.anndata_group import Node
    from vitrina.readers.mudata_parts import MuDataParts
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source

H5MU_MAGIC = b"MuData"
"""Begins the 512 bytes before the HDF5 superblock."""

ENCODING = "MuData"
WHOLE = "mudata"
"""Name of the element that holds what belongs to all modalities."""

_DAMAGE = "mudata-damaged", "MuData"


class MuDataReader:
    """Reads MuData: one table for what belongs to all modalities, and one for each of them."""

    format = "mudata"

    def detect(self, source: Source) -> bool:
        if is_empty_file(source, ".h5mu") or source.head.startswith(H5MU_MAGIC):
            return True
        if source.head.startswith(HDF5_MAGIC):
            return _detect_hdf5(source)
        try:
            zarr_tree = find_zarr_tree(source)
            return zarr_tree is not None and zarr_tree.read_attrs().get("encoding-type") == ENCODING
        except UnreadableError:
            return False

    def read_content(self, source: Source) -> Content:
        check_not_empty(source)
        with reading(source, *_DAMAGE), _open_group(source) as group:
            zarr_tree = get_zarr_tree(source) if source.tree is not None else None
            version = group.attrs.get("encoding-version")
            return Content(
                format=self.format,
                format_version=None if version is None else to_text(version),
                container="hdf5" if zarr_tree is None else zarr_tree.container,
                is_zipped=zarr_tree is not None and zarr_tree.is_zipped,
                root="" if zarr_tree is None else zarr_tree.root,
                elements=tuple(_read_elements(group)),
                is_simulated=is_simulated(group),
            )

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:  # noqa: ARG002 points have no pixels
        with reading(source, *_DAMAGE), _open_group(source) as group:
            for element in content.elements:
                if not isinstance(element, TableElement):
                    continue
                node = find_node(group, *element.path.split("/")) if element.path else group
                preview = None if node is None else read_table_preview(node, element)
                if preview is not None:
                    return preview
        return None

    def read_object(self, source: Source) -> object:
        check_not_empty(source)
        with reading(source, *_DAMAGE), without_format_warnings():
            import mudata

            if source.tree is None:
                check_file_contained(source.path)
                return mudata.read_h5mu(source.path)
            return mudata.read_zarr(get_zarr_tree(source).store)

    def read_table(self, source: Source, element: TableElement) -> AnnData:
        """A modality; or what belongs to all of them, which has no values."""
        parts = self.read_parts(source)
        if element.path:
            return parts.mod[element.name]
        from anndata import AnnData

        with reading(source, *_DAMAGE), without_format_warnings():
            return AnnData(**{name: getattr(parts, name) for name in ("obs", "var", *MAPPINGS)})

    def read_parts(self, source: Source) -> MuDataParts:
        """All modalities and what belongs to all of them; what is large stays in the source."""
        check_not_empty(source)
        with reading(source, *_DAMAGE), without_format_warnings():
            if source.tree is not None:
                return read_parts(get_zarr_tree(source).open_group())
            file = open_hdf5(source.path)  # open as long as its datasets are used
            check_contained(file)
            return read_parts(file)

    def open_object(self, source: Source) -> object:
        check_not_empty(source)
        with reading(source, *_DAMAGE), without_format_warnings():
            if source.tree is not None:
                return get_zarr_tree(source).open_group()
            import mudata

            check_file_contained(source.path)
            return mudata.read_h5mu(source.path, backed="r")


def _read_elements(group: Node) -> Iterator[TableElement]:
    modalities = find_node(group, "mod")
    if modalities is None:
        raise UnreadableError("mudata-incomplete", "The MuData hierarchy has no mod, which holds its modalities.")
    names = order_modalities(modalities)
    whole = read_table_element(group, name=WHOLE, path="")
    # obsm also says, under the name of each modality, which observations it has
    yield replace(whole, embeddings=tuple(one for one in whole.embeddings if one.name not in names))
    for name in names:
        yield read_table_element(modalities[name], name=name, path=f"mod/{name}")


def _detect_hdf5(source: Source) -> bool:
    """Written by something that leaves out the first 512 bytes."""
    import h5py

    try:
        with h5py.File(source.path, "r") as file:
            return get_encoding(file) == ENCODING or all(has_child(file, name) for name in ("mod", "obs"))
    except (OSError, RuntimeError, KeyError, ValueError):
        return source.path.suffix.lower() == ".h5mu"


@contextmanager
def _open_group(source: Source) -> Iterator[Node]:
    if source.tree is not None:
        yield get_zarr_tree(source).open_group()
        return
    import h5py

    with h5py.File(source.path, "r") as file:
        check_contained(file)
        group: Any = file
        yield group
