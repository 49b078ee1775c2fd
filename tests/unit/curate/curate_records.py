"""Features, schemas and a vocabulary made by hand, for the tests of curation."""

from __future__ import annotations

import datetime as dt

from vitrina.model.feature import Feature
from vitrina.model.resolution import Resolution
from vitrina.model.schema import Member, Schema
from vitrina.model.term import TermDraft

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

TERMS = {
    "Tissue": {
        "lung": ("UBERON:0002048", ("pulmo",)),
        "liver": ("UBERON:0002107", ()),
        "left lung": ("UBERON:0002168", ()),
    },
    "CellType": {"B cell": ("CL:0000236", ("B lymphocyte",)), "T cell": ("CL:0000084", ())},
    "ULabel": {"donor 1": (None, ())},
    "Gene": {"TP53": ("ENSG00000141510", ()), "BRCA1": ("ENSG00000012048", ())},
}
ANCESTORS = {"UBERON:0002168": {"UBERON:0002048", "UBERON:0001062"}, "UBERON:0002048": {"UBERON:0001062"}}


def build_feature(name, dtype, **fields) -> Feature:
    drawn = {
        "unit": None,
        "description": None,
        "synonyms": (),
        "is_nullable": True,
        "default": None,
        "is_coerced": False,
    }
    return Feature(uid=name, name=name, dtype=dtype, created_at=NOW, created_by="ada", **(drawn | fields))


def build_schema(*features, optional=(), **fields) -> Schema:
    members = tuple(Member(feature=one, is_optional=one.name in optional) for one in features)
    drawn = {
        "name": None,
        "description": None,
        "index": None,
        "itype": None,
        "dtype": None,
        "otype": None,
        "slots": {},
        "is_minimal": True,
        "is_maximal": False,
        "is_ordered": False,
        "is_flexible": False,
        "is_coerced": False,
    }
    return Schema(uid="s", hash="", members=members, created_at=NOW, created_by="ada", **(drawn | fields))


class HandVocabulary:
    """A few terms, with what was asked."""

    def __init__(self, features=()):
        self.features = {feature.name: feature for feature in features}
        self.asked = []

    def resolve(self, registry, values, *, field="name", organism=None):  # noqa: ARG002 - of the protocol
        values = list(values)
        self.asked.append((registry, tuple(values)))
        return {value: self._resolve(registry, value, field) for value in values}

    def find_ancestors(self, registry, ontology_ids):  # noqa: ARG002 - of the protocol
        return {id_: frozenset(ANCESTORS.get(id_, ())) for id_ in ontology_ids}

    def find_features(self, names):
        return {name: self.features[name] for name in names if name in self.features}

    def _resolve(self, registry, value, field):
        for name, (ontology_id, synonyms) in TERMS.get(registry, {}).items():
            term = TermDraft(registry=registry, name=name, ontology_id=ontology_id, synonyms=synonyms)
            standard = name if field in ("name", "symbol") else ontology_id
            for found, how in (
                (value == name, "name"),
                (value == ontology_id, "identifier"),
                (value in synonyms, "synonym"),
                (value.casefold() == name.casefold(), "case"),
            ):
                if found:
                    return Resolution(value=value, term=term, standard=standard, matched_by=how)
        return Resolution(value=value, proposals=("lung",) if value == "lugn" else ())


def list_codes(findings, severity="error"):
    return [finding.code for finding in findings if finding.severity == severity]
