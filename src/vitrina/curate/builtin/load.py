"""Built-in schemas: read from the TOML files beside this one, as drafts for the catalog and rules for checking.

name description source otype       as in SchemaDraft
[[features]]                        fields of FeatureDraft, and ``is_optional``
[slots.SLOT]                        fields of SchemaDraft, and ``features``: names, with ``?`` behind optional ones
[[rules]]                           fields of ColumnRule; ``when`` is a list of Conditions; an empty ``slot`` is
                                        the one in which a built-in without slots is used
[[forbidden]]                       slot, names, reason
foreign                             prefixes of ontologies that are not at hand
check                               name of the module with checks that no rule can say
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module, resources
from typing import TYPE_CHECKING, Any

from vitrina.curate.codes import build_finding
from vitrina.curate.rules import ColumnRule, Condition, build_forms, check_rule
from vitrina.curate.slots import build_path
from vitrina.model.feature import FeatureDraft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitrina.curate.component import Component
    from vitrina.curate.part import Part
    from vitrina.curate.rules import ValueForm
    from vitrina.curate.vocabulary import Vocabulary
    from vitrina.model.finding import Finding

BUILTINS = ("cellxgene", "spatial", "rembi", "miti", "quarep")
"""Names of all built-in schemas; they mean these whatever an instance calls its own."""

OPTIONAL = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltinComponent:
    """A component schema of a built-in, or the members of the built-in itself. Fields as in SchemaDraft.

    Attributes:
        features: Names of the members in order.
        optional: Those of the members that may be absent.
    """

    features: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    itype: str | None = None
    dtype: str | None = None
    is_maximal: bool = False
    is_flexible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """Names that may not be in a slot, and why."""

    slot: str
    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Builtin:
    """A schema that comes with Vitrina. Further fields as in SchemaDraft.

    Attributes:
        source: Address of what it follows.
        features: All that it uses, by name.
        own: Members of the schema itself.
        slots: Component schemas by slot.
        rules: On single columns.
        forbidden: Names that may not be there.
        foreign: Prefixes of ontologies that are not at hand.
        check: Name of the module with checks that no rule can say, or None.
    """

    name: str
    description: str
    source: str
    otype: str | None
    features: Mapping[str, FeatureDraft]
    own: BuiltinComponent
    slots: Mapping[str, BuiltinComponent]
    rules: tuple[ColumnRule, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    foreign: frozenset[str] = frozenset()
    check: str | None = None

    @property
    def forms(self) -> dict[str, dict[str, ValueForm]]:
        """How values are written, by slot and column."""
        return build_forms(self.rules, self.foreign)

    def place(self, slot: str) -> Builtin:
        """The same with its rules on one slot: a built-in without slots of its own can be used in any."""
        rules = tuple(replace(rule, slot=slot) for rule in self.rules)
        return replace(self, rules=rules, forbidden=tuple(replace(one, slot=slot) for one in self.forbidden))

    def check_rules(self, dataset: Any, components: Sequence[Component], vocabulary: Vocabulary) -> list[Finding]:
        """What is wrong with a dataset by the rules, after its components have been checked."""
        parts = {str(component.part.slot): component.part for component in components}
        known = _Known(components, vocabulary)
        forms = self.forms
        findings = [finding for one in self.forbidden for finding in _check_forbidden(one, parts)]
        for rule in self.rules:
            form = forms[rule.slot][rule.column]
            findings += check_rule(rule, form, parts, known.list_ids(rule.slot, rule.column), known.find_ancestors)
        if self.check is not None:
            module = import_module(f"vitrina.curate.builtin.{self.check}")
            findings += module.check(dataset, components, vocabulary, known.find_ancestors)
        return findings


@dataclass
class _Known:
    """The terms that were found, and what stands above them; each is asked for once."""

    components: Sequence[Component]
    vocabulary: Vocabulary
    _above: dict[str, frozenset[str]] = field(default_factory=dict)

    def list_ids(self, slot: str, column: str) -> frozenset[str] | None:
        """Ids that are terms, of a column; None where it holds none by its feature."""
        for component in self.components:
            if str(component.part.slot) == slot:
                for one in component.features:
                    if one.name == column and one.feature is not None and "cat[" in one.feature.dtype:
                        return frozenset(found.value for found in one.resolutions if found.is_valid)
        return None

    def find_ancestors(self, term_id: str) -> frozenset[str]:
        """Ids of all terms above a term."""
        if not self._above:
            self._above = self._read_ancestors()
        return self._above.get(term_id, frozenset())

    def _read_ancestors(self) -> dict[str, frozenset[str]]:
        by_registry: dict[str, set[str]] = {}
        for component in self.components:
            for one in component.features:
                for term in one.terms if one.feature is not None else ():
                    if term.ontology_id is not None:
                        by_registry.setdefault(term.registry, set()).add(term.ontology_id)
        above: dict[str, frozenset[str]] = {"": frozenset()}
        for registry, ids in by_registry.items():
            above |= self.vocabulary.find_ancestors(registry, sorted(ids))
        return above


def find_builtin(name: str) -> Builtin | None:
    """The built-in schema with a name; None when there is none."""
    return read_builtin(name) if name in BUILTINS else None


@cache
def read_builtin(name: str) -> Builtin:
    """The built-in schema with a name, one of BUILTINS."""
    text = resources.files(__package__ or "").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return build_builtin(tomllib.loads(text))


def build_builtin(table: Mapping[str, Any]) -> Builtin:
    """A built-in schema from what its file says."""
    drafts = [dict(one) for one in table.get("features", ())]
    own = [f"{one['name']}{OPTIONAL * bool(one.pop('is_optional', False))}" for one in drafts if not one.get("slot")]
    for one in drafts:
        one.pop("slot", None)
        one["synonyms"] = tuple(one.get("synonyms", ()))
    slots = {slot: _build_component(dict(one)) for slot, one in table.get("slots", {}).items()}
    return Builtin(
        name=table["name"],
        description=table["description"],
        source=table["source"],
        otype=table.get("otype"),
        features={one["name"]: FeatureDraft(**one) for one in drafts},
        own=BuiltinComponent() if slots else _build_component({"features": own}),
        slots=slots,
        rules=tuple(_build_rule(one) for one in table.get("rules", ())),
        forbidden=tuple(
            Forbidden(slot=one["slot"], names=tuple(one["names"]), reason=one["reason"])
            for one in table.get("forbidden", ())
        ),
        foreign=frozenset(table.get("foreign", ())),
        check=table.get("check"),
    )


def _build_component(table: dict[str, Any]) -> BuiltinComponent:
    names = table.pop("features", ())
    return BuiltinComponent(
        features=tuple(name.removesuffix(OPTIONAL) for name in names),
        optional=frozenset(name.removesuffix(OPTIONAL) for name in names if name.endswith(OPTIONAL)),
        **table,
    )


def _build_rule(table: Mapping[str, Any]) -> ColumnRule:
    when = tuple(Condition(**_freeze(one)) for one in table.get("when", ()))
    return ColumnRule(**(_freeze({key: value for key, value in table.items() if key != "when"}) | {"when": when}))


def _freeze(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: frozenset(value) if isinstance(value, list) else value for key, value in table.items()}


def _check_forbidden(forbidden: Forbidden, parts: Mapping[str, Part]) -> list[Finding]:
    part = parts.get(forbidden.slot)
    if part is None:
        return []
    return [
        build_finding(
            "column-forbidden",
            build_path(part.slot, name),
            f"{forbidden.slot} has {name!r}, which may not be there: {forbidden.reason}.",
            fix="Remove it.",
        )
        for name in forbidden.names
        if name in part.names
    ]
