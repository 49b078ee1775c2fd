"""One slot of a dataset held against its component schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.curate.checked import NAMES, CheckedFeature
from vitrina.curate.codes import build_finding
from vitrina.curate.data.matrix import check_counts, check_finite
from vitrina.curate.factors import is_missing
from vitrina.curate.names import check_names
from vitrina.curate.part import INDEX
from vitrina.curate.slots import build_path
from vitrina.curate.terms import check_terms, check_texts, count_values, list_texts, resolve_texts
from vitrina.curate.values import check_missing, check_values, has_kind, to_python
from vitrina.errors import VitrinaError
from vitrina.model.dtype import parse_dtype, parse_registry_field
from vitrina.model.dtype_value import convert_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.curate.part import Part
    from vitrina.curate.rules import ValueForm
    from vitrina.curate.vocabulary import Vocabulary
    from vitrina.model.annotation import JsonValue
    from vitrina.model.dtype import Dtype
    from vitrina.model.feature import Feature
    from vitrina.model.finding import Finding
    from vitrina.model.schema import Schema

FEATURE = "Feature"
"""The ``itype`` of schemas whose members are features; the same as none."""


class Component:
    """The check of one slot: collects findings and what the slot's features are.

    Args:
        part: What the slot holds.
        schema: What it should hold.
        vocabulary: What values mean.
        forms: How a built-in schema has the values of single columns written, by name.
        organism: That genes and stages are of; None for any.
    """

    def __init__(
        self,
        part: Part,
        schema: Schema,
        vocabulary: Vocabulary,
        *,
        forms: dict[str, ValueForm] | None = None,
        organism: str | None = None,
    ) -> None:
        self.part = part
        self.schema = schema
        self.vocabulary = vocabulary
        self.forms = forms or {}
        self.organism = organism
        self.findings: list[Finding] = []
        self.features: list[CheckedFeature] = []

    def check(self) -> None:
        """Check names, then the values under each."""
        if self.schema.itype not in (None, FEATURE):
            self._check_members()
        else:
            self.findings += check_names(self.part, self.schema)
            for name, feature in self._list_features():
                self._check_feature(name, feature)
        if self.schema.index is not None and self.part.index is not None:
            self._check_feature(INDEX, self.schema.index)
        if self.schema.dtype is not None:
            self._check_matrix(self.schema.dtype)

    def _list_features(self) -> Iterator[tuple[str, Feature]]:
        """The members that are there, then, when the schema is flexible, the columns that are features anyhow."""
        members = {member.feature.name: member.feature for member in self.schema.members}
        yield from ((name, feature) for name, feature in members.items() if name in self.part.names)
        if self.schema.is_flexible:
            others = [name for name in self.part.names if name not in members]
            yield from self.vocabulary.find_features(others).items()

    def _check_feature(self, name: str, feature: Feature) -> None:
        dtype = parse_dtype(feature.dtype)
        coerce = feature.is_coerced or self.schema.is_coerced
        if dtype.is_category:
            self._check_category(name, feature, dtype, coerce=coerce)
            return
        if self.part.matrix is not None:
            found = _check_matrix_kind(self.part, name, dtype)
            if not feature.is_nullable and name == "X":
                found += check_finite(self.part.matrix, self.part.slot.node)
        else:
            found = check_values(self.part, name, feature, dtype, coerce=coerce)
        self.findings += found
        value = None if found else self._convert(name, dtype, coerce=coerce)
        self.features.append(CheckedFeature(slot=str(self.part.slot), name=name, feature=feature, value=value))

    def _check_category(self, name: str, feature: Feature, dtype: Dtype, *, coerce: bool) -> None:
        asked = str(dtype).removeprefix("list[").removeprefix("cat[").rstrip("]")
        path = build_path(self.part.slot, name)
        texts, others = list_texts(self.part, name, dtype, coerce=coerce)
        form = self.forms.get(name)
        if form is not None:
            texts, found = form.split(texts, path)
            self.findings += found
        resolutions = resolve_texts(
            texts, dtype.registries, dtype.field or "name", self.vocabulary, organism=self.organism
        )
        missing = check_missing(self.part, name, feature)
        self.findings += (
            missing if not self.part.is_record else check_values(self.part, name, feature, dtype, coerce=True)
        )
        self.findings += check_texts(others, self.part, name, asked)
        if any(not found.is_valid for found in resolutions):
            counts = count_values(self.part, name, dtype)
            self.findings += check_terms(resolutions, path, asked, counts=counts)
        value = self._convert(name, dtype, coerce=coerce)
        self.features.append(
            CheckedFeature(
                slot=str(self.part.slot), name=name, feature=feature, resolutions=tuple(resolutions), value=value
            )
        )

    def _check_members(self) -> None:
        """The names themselves are values of a registry: genes along ``var.T``, say."""
        field = parse_registry_field(self.schema.itype or FEATURE)
        names = list(dict.fromkeys(self.part.names))
        resolutions = resolve_texts(names, (field.registry,), field.name, self.vocabulary, organism=self.organism)
        path = build_path(self.part.slot)
        asked = f"{field.registry}.{field.name}"
        self.findings += check_terms(resolutions, path, asked)
        self.features.append(
            CheckedFeature(slot=str(self.part.slot), name=NAMES, feature=None, resolutions=tuple(resolutions))
        )

    def _check_matrix(self, text: str) -> None:
        """The values of the whole slot have one data type."""
        dtype = parse_dtype(text)
        if self.part.matrix is not None:
            self.findings += _check_matrix_kind(self.part, None, dtype)
            return
        for name in self.part.names:
            column = self.part.get(name)
            if hasattr(column, "dtype") and not has_kind(column, dtype.kind):
                message = f"{name!r} has dtype {column.dtype}; all of {self.part.slot} must be {dtype}."
                self.findings.append(build_finding("dtype-differs", build_path(self.part.slot, name), message))

    def _convert(self, name: str, dtype: Dtype, *, coerce: bool) -> JsonValue:
        if not self.part.is_record or is_missing(self.part.get(name)):
            return None
        try:
            return convert_value(dtype, to_python(self.part.get(name)), coerce=coerce)
        except VitrinaError:
            return None


def _check_matrix_kind(part: Part, name: str | None, dtype: Dtype) -> list[Finding]:
    """The values of a matrix are of a kind; for ``int``, whole numbers in whatever type they are stored."""
    matrix: Any = part.matrix
    path = build_path(part.slot) if name is None else build_path(part.slot, name)
    values = getattr(matrix, "data", matrix) if hasattr(matrix, "indptr") else matrix
    if matrix is None or not hasattr(values, "dtype"):
        return []
    if dtype.kind == "int":
        return check_counts(matrix, "X", severity="error") if name is None else []
    if has_kind(values, dtype.kind):
        return []
    message = f"The matrix has dtype {values.dtype}; the schema asks for {dtype}."
    return [build_finding("dtype-differs", path, message, fix=f"Convert the matrix to {dtype.kind}.")]
