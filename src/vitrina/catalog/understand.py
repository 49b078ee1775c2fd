"""From the names in a query to what the catalog knows by them: fields, features, registries, terms.

A name is a field, else a feature, else the alias or plural of a registry. A feature that is named like the alias of the
very registry that its values come from (``tissue`` of dtype ``cat[Tissue]``) means that registry: what was labelled
without the feature is then found too.

A value of a label is the name, a synonym, the ontology id or the uid of a term, without regard to case, and finds what
is labelled with the term or one below it; ``is_exact`` takes it literally and for the term alone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vitrina.catalog.conditions import Absent, All, LabelCondition, LabeledCondition, Some, ValueCondition
from vitrina.catalog.fields import (
    COMPARISONS,
    TEXT_LOOKUPS,
    build_unknown_error,
    check_lookup,
    is_field,
    parse_boolean,
    parse_collection,
    parse_condition,
)
from vitrina.catalog.tables import AncestorRow, FeatureRow, TermNameRow, TermRow
from vitrina.catalog.values import choose_column, parse_feature_value
from vitrina.errors import InputError
from vitrina.model.dtype import parse_dtype
from vitrina.model.expression import And, Compare, Not, Or
from vitrina.model.finding import Finding
from vitrina.model.registry import find_registry, list_words
from vitrina.model.term import Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from vitrina.catalog.conditions import Condition
    from vitrina.catalog.vocabulary import Vocabulary
    from vitrina.model.dtype import Dtype
    from vitrina.model.expression import Expression

LABEL_LOOKUPS = ("in", "isnull", *TEXT_LOOKUPS)
VALUE_LOOKUPS = ("in", "isnull", *COMPARISONS, *TEXT_LOOKUPS)
TERM_FIELDS = ("name", "ontology_id", "uid")

MAX_COMPARED_NAMES = 10_000
N_SUGGESTED = 3

_SELECT_FEATURES = select(FeatureRow.id, FeatureRow.name, FeatureRow.dtype).where(
    FeatureRow.name.in_(bindparam("names", expanding=True))
)
_SELECT_FEATURE_NAMES = select(FeatureRow.name).limit(MAX_COMPARED_NAMES)
_SELECT_NAMED = (
    select(TermNameRow.folded, TermNameRow.rank, TermRow.id, TermRow.uid, TermRow.name, TermRow.ontology_id)
    .join(TermRow, TermRow.id == TermNameRow.term_id)
    .where(
        TermNameRow.registry_name.in_(bindparam("registries", expanding=True)),
        TermNameRow.folded.in_(bindparam("folded", expanding=True)),
    )
)
_SELECT_BY_UID = select(TermRow.id, TermRow.uid, TermRow.name, TermRow.ontology_id).where(
    TermRow.uid.in_(bindparam("uids", expanding=True))
)
_SELECT_BELOW = (
    select(AncestorRow.term_id)
    .join(TermRow, TermRow.id == AncestorRow.term_id)
    .where(
        AncestorRow.ancestor_key.in_(bindparam("keys", expanding=True)),
        TermRow.registry_name.in_(bindparam("registries", expanding=True)),
    )
)
_SELECT_NAMES = select(TermRow.name).where(TermRow.registry_name.in_(bindparam("registries", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A query in the catalog's own terms, and what the user should know of it."""

    condition: Condition
    hints: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """Labels that a name means: those of registries, perhaps as values of a feature."""

    name: str
    registries: tuple[str, ...]
    feature_id: int | None = None
    term_field: str | None = None

    @property
    def registry(self) -> str | None:
        return self.registries[0] if len(self.registries) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    """Values of a feature that a name means."""

    name: str
    feature_id: int
    dtype: Dtype


def understand(
    connection: Connection, expression: Expression, *, vocabulary: Vocabulary | None = None, is_exact: bool = False
) -> Understood:
    """The condition that an expression means.

    Raises:
        InputError: An unknown name or lookup, or an impossible value. An unknown term is no error: nothing has it, and
            a hint names the nearest terms.
    """
    names = {compare.name for compare in _list_compares(expression) if not is_field(compare.name)}
    return _Understanding(connection, vocabulary, is_exact=is_exact, features=_read_features(connection, names)).read(
        expression
    )


def _list_compares(expression: Expression) -> Iterator[Compare]:
    match expression:
        case Compare():
            yield expression
        case And() | Or():
            for part in expression.parts:
                yield from _list_compares(part)
        case Not():
            yield from _list_compares(expression.part)


def _read_features(connection: Connection, names: Iterable[str]) -> dict[str, tuple[int, Dtype]]:
    wanted = list({name.split("__", 1)[0] for name in names})
    if not wanted:
        return {}
    rows = connection.execute(_SELECT_FEATURES, {"names": wanted})
    return {row.name: (row.id, parse_dtype(row.dtype)) for row in rows}


@dataclass(slots=True)
class _Understanding:
    """One query being understood."""

    connection: Connection
    vocabulary: Vocabulary | None
    is_exact: bool = field(kw_only=True)
    features: Mapping[str, tuple[int, Dtype]] = field(kw_only=True)
    hints: list[Finding] = field(default_factory=list)

    def read(self, expression: Expression) -> Understood:
        condition = self._read(expression)
        return Understood(condition=condition, hints=tuple(self.hints))

    def _read(self, expression: Expression) -> Condition:
        match expression:
            case And():
                return All(parts=tuple(map(self._read, expression.parts)))
            case Or():
                return Some(parts=tuple(map(self._read, expression.parts)))
            case Not():
                return Absent(part=self._read(expression.part))
            case Compare():
                return self._read_compare(expression)

    def _read_compare(self, compare: Compare) -> Condition:
        if is_field(compare.name):
            return parse_condition(compare.name, compare.lookup, compare.value)
        match self._find_meaning(compare.name):
            case _Labels() as labels:
                return self._read_labels(labels, compare)
            case _Values() as values:
                return _read_values(values, compare)

    def _find_meaning(self, name: str) -> _Labels | _Values:
        base, _, rest = name.partition("__")
        feature = self.features.get(base)
        registry = find_registry(base)
        if feature is not None:
            feature_id, dtype = feature
            if not dtype.is_category and not rest:
                return _Values(name=name, feature_id=feature_id, dtype=dtype)
            if dtype.is_category and rest in {"", *TERM_FIELDS}:
                is_registry = registry is not None and dtype.registries == (registry.name,)
                return _Labels(
                    name=base,
                    registries=dtype.registries,
                    feature_id=None if is_registry else feature_id,
                    term_field=rest or None,
                )
        elif registry is not None and rest in {"", *TERM_FIELDS}:
            return _Labels(name=base, registries=(registry.name,), term_field=rest or None)
        raise self._build_unknown_error(name, is_known=is_field(base) or feature is not None or registry is not None)

    def _build_unknown_error(self, name: str, *, is_known: bool) -> InputError:
        base, _, rest = name.partition("__")
        if is_known:
            known = ", ".join(f"{base}__{lookup}" for lookup in VALUE_LOOKUPS)
            return InputError(
                "unknown-lookup", f"{base} cannot be asked for {rest!r}.", hint=f"There are {known}.", where=name
            )
        features = self.connection.execute(_SELECT_FEATURE_NAMES).scalars()
        return build_unknown_error(name, [*features, *list_words()])

    def _read_labels(self, labels: _Labels, compare: Compare) -> Condition:
        check_lookup(compare.name, compare.lookup, LABEL_LOOKUPS)
        if compare.lookup == "isnull" or (compare.lookup == "exact" and compare.value is None):
            is_absent = compare.value is None or parse_boolean(compare.name, compare.value)
            present = LabeledCondition(registry=labels.registry, feature_id=labels.feature_id)
            return Absent(part=present) if is_absent else present
        if compare.lookup in TEXT_LOOKUPS:
            term_ids = self._find_by_text(labels, compare)
        else:
            values = (
                parse_collection(compare.name, compare.value, _parse_term)
                if compare.lookup == "in"
                else (_parse_term(compare.value),)
            )
            term_ids = self._find_terms(labels, values)
        return LabelCondition(term_ids=frozenset(term_ids), feature_id=labels.feature_id, registry=labels.registry)

    def _find_by_text(self, labels: _Labels, compare: Compare) -> Iterable[int]:
        wanted = _parse_term(compare.value)
        matches = _TEXT_MATCHES[compare.lookup]
        column = {"ontology_id": TermRow.ontology_id, "uid": TermRow.uid}.get(labels.term_field or "", TermRow.name)
        rows = self.connection.execute(
            select(TermRow.id, column.label("text")).where(TermRow.registry_name.in_(labels.registries))
        )
        return [row.id for row in rows if row.text is not None and matches(row.text, wanted)]

    def _find_terms(self, labels: _Labels, values: Sequence[str]) -> set[int]:
        """Ids of the terms that values mean, with those below them unless the query is exact."""
        found = self._find_registered(labels, values)
        keys = {row.ontology_id or row.uid for rows in found.values() for row in rows}
        term_ids = {row.id for rows in found.values() for row in rows}
        missing = [value for value in values if value not in found]
        known = {} if self.vocabulary is None else self._find_in_reference(labels, missing)
        keys.update(key for value in missing for key in known.get(value, ()))
        for value in missing:
            if value not in known:
                self.hints.append(self._build_hint(labels, value))
        if keys and not self.is_exact and labels.term_field is None:
            parameters = {"keys": list(keys), "registries": list(labels.registries)}
            term_ids.update(self.connection.execute(_SELECT_BELOW, parameters).scalars())
        return term_ids

    def _find_registered(self, labels: _Labels, values: Sequence[str]) -> dict[str, list[Any]]:
        folded = list({value.casefold() for value in values})
        registries = list(labels.registries)
        rows: Sequence[Any] = self.connection.execute(_SELECT_NAMED, {"folded": folded, "registries": registries}).all()
        by_uid: Sequence[Any] = self.connection.execute(_SELECT_BY_UID, {"uids": list(values)}).all()
        found: dict[str, list[Any]] = {}
        for value in values:
            named = [row for row in rows if row.folded == value.casefold()]
            if self.is_exact or labels.term_field is not None:
                named = [row for row in named if _is_literally(row, value, labels.term_field)]
            best = min((row.rank for row in named), default=None)
            fitting = [row for row in named if row.rank == best] or [row for row in by_uid if row.uid == value]
            if fitting:
                found[value] = fitting
        return found

    def _find_in_reference(self, labels: _Labels, values: Sequence[str]) -> dict[str, set[str]]:
        """Ontology ids by value: the terms are not registered, but terms below them may be."""
        found: dict[str, set[str]] = {}
        if values and self.vocabulary is not None:
            for registry, term_field in itertools.product(labels.registries, ("name", "ontology_id")):
                for value, drafts in self.vocabulary.find_terms(registry, values, field=term_field).items():
                    ids = {draft.ontology_id for draft in drafts if draft.ontology_id is not None}
                    found.setdefault(value, set()).update(ids)
        return {value: ids for value, ids in found.items() if ids}

    def _build_hint(self, labels: _Labels, value: str) -> Finding:
        nearest = self._suggest(labels, value)
        return Finding(
            code="value-unknown",
            severity="info",
            path=labels.name,
            message=f"No {' or '.join(labels.registries)} is called {value!r}, so nothing has it.",
            fix=f"Did you mean {' or '.join(repr(name) for name in nearest)}?" if nearest else None,
        )

    def _suggest(self, labels: _Labels, value: str) -> list[str]:
        from rapidfuzz import fuzz, process, utils

        rows = self.connection.execute(_SELECT_NAMES.limit(MAX_COMPARED_NAMES), {"registries": list(labels.registries)})
        best = process.extract(
            value,
            list(rows.scalars()),
            scorer=fuzz.WRatio,
            processor=utils.default_process,
            limit=N_SUGGESTED,
            score_cutoff=75,
        )
        names = [name for name, *_ in best]
        if self.vocabulary is not None:
            for registry in labels.registries:
                names += self.vocabulary.suggest(registry, value)
        distinct = list(dict.fromkeys(names))
        distinct.sort(key=lambda name: -fuzz.ratio(name, value, processor=utils.default_process))
        return distinct[:N_SUGGESTED]


def _is_literally(row: Any, value: str, term_field: str | None) -> bool:
    texts = {"name": row.name, "ontology_id": row.ontology_id, "uid": row.uid}
    return value in (texts.values() if term_field is None else (texts[term_field],))


def _parse_term(value: object) -> str:
    """The text that identifies a term; records of terms are taken too."""
    if isinstance(value, Term):
        return value.uid
    if isinstance(value, str):
        return value
    raise InputError("value-malformed", f"{value!r} is not a term: expected its name, ontology id, uid or record.")


def _read_values(values: _Values, compare: Compare) -> Condition:
    check_lookup(compare.name, compare.lookup, VALUE_LOOKUPS)
    column = choose_column(values.dtype)
    if compare.lookup == "isnull" or (compare.lookup == "exact" and compare.value is None):
        is_absent = compare.value is None or parse_boolean(compare.name, compare.value)
        present = ValueCondition(feature_id=values.feature_id, column=column, lookup="isnull", values=(False,))
        return Absent(part=present) if is_absent else present

    def parse(value: object) -> str | float:
        return parse_feature_value(values.dtype, value)

    if compare.lookup in TEXT_LOOKUPS and column != "text":
        raise InputError(
            "unknown-lookup",
            f"{values.name} holds {values.dtype}, which cannot be asked for {compare.lookup!r}.",
            where=compare.name,
        )
    wanted = parse_collection(compare.name, compare.value, parse) if compare.lookup == "in" else (parse(compare.value),)
    return ValueCondition(feature_id=values.feature_id, column=column, lookup=compare.lookup, values=wanted)


_TEXT_MATCHES: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "icontains": lambda text, part: part.casefold() in text.casefold(),
    "startswith": str.startswith,
    "endswith": str.endswith,
}
