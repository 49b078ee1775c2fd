"""A Parquet file, or the files of a folder that make one table.

Source: https://parquet.apache.org/docs/file-format/
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.codes import build_finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    import pyarrow.parquet as pq

    from vitrina.model.finding import Finding
    from vitrina.readers.source import Tree

MAX_PARTS: Final = 10_000
"""Files of one table that are looked at."""

_MAGIC: Final = b"PAR1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One opened file and where it lies."""

    path: str
    file: pq.ParquetFile
    size_bytes: int


@contextmanager
def open_parts(tree: Tree, path: str) -> Iterator[tuple[list[Part], list[Finding]]]:
    """The files at a path that can be read, in the order of their names, and what is wrong with the others."""
    paths = list_parts(tree, path)
    parts: list[Part] = []
    findings: list[Finding] = []
    with ExitStack() as stack:
        for own in paths[:MAX_PARTS]:
            try:
                parts.append(_open(stack.enter_context(tree.open_file(own)), own))
            except Exception as err:  # noqa: BLE001 pyarrow raises anything on damaged bytes
                findings.append(_build_unreadable(own, err))
        yield parts, findings


def list_parts(tree: Tree, path: str) -> list[str]:
    """Paths of the files that make the table: the path itself, or the Parquet files in it."""
    names = [name for name in tree.list_children(path) if name.endswith((".parquet", ".parq"))]
    return [f"{path}/{name}" if path else name for name in sorted(names, key=_sort_key)] or ([path] if path else [])


def _sort_key(name: str) -> tuple[int, str]:
    """``part.10.parquet`` after ``part.9.parquet``."""
    digits = "".join(char for char in name if char.isdecimal())[:18]
    return int(digits) if digits else 0, name


def _open(file: BinaryIO, path: str) -> Part:
    import pyarrow.parquet as pq

    size_bytes = file.seek(0, 2)
    file.seek(0)
    if file.read(4) != _MAGIC:
        raise ValueError("it does not begin with PAR1")
    file.seek(0)
    return Part(path=path, file=pq.ParquetFile(file), size_bytes=size_bytes)


def _build_unreadable(path: str, err: Exception) -> Finding:
    reason = str(err).strip().split("\n", 1)[0][:160].rstrip(".") or type(err).__name__
    message = f"{path} cannot be read as Parquet: {reason}."
    fix = "The file is probably truncated or damaged: copy or download it again."
    return build_finding("parquet-unreadable", f"{path}#", message, fix=fix)


def count_rows(parts: list[Part]) -> int:
    """Rows of all files."""
    return sum(int(part.file.metadata.num_rows) for part in parts)


def check_parts(parts: list[Part]) -> Iterator[Finding]:
    """Whether the footers agree with themselves, with the sizes of the files, and with each other."""
    for part in parts:
        yield from _check_footer(part)
        expected, found = _list_fields(parts[0]), _list_fields(part)
        if found != expected:
            differing = sorted({str(name) for name, _ in set(expected) ^ set(found)})
            message = f"{part.path} has other columns or types than {parts[0].path}: {', '.join(differing)[:200]}."
            yield build_finding("parquet-schema-differs", f"{part.path}#", message)


def _list_fields(part: Part) -> list[tuple[str, str]]:
    """Names and types, in which dictionaries and their values are alike: dask writes both."""
    import pyarrow as pa

    def name(type_: Any) -> str:
        plain = type_.value_type if pa.types.is_dictionary(type_) else type_
        is_empty = pa.types.is_null(plain)
        return "null" if is_empty else str(plain).replace("large_", "")

    schema = part.file.schema_arrow
    return [(field.name, name(field.type)) for field in (schema.field(i) for i in range(len(schema)))]


def _check_footer(part: Part) -> Iterator[Finding]:
    metadata = part.file.metadata
    n_groups = sum(metadata.row_group(i).num_rows for i in range(metadata.num_row_groups))
    if n_groups != metadata.num_rows:
        message = (
            f"{part.path} says it has {metadata.num_rows:,} rows, but its {metadata.num_row_groups:,} row groups have "
            f"{n_groups:,}."
        )
        yield build_finding("parquet-rows-differ", f"{part.path}#", message)
    for i in range(metadata.num_row_groups):
        group = metadata.row_group(i)
        for j in range(group.num_columns):
            column = group.column(j)
            if not group.num_rows:
                continue  # no pages either
            end = _find_start(column) + column.total_compressed_size
            if end > part.size_bytes or _find_start(column) < len(_MAGIC) or column.total_compressed_size < 0:
                message = (
                    f"The column {column.path_in_schema!r} of row group {i} of {part.path} reaches to byte {end:,}, "
                    f"but the file has {part.size_bytes:,} bytes."
                )
                yield build_finding("parquet-outside", f"{part.path}#/row_groups/{i}", message)
                return


def _find_start(column: Any) -> int:
    offsets = [column.data_page_offset]
    if column.has_dictionary_page and column.dictionary_page_offset is not None:
        offsets.append(column.dictionary_page_offset)
    return int(min(offsets))
