"""Loom files as a table to serve: attributes from memory, matrices where they are, with genes in rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.gateway.tables.dense import DenseMatrix, MemoryMatrix
from vitrina.gateway.tables.memory_frame import serve_frame
from vitrina.gateway.tables.served import ServedTable
from vitrina.readers.loom import get_matrix, open_layers, read_heads

if TYPE_CHECKING:
    import h5py


def serve_loom(file: h5py.File) -> ServedTable:
    """The table of an open file.

    Raises:
        UnreadableError: The file is damaged, or refers to other files.
    """
    heads = read_heads(file)
    return ServedTable(
        obs=serve_frame(heads.obs),
        var=serve_frame(heads.var),
        matrix=DenseMatrix(get_matrix(file), is_transposed=True),
        layers={name: DenseMatrix(layer, is_transposed=True) for name, layer in open_layers(file).items()},
        obsm={name: MemoryMatrix(values) for name, values in heads.obsm.items()},
    )
