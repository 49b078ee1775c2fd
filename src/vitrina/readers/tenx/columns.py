"""Tables of Xenium in CSV or Parquet: their columns, whole columns, and batches of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Column
from vitrina.readers.parquet import name_arrow_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from vitrina.readers.tenx.bundle import Bundle

SUFFIXES = (".parquet", ".csv.gz", ".csv")
"""The faster form first."""

ROWS_PER_BATCH = 2**18
CSV_BLOCK_BYTES = 2**24


def find_columns_file(bundle: Bundle, stem: str) -> Path | None:
    """The file of a table in any of its forms."""
    return bundle.find(*(f"{stem}{suffix}" for suffix in SUFFIXES))


def read_schema(path: Path) -> pa.Schema:
    """Names and types of the columns; of CSV as its first block of rows suggests.

    Raises:
        UnreadableError: The file is empty.
    """
    if is_parquet(path):
        import pyarrow.parquet as pq

        return pq.read_schema(path)
    with _open_csv(path, None) as reader:
        return reader.schema


def count_rows(path: Path) -> int | None:
    """How many rows there are, None for CSV, which would have to be read for it."""
    if not is_parquet(path):
        return None
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def read_whole(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """All rows of some columns, else of all that have a name."""
    import pyarrow as pa

    schema = read_schema(path)
    names = [name for name in schema.names if name] if columns is None else list(columns)
    check_columns(path, schema.names, names)
    batches = list(iterate_batches(path, names))
    return pa.Table.from_batches(batches) if batches else schema.empty_table().select(names)


def iterate_batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Rows, some hundred thousand at a time."""
    if is_parquet(path):
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=ROWS_PER_BATCH, columns=list(columns))
        return
    with _open_csv(path, list(columns)) as reader:
        yield from reader


def check_columns(path: Path, found: Sequence[str], wanted: Sequence[str]) -> None:
    """Whether a table has all the columns that it must have.

    Raises:
        UnreadableError: It has not.
    """
    missing = [name for name in wanted if name not in found]
    if missing:
        raise UnreadableError(
            "columns-missing",
            f"{path} has no column {', '.join(map(repr, missing))}; it has {', '.join(map(repr, list(found)[:20]))}.",
            hint="The file is probably another one than its name says, or was edited.",
            where=str(path),
        )


def describe_schema(schema: pa.Schema, without: Sequence[str] = ()) -> tuple[Column, ...]:
    """The columns as elements carry them; bytes are handed out as text."""
    return tuple(
        Column(name=field.name, dtype=_name_type(field.type))
        for field in schema
        if field.name and field.name not in without
    )


def decode_column(column: Any) -> Any:
    """Bytes as text, which version 1 of the onboard analysis wrote instead; anything else as it is."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    is_bytes = pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)
    is_large = pa.types.is_large_string(column.type)
    return column.cast(pa.string()) if is_bytes or is_large else column


def is_parquet(path: Path) -> bool:
    """Whether the file is Parquet rather than CSV."""
    return path.suffix == ".parquet"


def _name_type(type_: Any) -> str:
    import pyarrow as pa

    is_bytes = pa.types.is_binary(type_) or pa.types.is_large_binary(type_)
    return "string" if is_bytes or pa.types.is_dictionary(type_) else name_arrow_type(type_)


def _open_csv(path: Path, columns: list[str] | None) -> Any:
    """A reader of rows; compressed files are unpacked as they are read."""
    import pyarrow as pa
    from pyarrow import csv

    stream = pa.input_stream(str(path), compression="gzip" if path.suffix == ".gz" else None)
    try:
        return csv.open_csv(
            stream,
            read_options=csv.ReadOptions(block_size=CSV_BLOCK_BYTES),
            convert_options=csv.ConvertOptions(include_columns=columns, column_types=_get_csv_types()),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError) as err:
        raise UnreadableError(
            "csv-damaged",
            f"{path} cannot be read as CSV: {str(err).splitlines()[0]}.",
            hint="The file is probably truncated or damaged: copy or download it again.",
            where=str(path),
        ) from err


def _get_csv_types() -> dict[str, Any]:
    """Types that the first rows may suggest wrongly, so that a later block would not fit."""
    import pyarrow as pa

    texts = ("feature_name", "fov_name", "segmentation_method", "codeword_category")
    places = ("x_location", "y_location", "z_location", "qv", "vertex_x", "vertex_y", "x_centroid", "y_centroid")
    sizes = ("cell_area", "nucleus_area", "nucleus_distance")
    return dict.fromkeys(texts, pa.string()) | dict.fromkeys((*places, *sizes), pa.float64())
