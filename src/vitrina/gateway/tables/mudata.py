"""MuData in HDF5 as groups and arrays of Zarr: what belongs to all modalities, and each of them as AnnData.

Source: https://mudata.readthedocs.io/en/latest/io/spec.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.gateway.tables.groups import add_annotations, add_mapping, add_table
from vitrina.gateway.tables.stored import open_obsm, serve_stored
from vitrina.model.content import TableElement
from vitrina.readers.hdf5 import find_child, get_attribute, reading
from vitrina.readers.mudata import ENCODING
from vitrina.readers.mudata_parts import order_modalities

if TYPE_CHECKING:
    import h5py

    from vitrina.gateway.tables.groups import Arrays, Groups
    from vitrina.model.content import Content


def add_mudata(groups: Groups, arrays: Arrays, file: h5py.File, content: Content) -> None:
    """Add all of MuData at the root.

    Raises:
        UnreadableError: The file is damaged, or refers to other files.
    """
    import h5py

    with reading("mod"):
        modalities = find_child(file, "mod")
        if not isinstance(modalities, h5py.Group):
            raise UnreadableError("mudata-incomplete", "The MuData hierarchy has no mod, which holds its modalities.")
        names = order_modalities(modalities)
        members = {name: find_child(modalities, name) for name in names}
    add_annotations(groups, arrays, serve_stored(file, None), "")
    for name in ("obsmap", "varmap"):
        add_mapping(groups, arrays, name, open_obsm(file, name))
    positions = {e.path: e.position_columns for e in content.elements if isinstance(e, TableElement)}
    for name, member in members.items():
        if isinstance(member, h5py.Group):
            path = f"mod/{name}"
            add_table(groups, arrays, serve_stored(member, positions.get(path)), path)
    groups["mod"] = {"mod-order": names}
    axis = get_attribute(file, "axis")
    groups[""] = {
        "encoding-type": ENCODING,
        "encoding-version": "0.1.0",
        "axis": 0 if axis is None else int(axis),
    }
