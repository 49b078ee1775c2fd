"""A dataset held against a schema, and against what its format promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.curate.builtin.load import find_builtin
from vitrina.curate.checked import Checked
from vitrina.curate.codes import build_finding
from vitrina.curate.component import Component
from vitrina.curate.data.check import check_data
from vitrina.curate.nearest import suggest
from vitrina.curate.parts import build_record, find_parts, get_kind, list_slots
from vitrina.curate.slots import EVERY, EXTERNAL, build_path, parse_slot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.curate.part import Part
    from vitrina.curate.vocabulary import Vocabulary
    from vitrina.model.finding import Finding
    from vitrina.model.schema import Schema

type Planned = list[tuple[Part, Schema]]
"""What slots hold, and what they should hold."""

_ORDER = {"error": 0, "warning": 1, "info": 2}
_FRAMES = ("DataFrame", "dict")


def check_dataset(
    dataset: Any,
    schema: Schema,
    vocabulary: Vocabulary,
    *,
    features: Mapping[str, object] | None = None,
    organism: str | None = None,
) -> Checked:
    """What is wrong with a dataset by a schema, and in itself; never raises for anything that data can be.

    Args:
        dataset: DataFrame, AnnData, MuData, SpatialData, DataArray or DataTree (an image), or a mapping of single
            values.
        schema: With its component schemas. One with the name of a built-in brings that one's rules along.
        vocabulary: What values mean.
        features: Values that are given along with the dataset, by feature; checked against the slot ``__external__``,
            or, where the dataset is no frame and the schema has no slots, against the schema itself.
        organism: That genes and stages are of; None for any.
    """
    builtin = find_builtin(schema.name) if schema.name else None
    findings = _check_kind(dataset, schema)
    planned, missing = _plan_parts(dataset, schema, features or {})
    findings += missing
    forms = builtin.forms if builtin else {}
    components = [
        Component(part, own, vocabulary, forms=forms.get(str(part.slot)), organism=organism) for part, own in planned
    ]
    for component in components:
        component.check()
        findings += component.findings
    if builtin is not None and builtin.slots:
        findings += builtin.check_rules(dataset, components, vocabulary)
    for component in components:
        placed = find_builtin(component.schema.name) if component.schema.name else None
        if placed is not None and not placed.slots:
            findings += placed.place(str(component.part.slot)).check_rules(dataset, [component], vocabulary)
    findings += check_data(dataset)
    checked = tuple(feature for component in components for feature in component.features)
    return Checked(findings=sort_findings(findings), features=checked)


def sort_findings(findings: list[Finding]) -> tuple[Finding, ...]:
    """Errors first, each finding once, otherwise in the order given."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: _ORDER[finding.severity]))


def _check_kind(dataset: Any, schema: Schema) -> list[Finding]:
    kind = get_kind(dataset)
    if schema.otype in (None, kind):
        return []
    message = f"The schema {schema.name or schema.uid!r} is for {schema.otype}, and this is {kind}."
    return [build_finding("object-type-differs", "#", message, fix=f"Use a schema for {kind}.")]


def _plan_parts(dataset: Any, schema: Schema, external: Mapping[str, object]) -> tuple[Planned, list[Finding]]:
    """What is to be held against what, and the slots that are not there."""
    planned: Planned = []
    findings: list[Finding] = []
    if schema.members or schema.itype is not None or schema.is_flexible:
        own, findings = _find_own(dataset, schema, external)
        planned += [(part, schema) for part in own]
    for text, component in schema.slots.items():
        parts = [build_record(parse_slot(text), external)] if text == EXTERNAL else find_parts(dataset, text)
        planned += [(part, component) for part in parts]
        if not parts and EVERY not in parse_slot(text).steps and _is_needed(component):
            findings.append(_build_missing(dataset, text))
    return planned, findings


def _find_own(dataset: Any, schema: Schema, external: Mapping[str, object]) -> tuple[list[Part], list[Finding]]:
    """What a schema's own features are held against: the frame or mapping itself, else the external values."""
    if get_kind(dataset) in _FRAMES:
        return find_parts(dataset, ""), []
    if external or not list_slots(dataset):
        return [build_record(parse_slot(EXTERNAL), external)], []
    slots = list_slots(dataset)
    message = (
        f"The schema {schema.name or schema.uid!r} has features of its own; of {get_kind(dataset)} it must say in "
        "which slot they are, or their values must be given along with the dataset."
    )
    fix = f"Put it into a slot, such as slots={{{slots[0]!r}: schema}}, or pass features={{...}}."
    return [], [build_finding("slots-needed", "#", message, fix=fix)]


def _is_needed(component: Schema) -> bool:
    """Whether a slot must be there: not when all that it should have may be absent."""
    optional = all(member.is_optional for member in component.members)
    return not (component.members and (optional or not component.is_minimal))


def _build_missing(dataset: Any, text: str) -> Finding:
    message = f"The {get_kind(dataset)} object has no slot {text!r}, which the schema asks for."
    fix = suggest(text, list_slots(dataset), otherwise="It has")
    return build_finding("slot-missing", build_path(text), message, fix=fix)
