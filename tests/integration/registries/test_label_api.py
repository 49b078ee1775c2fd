"""``artifact.labels`` and ``artifact.features``."""

import pytest

import vitrina as vt
from vitrina.errors import InputError


@pytest.fixture
def lung(connected):
    return vt.Tissue.from_source(name="lung")


def test_labels_are_added_listed_and_removed(artifact, lung):
    batch = vt.ULabel(name="batch 1")
    artifact.labels.add([lung, batch])  # saved along
    assert list(artifact.labels) == [lung, batch]
    assert len(artifact.labels) == 2
    assert repr(artifact.labels) == "tissues  lung (UBERON:0002048)\nulabels  batch 1"
    assert (
        list(artifact.tissues) == list(artifact.labels.get("tissue")) == list(artifact.labels.get(vt.Tissue)) == [lung]
    )
    assert list(artifact.cell_types) == []
    artifact.labels.remove(batch)
    assert list(artifact.labels) == [lung]
    with pytest.raises(InputError) as caught:
        artifact.labels.remove(batch)
    assert caught.value.code == "label-absent"
    assert repr(vt.Artifact.get("t.csv").labels) == "tissues  lung (UBERON:0002048)"


def test_a_label_can_be_the_value_of_a_feature(artifact, lung):
    sampled = vt.Feature(name="sampled", dtype=vt.Tissue).save()
    left = vt.Tissue.from_source(name="left lung")
    artifact.labels.add(lung, feature=sampled)
    artifact.labels.add(left)
    assert list(artifact.labels.get("sampled")) == list(artifact.labels.get(sampled)) == [lung]
    assert list(artifact.tissues) == [left, lung]
    assert artifact.features.get_values() == {"sampled": "lung"}
    artifact.labels.add(left, feature="sampled")
    assert artifact.features["sampled"] == {"lung", "left lung"}
    artifact.labels.remove(left)  # plain and of the feature
    assert list(artifact.tissues) == [lung]
    with pytest.raises(InputError) as caught:
        artifact.labels.add(vt.ULabel(name="x"), feature=sampled)
    assert caught.value.code == "label-registry"


def test_labelled_artifacts_are_found_by_terms_above(artifact, lung):
    organ = vt.Tissue.from_source(name="organ").save()
    artifact.labels.add(vt.Tissue.from_source(name="left lung"))
    lung.save()
    assert [found.key for found in organ.artifacts] == ["t.csv"]
    assert vt.Artifact.filter(tissue=lung).count() == vt.Artifact.filter(tissue="lung").count() == 1
    assert vt.Artifact.filter(tissue=lung, exact=True).count() == 0
    assert vt.Artifact.search("left lung").count() == 1


def test_values_of_features_are_kept_with_their_dtype(artifact):
    vt.Feature(name="age", dtype=int, unit="year").save()
    vt.Feature(name="taken_on", dtype="date").save()
    vt.Feature(name="channels", dtype="list[str]").save()
    vt.Feature(name="donor", dtype=vt.ULabel).save()
    vt.ULabel(name="D1").save()
    values = {"age": 63, "taken_on": "2026-01-31", "channels": ["DAPI", "CD4"], "donor": "D1"}
    artifact.features.add_values(values)
    assert artifact.features.get_values() == values
    assert repr(artifact.features) == (
        "age       63 year · int\n"
        'channels  ["DAPI", "CD4"] · list[str]\n'
        "donor     D1 · cat[ULabel]\n"
        "taken_on  2026-01-31 · date"
    )
    artifact.features.add_values({"age": 64})
    artifact.features.remove_values(["taken_on", "donor"])
    assert artifact.features.get_values() == {"age": 64, "channels": ["DAPI", "CD4"]}
    assert list(artifact.ulabels) == []


def test_a_feature_takes_entries_and_lists_of_them(artifact, lung):
    vt.Feature(name="organs", dtype="list[cat[Tissue]]").save()
    vt.Feature(name="either", dtype="cat[ULabel|Tissue]").save()
    artifact.features.add_values({"organs": [lung, "brain"], "either": "lung"})
    assert artifact.features.get_values() == {"organs": {"lung", "brain"}, "either": "lung"}


@pytest.mark.parametrize(
    ("values", "code", "hint"),
    [
        ({"aeg": 1}, "label-name-unknown", "Did you mean 'age'?"),
        ({"age": "63"}, "value-mismatch", None),
        ({"sampled": "lugn"}, "label-value-unknown", "Did you mean 'lung'"),
        ({"sampled": 3}, "label-value-unknown", "Make it"),
        ({"tissue": "lung"}, "label-name-unknown", "Make the feature"),
    ],
)
def test_values_that_do_not_fit_are_refused_and_nothing_is_written(artifact, values, code, hint):
    vt.Feature(name="age", dtype=int).save()
    vt.Feature(name="sampled", dtype=vt.Tissue).save()
    with pytest.raises(InputError) as caught:
        artifact.features.add_values({"age": 1, **values} if "age" not in values else values)
    assert caught.value.code == code
    assert hint is None or hint in caught.value.hint
    assert artifact.features.get_values() == {}


def test_a_text_is_no_label(artifact):
    with pytest.raises(InputError) as caught:
        artifact.labels.add("lung")
    assert caught.value.code == "label-not-record"


def test_an_unknown_attribute_is_an_attribute_error(artifact):
    with pytest.raises(AttributeError, match="no attribute 'tissue_types'"):
        _ = artifact.tissue_types
    assert not hasattr(vt.Artifact, "tissues")


def test_describe_tells_labels_and_features_whole(artifact, lung, capsys):
    name = "a_feature_with_a_name_that_is_longer_than_any_column_of_a_terminal_that_is_eighty_wide_or_so"
    vt.Feature(name=name, dtype=int).save()
    artifact.labels.add(lung)
    artifact.features.add_values({name: 1})
    artifact.describe()
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("├── Dataset features")
    assert lines[start + 1].startswith(f"│   └── {name}  1")
    assert lines[start + 2 : start + 4] == ["├── Labels", "│   └── tissues  lung (UBERON:0002048)"]
