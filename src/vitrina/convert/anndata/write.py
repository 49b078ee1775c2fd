"""The tables of a dataset, whatever it lies in, as AnnData or MuData in Zarr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.convert.anndata.anndata_zarr import write_anndata_zarr
from vitrina.convert.anndata.mudata_zarr import write_mudata_zarr
from vitrina.convert.anndata.options import AnnDataOptions, MuDataOptions
from vitrina.errors import InputError, UnsupportedError
from vitrina.model.content import TableElement
from vitrina.readers.elements import read_table
from vitrina.readers.mudata import MuDataReader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vitrina.model.content import Content
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source

    type Progress = Callable[[int, int], None]


def write_tables(
    source: Source,
    content: Content,
    root: Path,
    options: AnnDataOptions,
    progress: Progress | None = None,
    *,
    name: str | None = None,
) -> tuple[Finding, ...]:
    """Write the table of a dataset as AnnData, or with ``MuDataOptions`` all modalities of MuData, as Zarr.

    Args:
        source: The dataset.
        content: What its reader found in it.
        root: Folder that is made.
        options: How.
        progress: Called with variables done and variables in all.
        name: Of the table, where there are several.

    Returns:
        What was changed or lost.

    Raises:
        InputError: There are several tables, and none was chosen.
        UnsupportedError: There is no table, or it holds something that cannot be written.
        UnreadableError: The source is damaged.
    """
    if isinstance(options, MuDataOptions):
        if content.format != MuDataReader.format:
            raise UnsupportedError(
                "no-modalities",
                f"{source.path} is {content.format}; only MuData has modalities.",
                hint="Write it as AnnData: --format anndata-zarr.",
                where=str(source.path),
            )
        return write_mudata_zarr(MuDataReader().read_parts(source), root, options, progress=progress)
    adata = read_table(source, content, choose_table(source, content, name))
    return write_anndata_zarr(adata, root, options, progress=progress)


def choose_table(source: Source, content: Content, name: str | None = None) -> TableElement:
    """The table to write.

    Raises:
        InputError: There are several, and none was chosen; or none bears the name.
        UnsupportedError: There is none.
    """
    tables = [element for element in content.elements if isinstance(element, TableElement)]
    if not tables:
        raise UnsupportedError(
            "no-tables", f"{source.path} is {content.format} and has no table.", where=str(source.path)
        )
    chosen = [table for table in tables if name in (None, table.name)]
    if len(chosen) != 1:
        raise InputError(
            "table-unclear",
            f"{source.path} has {len(tables)} tables{'' if name is None else f', and none is called {name!r}'}.",
            hint=f"Choose one of {', '.join(table.name for table in tables)}.",
            where=str(source.path),
        )
    return chosen[0]
