"""A schema in words: the tree that ``Schema.describe()`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.feature import Feature
    from vitrina.model.schema import Schema

_INDENT = "    "


def describe_schema(schema: Schema) -> str:
    """The schema as lines of text, its slots and features below it; nothing is cut."""
    return "\n".join([f"Schema {schema.name or schema.uid}{_describe_demands(schema)}", *_list_parts(schema, _INDENT)])


def describe_feature(feature: Feature) -> str:
    """What a feature asks for, such as ``float in micrometer``."""
    parts = [feature.dtype]
    if feature.unit:
        parts.append(f"in {feature.unit}")
    if not feature.is_nullable:
        parts.append("never missing")
    if feature.default is not None:
        parts.append(f"default {feature.default!r}")
    if feature.is_coerced:
        parts.append("coerced")
    return ", ".join(parts)


def _list_parts(schema: Schema, indent: str) -> Iterator[str]:
    if schema.description:
        yield indent + schema.description
    if schema.itype:
        values = f", values {schema.dtype}" if schema.dtype else ""
        yield f"{indent}names are {schema.itype}{values}"
    if schema.index:
        yield f"{indent}index: {schema.index.name}  {describe_feature(schema.index)}"
    width = max((len(member.feature.name) for member in schema.members), default=0)
    for member in schema.members:
        optional = ", optional" if member.is_optional else ""
        yield f"{indent}{member.feature.name:<{width}}  {describe_feature(member.feature)}{optional}"
    for slot, component in schema.slots.items():
        named = f"  ({component.name})" if component.name else ""
        yield f"{indent}{slot}{named}{_describe_demands(component)}"
        yield from _list_parts(component, indent + _INDENT)


def _describe_demands(schema: Schema) -> str:
    words = [schema.otype] if schema.otype else []
    words += [
        text
        for text, is_so in (
            ("not all features needed", not schema.is_minimal),
            ("no further columns", schema.is_maximal),
            ("in this order", schema.is_ordered),
            ("further columns checked by their names", schema.is_flexible),
            ("coerced", schema.is_coerced),
        )
        if is_so
    ]
    return f"  [{', '.join(words)}]" if words else ""
