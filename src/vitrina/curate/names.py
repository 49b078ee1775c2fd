"""Whether the names of a slot are those of a schema: none missing, none too many, in order, none twice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vitrina.curate.codes import build_finding
from vitrina.curate.nearest import join_some, suggest
from vitrina.curate.slots import build_path

if TYPE_CHECKING:
    from vitrina.curate.part import Part
    from vitrina.model.feature import Feature
    from vitrina.model.finding import Finding
    from vitrina.model.schema import Schema


def check_names(part: Part, schema: Schema) -> list[Finding]:
    """What is wrong with the names of a slot by a schema's members."""
    return [
        *_check_repeated(part, schema),
        *_check_missing(part, schema),
        *_check_unexpected(part, schema),
        *_check_order(part, schema),
    ]


def find_synonym(part: Part, feature: Feature) -> str | None:
    """The name in a slot that means a feature by a synonym, or in another case; None when there is none."""
    known = {feature.name.casefold(), *(synonym.casefold() for synonym in feature.synonyms)}
    return next((name for name in part.names if name.casefold() in known and name != feature.name), None)


def _check_missing(part: Part, schema: Schema) -> list[Finding]:
    findings = []
    for member in schema.members:
        feature = member.feature
        if feature.name in part:
            continue
        synonym = find_synonym(part, feature)
        path = build_path(part.slot, feature.name)
        place = _tell(part)
        if synonym is not None:
            message = f"The {_word(part)} {synonym!r} of {place} is the feature {feature.name!r} by another name."
            findings.append(build_finding("column-synonym", path, message, fix=f"Rename it to {feature.name!r}."))
        elif schema.is_minimal and not member.is_optional:
            message = f"{place} has no {_word(part)} {feature.name!r}, which the schema needs ({feature.dtype})."
            spare = [name for name in part.names if name not in {other.feature.name for other in schema.members}]
            findings.append(build_finding("column-missing", path, message, fix=suggest(feature.name, spare)))
    return findings


def _check_unexpected(part: Part, schema: Schema) -> list[Finding]:
    if not schema.is_maximal:
        return []
    members = [member.feature.name for member in schema.members]
    return [
        build_finding(
            "column-unexpected",
            build_path(part.slot, name),
            f"{_tell(part)} has the {_word(part)} {name!r}, and the schema allows no others than its own.",
            fix=suggest(name, members, otherwise="It allows"),
        )
        for name in part.names
        if name not in members and not any(find_synonym(part, member.feature) == name for member in schema.members)
    ]


def _check_order(part: Part, schema: Schema) -> list[Finding]:
    if not schema.is_ordered:
        return []
    wanted = [member.feature.name for member in schema.members if member.feature.name in part.names]
    found = [name for name in part.names if name in wanted]
    if found == wanted:
        return []
    message = f"{_tell(part)} has {join_some(found)} in this order; the schema has {join_some(wanted)}."
    return [build_finding("columns-out-of-order", build_path(part.slot), message, fix="Reorder them.")]


def _check_repeated(part: Part, schema: Schema) -> list[Finding]:
    if len(set(part.names)) == len(part.names):
        return []
    counts = Counter(part.names)
    repeated = [member.feature.name for member in schema.members if counts[member.feature.name] > 1]
    return [
        build_finding(
            "columns-repeated",
            build_path(part.slot, name),
            f"{_tell(part)} has {counts[name]} {_word(part)}s {name!r}; only the first was checked.",
            fix="Rename or remove the others.",
        )
        for name in repeated
    ]


def _tell(part: Part) -> str:
    return str(part.slot) or ("The dataset" if part.is_record else "The data frame")


def _word(part: Part) -> str:
    return "key" if part.is_record else "column"
