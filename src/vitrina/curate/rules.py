"""Rules of built-in schemas on columns, beyond what a feature can say: which terms, which words, and when. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.curate.codes import build_finding
from vitrina.curate.nearest import join_some, list_nearest
from vitrina.curate.slots import build_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy as np

    from vitrina.curate.part import Part
    from vitrina.model.finding import Finding

_PREFIX = re.compile(r"([^:_\s]+)[:_]")
_LOCAL_ID = re.compile(r"\w+")

type Ancestors = Callable[[str], frozenset[str]]
"""Gives the ids of all terms above a term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """For which rows a rule holds: those where another column has certain values.

    Attributes:
        slot: Where the other column is.
        column: Its name.
        is_in: The values, or none to have the next two decide.
        at_or_below: Terms that the value is, or that stand above it.
        negated: Whether the rule holds for the other rows.
    """

    slot: str
    column: str
    is_in: frozenset[str] = frozenset()
    at_or_below: frozenset[str] = frozenset()
    negated: bool = False

    def holds(self, value: str, ancestors: Ancestors) -> bool:
        """Whether rows with a value are among those that the rule is for."""
        found = value in self.is_in or value in self.at_or_below
        if not found and self.at_or_below:
            found = not ancestors(value).isdisjoint(self.at_or_below)
        return found != self.negated


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule:
    """What values a column may have in some rows.

    Attributes:
        slot: Where the column is.
        column: Its name.
        words: Values that are no terms, such as ``unknown``.
        terms: Ids of terms that may be there.
        below: Ids of terms whose descendants may be there.
        prefixes: Of ontologies all of whose terms may be there.
        not_terms: Ids of terms, or other values, that may not be there; alone, everything else may.
        not_below: Ids of terms whose descendants may not be there.
        separator: Between several terms of one value; None where a value is one term.
        several_of: Prefix that terms must have where there are several; None for any.
        when: Rows that the rule is for: all conditions hold.
        is_advice: Whether breaking it is a warning.
        reason: Why, as the end of the message.
    """

    slot: str
    column: str
    words: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()
    below: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    not_terms: frozenset[str] = frozenset()
    not_below: frozenset[str] = frozenset()
    separator: str | None = None
    several_of: str | None = None
    when: tuple[Condition, ...] = ()
    is_advice: bool = False
    reason: str = ""

    @property
    def takes_terms(self) -> bool:
        """Whether any term may be there."""
        return bool(self.terms or self.below or self.prefixes)

    def allows(self, term_id: str, ancestors: Ancestors) -> bool:
        """Whether a term may be there."""
        if term_id in self.not_terms or not ancestors(term_id).isdisjoint(self.not_below):
            return False
        if term_id in self.terms or get_prefix(term_id) in self.prefixes:
            return True
        return not ancestors(term_id).isdisjoint(self.below)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueForm:
    """How values of a column are written, as far as all its rules agree: what is no term, and where terms part.

    Attributes:
        words: Values that are no terms.
        separator: Between several terms; None where a value is one term.
        foreign: Prefixes of ontologies that are not at hand, whose ids are taken as they are.
    """

    words: frozenset[str]
    separator: str | None
    foreign: frozenset[str]

    def list_items(self, value: str) -> list[str]:
        """The terms of a value."""
        return value.split(self.separator) if self.separator else [value]

    def is_foreign(self, item: str) -> bool:
        """Whether a term is of an ontology that is not at hand."""
        prefix = get_prefix(item)
        return prefix in self.foreign and _LOCAL_ID.fullmatch(item, len(prefix) + 1) is not None

    def split(self, texts: Iterable[str], path: str) -> tuple[list[str], list[Finding]]:
        """The terms that are to be looked up, and a finding for those of which only the form can be checked."""
        items = list(dict.fromkeys(item for text in texts if text not in self.words for item in self.list_items(text)))
        foreign = [item for item in items if self.is_foreign(item)]
        findings = []
        if foreign:
            message = f"{join_some(foreign)} are of ontologies that are not at hand; only their form was checked."
            findings.append(build_finding("term-not-checked", path, message))
        return [item for item in items if item not in foreign], findings


def get_prefix(term_id: str) -> str:
    """The ontology of a term: what stands before ``:``, or before ``_`` in the Cellosaurus; empty without either."""
    match = _PREFIX.match(term_id)
    return match[1] if match else ""


def build_forms(rules: Iterable[ColumnRule], foreign: frozenset[str]) -> dict[str, dict[str, ValueForm]]:
    """How values are written, by slot and column."""
    grouped: dict[tuple[str, str], list[ColumnRule]] = {}
    for rule in rules:
        grouped.setdefault((rule.slot, rule.column), []).append(rule)
    forms: dict[str, dict[str, ValueForm]] = {}
    for (slot, column), group in grouped.items():
        words = frozenset(word for rule in group for word in rule.words)
        separator = next((rule.separator for rule in group if rule.separator), None)
        forms.setdefault(slot, {})[column] = ValueForm(words=words, separator=separator, foreign=foreign)
    return forms


def check_rule(
    rule: ColumnRule, form: ValueForm, parts: Mapping[str, Part], known: frozenset[str] | None, ancestors: Ancestors
) -> list[Finding]:
    """The values that a rule does not allow in the rows that it is for.

    Args:
        rule: Which.
        form: How values of the column are written.
        parts: By slot.
        known: Ids that are terms; others have been told of already. None where the column holds no terms.
        ancestors: Of a term.
    """
    part = parts.get(rule.slot)
    if part is None or rule.column not in part.names:
        return []
    rows = find_rows(rule.when, parts, ancestors)
    if rows is False:
        return []
    factors = part.factorize(rule.column)
    counts = factors.counts if rows is True else _count(factors.codes, rows, len(factors.uniques))
    findings = []
    for value, count in zip(factors.uniques, counts, strict=True):
        wrong = _find_wrong(rule, form, str(value), known, ancestors) if count else None
        if wrong is not None:
            findings.append(_build(rule, str(value), None if part.is_record else int(count), wrong))
    return findings


def find_rows(
    conditions: Iterable[Condition], parts: Mapping[str, Part], ancestors: Ancestors
) -> np.ndarray[Any, Any] | bool:
    """The rows for which all conditions hold, as booleans; True for all rows, False for none."""
    import numpy as np

    rows: np.ndarray[Any, Any] | bool = True
    for condition in conditions:
        part = parts.get(condition.slot)
        if part is None or condition.column not in part.names:
            return False
        factors = part.factorize(condition.column)
        holds = np.array([condition.holds(str(value), ancestors) for value in factors.uniques] + [False], dtype=bool)
        if part.is_record:
            if not holds[:-1].any():
                return False
            continue
        found = holds[factors.codes]
        rows = found if rows is True else rows & found
        if not np.any(rows):
            return False
    return rows


def _count(codes: Any, rows: Any, n_values: int) -> np.ndarray[Any, Any]:
    import numpy as np

    chosen = codes[rows].astype(np.intp)
    return np.bincount(chosen[chosen >= 0], minlength=n_values)


def _find_wrong(
    rule: ColumnRule, form: ValueForm, value: str, known: frozenset[str] | None, ancestors: Ancestors
) -> tuple[str, str] | None:
    """Code and complaint, where a value breaks a rule; None where it does not."""
    if value in rule.words or not (rule.words or rule.takes_terms or value in rule.not_terms):
        return None
    if value in form.words or known is None or not rule.takes_terms:
        return "value-not-allowed", "is not allowed"
    items = form.list_items(value)
    if len(items) > 1 and (wrong := _find_wrong_list(rule, items)):
        return wrong
    foreign = [item for item in items if form.is_foreign(item)]
    if any(get_prefix(item) not in rule.prefixes for item in foreign):
        return "term-not-allowed", "is not allowed"
    if all(rule.allows(item, ancestors) for item in items if item in known):
        return None
    return "term-not-allowed", "is not allowed"


def _find_wrong_list(rule: ColumnRule, items: list[str]) -> tuple[str, str] | None:
    """The same for several terms in one value, whatever they are."""
    if rule.separator is None:
        return "value-not-allowed", "names several terms, and only one is allowed"
    if items != sorted(set(items)):
        return "terms-out-of-order", "must name its terms in ascending order, each once"
    if rule.several_of and any(get_prefix(item) != rule.several_of for item in items):
        return "term-not-allowed", f"may name several terms only if all are of {rule.several_of}"
    return None


def _build(rule: ColumnRule, value: str, n_rows: int | None, wrong: tuple[str, str]) -> Finding:
    code, complaint = wrong
    rows = "" if n_rows is None else f" ({n_rows:,} row{'s' * (n_rows != 1)})"
    near = list_nearest(value, sorted(rule.words))
    return build_finding(
        code,
        build_path(rule.slot, rule.column),
        f"{value!r}{rows} in {rule.column!r} {complaint}{_tell(rule)}",
        fix=f"Did you mean {near[0]!r}?" if near and near[0] != value else None,
        severity="warning" if rule.is_advice else None,
    )


def _tell(rule: ColumnRule) -> str:
    if rule.reason:
        return f": {rule.reason}"
    return f"; allowed: {join_some(sorted(rule.words), 20)}." if rule.words and not rule.takes_terms else "."
