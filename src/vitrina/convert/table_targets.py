"""AnnData and MuData in Zarr as targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.convert.anndata.options import AnnDataOptions, MuDataOptions
from vitrina.convert.target import ConvertedPart, Planned
from vitrina.errors import DataError, UnsupportedError
from vitrina.model.content import TableElement
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.convert.target import Progress, Task
    from vitrina.convert.unfinished import Unfinished
    from vitrina.model.content import Content
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source

N_STEPS = 100


class AnnDataTarget:
    """One table."""

    name = AnnDataOptions.format
    label = "AnnData"
    options_type: type[Any] = AnnDataOptions

    def check_content(self, source: Source, content: Content) -> None:
        _check_tables(source, content)

    def plan(self, task: Task[Any]) -> TableJob:
        from vitrina.convert.anndata.write import choose_table

        chosen = choose_table(task.source, task.content, task.element)
        return TableJob(task=task, tables=(chosen,), planned=_plan((chosen,), task.options))


class MuDataTarget:
    """All modalities of MuData."""

    name = MuDataOptions.format
    label = "MuData"
    options_type: type[Any] = MuDataOptions

    def check_content(self, source: Source, content: Content) -> None:
        _check_tables(source, content)
        if content.format != "mudata":
            raise UnsupportedError(
                "no-modalities",
                f"{source.path} is {content.format}; only MuData has modalities.",
                hint="Write a table of it as AnnData: --format anndata-zarr.",
                where=str(source.path),
            )

    def plan(self, task: Task[Any]) -> TableJob:
        tables = tuple(one for one in task.content.elements if isinstance(one, TableElement))
        return TableJob(task=task, tables=tables, planned=_plan(tables, task.options))


@dataclass(frozen=True, slots=True, kw_only=True)
class TableJob:
    """Tables that are written."""

    task: Task[Any]
    tables: tuple[TableElement, ...]
    planned: Planned
    resumes: bool = False

    def write(self, place: Unfinished, progress: Progress | None) -> tuple[Finding, ...]:
        from vitrina.convert.anndata.write import write_tables

        def tell(done: int, whole: int) -> None:
            if progress is not None:
                progress(done * N_STEPS // max(whole, 1), N_STEPS)

        task = self.task
        return write_tables(task.source, task.content, place.path, task.options, tell, name=task.element)

    def verify(self, path: Path, progress: Progress | None) -> None:
        """Whether what is read back has as many observations and variables; values are not compared."""
        source = open_source(path)
        reader = find_reader(source)
        read = [] if reader is None else reader.read_content(source).elements
        found = sorted((one.n_obs, one.n_vars) for one in read if isinstance(one, TableElement))
        wanted = sorted((one.n_obs, one.n_vars) for one in self.tables)
        if found != wanted:
            raise DataError("verify-failed", f"Tables of {wanted} were written, and tables of {found} are read back.")
        if progress is not None:
            progress(N_STEPS, N_STEPS)

    def list_companions(self, path: Path) -> list[Path]:
        del path
        return []


def _check_tables(source: Source, content: Content) -> None:
    if not any(isinstance(one, TableElement) for one in content.elements):
        raise UnsupportedError(
            "no-tables", f"{source.path} is {content.format} and has no table.", where=str(source.path)
        )


def _plan(tables: tuple[TableElement, ...], options: AnnDataOptions) -> Planned:
    parts = tuple(
        ConvertedPart(
            path=table.path,
            name=table.name,
            kind="table",
            size=f"{table.n_obs:,} observations of {table.n_vars:,} variables",
        )
        for table in tables
    )
    return Planned(
        parts=parts, memory_bytes=options.max_memory_bytes, n_threads=options.choose_n_threads(), n_steps=N_STEPS
    )
