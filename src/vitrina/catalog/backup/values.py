"""The values of a row to and from JSON. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Text, bindparam, cast, insert, select
from sqlalchemy.dialects.postgresql import JSONB

from vitrina.catalog.json_text import build_json_text
from vitrina.catalog.tables.base import UtcDateTime
from vitrina.catalog.words import SearchText

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Insert, Select, Table

_NULLABLE_JSON = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def build_select(table: Table) -> Select[*tuple[Any, ...]]:
    """All rows of a table in the order of its key; JSON as text, which tells an absent value from a JSON null."""
    columns: list[ColumnElement[Any]] = [
        cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column for column in table.columns
    ]
    return select(*columns).order_by(*table.primary_key.columns)


def build_insert(table: Table) -> Insert:
    """The statement that takes what ``build_parser`` gives."""
    typed = {
        column.name: bindparam(column.name, type_=_NULLABLE_JSON)
        for column in table.columns
        if isinstance(column.type, JSON)
    }
    return insert(table).values(typed) if typed else insert(table)


def build_writer(table: Table) -> Callable[[Sequence[Any]], bytes]:
    """A function that makes a line of a row that ``build_select`` asked for."""
    encoders = [(n, _ENCODERS[kind]) for n, kind in enumerate(_list_kinds(table)) if kind in _ENCODERS]

    def write(row: Sequence[Any]) -> bytes:
        values = list(row)
        for n, encode in encoders:
            if values[n] is not None:
                values[n] = encode(values[n])
        return dump_row(values)

    return write


def build_parser(table: Table, columns: Sequence[str]) -> Callable[[bytes], dict[str, Any]]:
    """A function that makes the parameters of ``build_insert`` of a line.

    It raises ValueError, TypeError or IndexError for a line that is no row of the table.
    """
    kinds = dict(zip((column.name for column in table.columns), _list_kinds(table), strict=True))
    decoders = [(name, _DECODERS[kinds[name]]) for name in columns if kinds[name] in _DECODERS]

    def parse(line: bytes) -> dict[str, Any]:
        row = dict(zip(columns, json.loads(line), strict=True))
        for name, decode in decoders:
            if row[name] is not None:
                row[name] = decode(row[name])
        return row

    return parse


def build_copy_parser(table: Table, columns: Sequence[str]) -> Callable[[bytes], list[Any]]:
    """A function that makes the values of a line as COPY takes them; it raises as ``build_parser``'s does."""
    kinds = dict(zip((column.name for column in table.columns), _list_kinds(table), strict=True))
    texts = [n for n, name in enumerate(columns) if kinds[name] == "json"]

    def parse(line: bytes) -> list[Any]:
        values: list[Any] = json.loads(line)
        if len(values) != len(columns):
            raise ValueError(f"{len(values)} values, expected {len(columns)}")
        for n in texts:
            if values[n] is not None:
                (inner,) = values[n]
                values[n] = build_json_text(inner)
        return values

    return parse


def dump_row(row: Sequence[Any]) -> bytes:
    """The line of a row of plain values."""
    return _dump(list(row)).encode() + b"\n"


def build_words_parser(columns: Sequence[str]) -> Callable[[bytes], tuple[int, SearchText]]:
    """A function that makes the id of an artifact and its words of a line; it raises as ``build_parser``'s does."""

    def parse(line: bytes) -> tuple[int, SearchText]:
        row = dict(zip(columns, json.loads(line), strict=True))
        return row["id"], SearchText(title=row["title"], body=row["body"])

    return parse


def _list_kinds(table: Table) -> list[str]:
    return [
        "json" if isinstance(column.type, JSON) else "moment" if isinstance(column.type, UtcDateTime) else "plain"
        for column in table.columns
    ]


def _decode_json(value: Any) -> Any:
    (inner,) = value
    return JSON.NULL if inner is None else inner


_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode

_ENCODERS: dict[str, Callable[[Any], Any]] = {
    "json": lambda text: [json.loads(text)],
    "moment": lambda moment: moment.isoformat(),
}
_DECODERS: dict[str, Callable[[Any], Any]] = {"json": _decode_json, "moment": datetime.fromisoformat}
