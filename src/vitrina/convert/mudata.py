"""MuData objects to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mudata import MuData


def write_mudata(mdata: MuData, path: Path) -> None:
    """Write MuData as ``.h5mu``, or as Zarr when the path ends in ``.zarr``. The object is not changed."""
    from vitrina.readers.quiet import without_format_warnings

    with without_format_warnings():  # deprecations between mudata, anndata and pandas
        if path.suffix == ".zarr":
            mdata.write_zarr(path)
        else:
            mdata.write_h5mu(path)
