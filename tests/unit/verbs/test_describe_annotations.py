from datetime import UTC, datetime

from vitrina.model.annotation import Annotations, FeatureValue, Label
from vitrina.model.feature import Feature
from vitrina.model.schema import Member, Schema
from vitrina.verbs.describe_annotations import (
    describe_features,
    describe_labels,
    list_feature_lines,
    list_label_lines,
    list_slot_lines,
)

MOMENT = datetime(2026, 1, 31, tzinfo=UTC)
LABELS = (
    Label(registry="Tissue", uid="1", name="lung", ontology_id="UBERON:0002048"),
    Label(registry="Tissue", uid="1", name="lung", ontology_id="UBERON:0002048", feature="tissue"),
    Label(registry="Tissue", uid="2", name="own"),
    Label(registry="ULabel", uid="3", name="batch 1", feature="batch"),
    Label(registry="ULabel", uid="4", name="batch 2", feature="batch"),
)
VALUES = (
    FeatureValue(feature="age", dtype="int", value=63, unit="year"),
    FeatureValue(feature="tags", dtype="list[str]", value=["a", "ü"]),
)
ANNOTATIONS = Annotations(labels=LABELS, values=VALUES, slots=(("obs", "s1"), ("var.T", "s2")))


def build_feature(name, dtype):
    return Feature(
        uid=name,
        name=name,
        dtype=dtype,
        unit=None,
        description=None,
        synonyms=(),
        is_nullable=True,
        default=None,
        is_coerced=False,
        created_at=MOMENT,
        created_by="ada",
    )


def build_schema(uid, *features, itype=None):
    return Schema(
        uid=uid,
        name=None,
        description=None,
        hash="",
        members=tuple(Member(feature=feature) for feature in features),
        index=None,
        itype=itype,
        dtype=None,
        otype=None,
        slots={},
        is_minimal=True,
        is_maximal=False,
        is_ordered=False,
        is_flexible=False,
        is_coerced=False,
        created_at=MOMENT,
        created_by="ada",
    )


def test_labels_are_told_by_registry_and_each_once():
    assert list_label_lines(LABELS) == [("tissues", "lung (UBERON:0002048), own"), ("ulabels", "batch 1, batch 2")]
    assert describe_labels(LABELS) == "tissues  lung (UBERON:0002048), own\nulabels  batch 1, batch 2"


def test_features_are_told_with_value_unit_and_dtype():
    assert list_feature_lines(ANNOTATIONS) == [
        ("age", "63 year · int"),
        ("batch", "batch 1, batch 2 · cat[ULabel]"),
        ("tags", '["a", "ü"] · list[str]'),
        ("tissue", "lung · cat[Tissue]"),
    ]


def test_features_of_slots_stand_under_them_and_others_below():
    obs = build_schema("s1", build_feature("tissue", "cat[Tissue]"), build_feature("n_counts", "float"))
    names = build_schema("s2", itype="Gene.ensembl_gene_id")
    assert list_slot_lines(ANNOTATIONS, {"s1": obs, "s2": names}) == [
        ("obs", [("tissue", "lung · cat[Tissue]"), ("n_counts", "float")]),
        ("var.T", [("names", "Gene.ensembl_gene_id")]),
        (
            "",
            [
                ("age", "63 year · int"),
                ("batch", "batch 1, batch 2 · cat[ULabel]"),
                ("tags", '["a", "ü"] · list[str]'),
            ],
        ),
    ]


def test_nothing_said_is_nothing_told():
    assert describe_labels(()) == describe_features(Annotations()) == ""
    assert list_slot_lines(Annotations(), {}) == []
