"""Matrices of 10x Genomics as a table to serve: names from memory, counts where they are, sorted by barcodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.gateway.tables.memory_frame import serve_frame
from vitrina.gateway.tables.served import ServedTable
from vitrina.gateway.tables.stored import open_sparse
from vitrina.readers.tenx_h5 import get_group, read_frames

if TYPE_CHECKING:
    import h5py

    from vitrina.model.content import TableElement


def serve_tenx(file: h5py.File, element: TableElement) -> ServedTable:
    """One of the tables of an open file.

    Raises:
        UnreadableError: The file is damaged, or refers to other files.
    """
    group = get_group(file, element.path)
    obs, var = read_frames(group)
    return ServedTable(
        obs=serve_frame(obs), var=serve_frame(var), matrix=open_sparse(group, (len(obs), len(var)), is_csr=True)
    )
