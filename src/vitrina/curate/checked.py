"""What checking a dataset gives: findings, and what was found where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.annotation import JsonValue
    from vitrina.model.feature import Feature
    from vitrina.model.finding import Finding
    from vitrina.model.resolution import Resolution
    from vitrina.model.term import Term, TermDraft

NAMES = "columns"
"""Name under which the names of a slot with an ``itype`` stand, such as the genes of ``var.T``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFeature:
    """A feature that a slot of the dataset has, and what its values are.

    Attributes:
        slot: Such as ``tables:table:obs``; empty when the dataset itself holds the features.
        name: As the data have it; ``columns`` for the names of a slot with an ``itype``, ``index`` where the schema
            says what the index holds.
        feature: None for the names of a slot with an ``itype``.
        resolutions: One for each distinct value, where values are terms; those that a built-in schema allows besides
            the registry (``unknown``, ``na``) are left out.
        value: The value as JSON where the slot holds a single one (``attrs``, ``uns``, images, external values) and
            its dtype fits; None elsewhere.
    """

    slot: str
    name: str
    feature: Feature | None
    resolutions: tuple[Resolution, ...] = ()
    value: JsonValue = None

    @property
    def terms(self) -> tuple[Term | TermDraft, ...]:
        """The terms of the valid values."""
        return tuple(found.term for found in self.resolutions if found.term is not None and found.is_valid)

    @property
    def non_validated(self) -> tuple[str, ...]:
        """The values that are not valid, those among them that mean a term (synonyms, another case) included."""
        return tuple(found.value for found in self.resolutions if not found.is_valid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What checking a dataset gave.

    Attributes:
        findings: Errors first; those of the schema before those of the data.
        features: In the order of the schema's slots and members, then flexible ones.
    """

    findings: tuple[Finding, ...]
    features: tuple[CheckedFeature, ...]

    @property
    def is_valid(self) -> bool:
        """Whether there is no error."""
        return all(finding.severity != "error" for finding in self.findings)

    @property
    def terms(self) -> dict[tuple[str, str], tuple[Term | TermDraft, ...]]:
        """Terms by slot and name, where there are any."""
        return {(one.slot, one.name): one.terms for one in self.features if one.terms}

    @property
    def non_validated(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Values that are not valid, by slot and name, where there are any."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for one in self.features:
            if one.non_validated:
                found.setdefault(one.slot, {})[one.name] = one.non_validated
        return found
