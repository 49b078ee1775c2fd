"""AnnData objects to files, as anndata writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData


def write_anndata(adata: AnnData, path: Path) -> None:
    """Write AnnData as ``.h5ad``, or as Zarr when the path ends in ``.zarr``. The object is not changed."""
    if path.suffix == ".zarr":
        adata.write_zarr(path)
    else:
        adata.write_h5ad(path)
