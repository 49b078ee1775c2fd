"""Rows of CSV and Parquet files of any size, in batches, with the names that the files give their columns."""

from __future__ import annotations

import csv
import gzip
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Column
from vitrina.model.finding import Finding
from vitrina.readers.damage import reading
from vitrina.readers.parquet import name_arrow_type
from vitrina.readers.source import Source
from vitrina.readers.table_text import GZIP_MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

PARQUET_MAGIC = b"PAR1"
"""Source: https://parquet.apache.org/docs/file-format/"""

BLOCK_BYTES = 4 * 2**20
"""Text is parsed in blocks of this size, of which about 32 are read ahead; the first decides the types of columns."""

SMALL_BYTES = 16 * 2**20
"""Text up to this size is read through to be described."""

HEAD_BYTES = 256 * 1024
MAX_HEAD_BYTES = 64 * HEAD_BYTES
MIN_LINES = 2
"""Header and first row are looked at together; of a million cells as columns they have some megabytes."""

BATCH_ROWS = 65_536

TYPE_MARK = "TYPE"
"""First field of a second header line, which says whether columns are ``numeric`` or ``group``.

Source: https://singlecell.zendesk.com/hc/en-us/articles/360060609852-Required-Metadata (Single Cell Portal)
"""

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*|\s*[-+]?(nan|inf)\s*", re.IGNORECASE)
_INDEX = re.compile(r"__index_level_\d+__")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFile:
    """A table in a file, about to be read.

    Attributes:
        path: The file.
        key: Its path inside the bundle, for findings.
        columns: Names of all columns, each once; an empty name in the file becomes ``Unnamed: 0``.
        delimiter: Between the fields of text; empty for Parquet.
        n_skipped: Lines before the first row of text.
        encoding: Of text.
        is_gzip: Whether text is compressed.
        findings: What was healed.
    """

    path: Path
    key: str
    columns: tuple[str, ...]
    delimiter: str = ""
    n_skipped: int = 1
    encoding: str = "utf8"
    is_gzip: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def is_parquet(self) -> bool:
        """Whether the file is Parquet."""
        return not self.delimiter

    @property
    def is_small(self) -> bool:
        """Whether the whole file is read as quickly as its head."""
        size_bytes: int = self.path.stat().st_size
        return size_bytes * (6 if self.is_gzip else 1) <= SMALL_BYTES

    def find(self, *names: str) -> str | None:
        """The first column of the given names, whatever their case; the exact one goes first."""
        by_name = {column.lower(): column for column in reversed(self.columns)}
        exact = next((name for name in names if name in self.columns), None)
        return exact or next((by_name[name.lower()] for name in names if name.lower() in by_name), None)


def open_rows(path: Path, key: str, documented: Sequence[str] = ()) -> RowFile:
    """Look at the head of a table.

    Args:
        path: The file.
        key: Its path inside the bundle.
        documented: Names of the columns by the vendor's documentation, in order, for a file without a header.

    Raises:
        UnreadableError: It is empty, damaged, or no table.
    """
    with reading(Source(path), "table-damaged", "a table"):
        with path.open("rb") as file:
            magic = file.read(4)
        if not magic:
            raise UnreadableError("file-empty", f"{key} is empty: 0 bytes.", where=str(path))
        if magic == PARQUET_MAGIC:
            return _open_parquet(path, key)
        return _open_text(path, key, documented, is_gzip=magic.startswith(GZIP_MAGIC))


def iterate_rows(
    file: RowFile, names: Sequence[str] | None = None, types: dict[str, Any] | None = None
) -> Iterator[pa.RecordBatch]:
    """Batches of some columns, in the order given.

    Args:
        file: The table.
        names: Columns, all unless given.
        types: Arrow types of columns; the others are inferred from the first 4 MB.

    Raises:
        UnreadableError: A line has another number of fields, a value does not fit its type, or bytes are missing.
    """
    wanted = list(file.columns if names is None else names)
    with reading(Source(file.path), "table-damaged", "a table"):
        yield from (
            _iterate_parquet(file, wanted, types or {}) if file.is_parquet else _iterate_text(file, wanted, types or {})
        )


def infer_types(file: RowFile, forced: dict[str, Any] | None = None) -> dict[str, Any]:
    """The Arrow type of each column, judged by the first 4 MB; a column without any value there is text.

    Raises:
        UnreadableError: See ``iterate_rows``.
    """
    import pyarrow as pa

    forced = forced or {}
    if file.is_parquet:
        import pyarrow.parquet as pq

        with reading(Source(file.path), "table-damaged", "Parquet"), pq.ParquetFile(file.path) as opened:
            found = {field.name: field.type for field in opened.schema_arrow}
        return {name: forced.get(name, found[name]) for name in file.columns}
    with reading(Source(file.path), "table-damaged", "a table"), _open_stream(file, forced, None) as reader:
        found = {field.name: field.type for field in reader.schema}
    return {name: pa.string() if pa.types.is_null(found[name]) else found[name] for name in file.columns}


def describe_columns(types: dict[str, Any], names: dict[str, str] | None = None) -> tuple[Column, ...]:
    """Columns as a description lists them, under new names where given."""
    renamed = names or {}
    return tuple(Column(name=renamed.get(name, name), dtype=name_arrow_type(kind)) for name, kind in types.items())


def count_rows(file: RowFile) -> int | None:
    """Number of rows, None for text that is too large to be read through for it."""
    if file.is_parquet:
        import pyarrow.parquet as pq

        with reading(Source(file.path), "table-damaged", "Parquet"), pq.ParquetFile(file.path) as opened:
            return int(opened.metadata.num_rows)
    if not file.is_small:
        return None
    import pyarrow as pa

    first = file.columns[0]
    return sum(int(batch.num_rows) for batch in iterate_rows(file, [first], {first: pa.string()}))


def estimate_rows(file: RowFile) -> int:
    """About how many rows a text file has, by the length of its first lines."""
    head = _read_head(file.path, HEAD_BYTES, is_gzip=file.is_gzip)
    n_lines = max(1, head.count(b"\n"))
    size_bytes = file.path.stat().st_size * (4 if file.is_gzip else 1)
    return round(size_bytes / max(1, len(head)) * n_lines)


def read_column(file: RowFile, name: str, kind: Any) -> Any:
    """All values of one column as a NumPy array; missing numbers are NaN, missing text is empty."""
    import numpy as np

    parts = [to_numpy(batch.column(0)) for batch in iterate_rows(file, [name], {name: kind})]
    return np.concatenate(parts) if parts else np.empty(0, dtype=object)


def to_numpy(column: Any) -> Any:
    """A column of a batch as NumPy has it: text as objects, missing text as empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.fill_null(column, "")
    return column.to_numpy(zero_copy_only=False)


def _open_parquet(path: Path, key: str) -> RowFile:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as opened:
        names = [name for name in opened.schema_arrow.names if not _INDEX.fullmatch(name)]
    return RowFile(path=path, key=key, columns=tuple(names))


def _open_text(path: Path, key: str, documented: Sequence[str], *, is_gzip: bool) -> RowFile:
    n_bytes = HEAD_BYTES
    head = _read_head(path, n_bytes, is_gzip=is_gzip)
    while head.count(b"\n") < MIN_LINES and len(head) == n_bytes < MAX_HEAD_BYTES:
        n_bytes *= 8
        head = _read_head(path, n_bytes, is_gzip=is_gzip)
    text, encoding, findings = _decode(head, key, is_whole=len(head) < n_bytes)
    lines = [line for line in text.splitlines()[:3] if line.strip()]
    if not lines or "\0" in text:
        raise UnreadableError("table-damaged", f"{key} is no table of text.", where=str(path))
    likely = max(",\t;", key=lines[0].count)
    delimiter = likely if likely in lines[0] else " "
    rows = list(csv.reader(lines, delimiter=delimiter))
    header, body = rows[0], rows[1:]
    n_skipped = 1
    if body and len(body[0]) == len(header) + 1:  # as R writes: no name above the names of the rows
        header = ["", *header]
    elif sum(bool(_NUMBER.fullmatch(name)) for name in header) > len(header) / 2:
        header, n_skipped = _name_columns(len(header), documented), 0
        findings.append(_header_missing(key, header, is_documented=len(header) == len(documented)))
    elif body and body[0][0].strip().upper() == TYPE_MARK:
        n_skipped = 2
    return RowFile(
        path=path,
        key=key,
        columns=_make_unique(header),
        delimiter=delimiter,
        n_skipped=n_skipped,
        encoding=encoding,
        is_gzip=is_gzip,
        findings=tuple(findings),
    )


def _read_head(path: Path, n_bytes: int, *, is_gzip: bool) -> bytes:
    with gzip.open(path, "rb") if is_gzip else path.open("rb") as file:
        return file.read(n_bytes)


def _decode(head: bytes, key: str, *, is_whole: bool) -> tuple[str, str, list[Finding]]:
    cut = head if is_whole else head[: head.rfind(b"\n") + 1] or head
    try:
        return cut.decode("utf-8-sig"), "utf8", []
    except UnicodeDecodeError:
        finding = Finding(
            code="text-not-utf8",
            severity="warning",
            path=f"{key}#",
            message=f"{key} is not UTF-8; it is read as Latin-1, so that letters with accents may be wrong.",
            fix="Save the file in UTF-8.",
        )
        return cut.decode("latin-1"), "latin-1", [finding]


def _name_columns(n_columns: int, documented: Sequence[str]) -> list[str]:
    if n_columns == len(documented):
        return list(documented)
    return [f"Column {i}" for i in range(n_columns)]


def _header_missing(key: str, header: list[str], *, is_documented: bool) -> Finding:
    how = "as the vendor documents them" if is_documented else f"Column 0 to Column {len(header) - 1}"
    return Finding(
        code="header-missing",
        severity="warning",
        path=f"{key}#",
        message=f"The first line of {key} holds numbers and no names; its columns are named {how}.",
        fix="Add the line with the names of the columns.",
    )


def _make_unique(header: Sequence[str]) -> tuple[str, ...]:
    """The names as pandas gives them: an empty one becomes ``Unnamed: 0``, a second ``a`` becomes ``a.1``."""
    names: list[str] = []
    taken: set[str] = set()
    for i, name in enumerate(header):
        own = name.strip() or f"Unnamed: {i}"
        number, unique = 0, own
        while unique in taken:
            number += 1
            unique = f"{own}.{number}"
        taken.add(unique)
        names.append(unique)
    return tuple(names)


def _iterate_parquet(file: RowFile, names: list[str], types: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(file.path) as opened:
        for batch in opened.iter_batches(batch_size=BATCH_ROWS, columns=names):
            columns = [batch.column(name).cast(types.get(name, batch.column(name).type)) for name in names]
            yield pa.RecordBatch.from_arrays(columns, names=names)


def _iterate_text(file: RowFile, names: list[str], types: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    with _open_stream(file, types, names) as reader:
        for batch in reader:
            if batch.num_rows:
                yield batch


def _open_stream(file: RowFile, types: dict[str, Any], names: list[str] | None) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    stream = pa.input_stream(str(file.path), compression="gzip" if file.is_gzip else None)
    return arrow_csv.open_csv(
        stream,
        arrow_csv.ReadOptions(
            column_names=list(file.columns),
            skip_rows=file.n_skipped,
            block_size=BLOCK_BYTES,
            encoding=file.encoding,
        ),
        arrow_csv.ParseOptions(delimiter=file.delimiter),
        arrow_csv.ConvertOptions(include_columns=names or [], column_types=types),
    )
