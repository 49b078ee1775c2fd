"""Records to and from JSON values. The same shape is stored in the catalog and sent over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedBy:
    """Says which field tells the records of a union apart; else pydantic tries them all, six times as long."""

    field: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        """Called by pydantic, which is not imported before."""
        from pydantic import Field

        return handler(Annotated[source, Field(discriminator=self.field)])


@cache
def _get_adapter(record_type: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # 0.1 s: only who reads or writes JSON pays for it

    return TypeAdapter(record_type)


def build_json(record: object) -> Any:
    """The record as JSON values: objects, lists, text, numbers, booleans, None; dates in ISO 8601."""
    record_type: Any = type(record)
    return _get_adapter(record_type).dump_python(record, mode="json")


def build_json_text(record: object) -> str:
    """``build_json`` as compact JSON text, in one step."""
    record_type: Any = type(record)
    return _get_adapter(record_type).dump_json(record).decode()


def parse_json_text[T](record_type: type[T], text: str | bytes) -> T:
    """The record that ``build_json_text`` turned into ``text``.

    Raises:
        ValueError: The text is not JSON, or does not have the record's shape.
    """
    hashable_type: Any = record_type
    parsed: T = _get_adapter(hashable_type).validate_json(text)
    return parsed


def parse_json[T](record_type: type[T], value: object) -> T:
    """The record that ``build_json`` turned into ``value``.

    Raises:
        ValueError: The value does not have the record's shape.
    """
    hashable_type: Any = record_type
    parsed: T = _get_adapter(hashable_type).validate_python(value)
    return parsed
