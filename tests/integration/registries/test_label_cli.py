"""``vitrina label`` and ``vitrina add --label``."""

import json

import pytest

from vitrina.cli.main import main
from vitrina.model.feature import FeatureDraft


@pytest.fixture
def vitrina(instance, monkeypatch, capsys):
    """Runs a command on the instance with its small reference; gives the exit code, output and errors."""
    monkeypatch.setattr("vitrina.verbs.connect.connect", lambda _named=None: instance)

    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
        captured = capsys.readouterr()
        return caught.value.code, captured.out, captured.err

    return run


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    return str(path)


def list_labels(instance):
    return [(label.feature, label.name) for label in instance.read_annotations(instance.show("t.csv")).labels]


def test_a_dataset_is_added_with_labels(vitrina, instance, table):
    code, out, _ = vitrina("add", table, "--label", "tissue=pulmo", "--label", "assay=Xenium Spatial Gene Expression")
    assert code == 0
    assert "  tissue  lung (UBERON:0002048), which 'pulmo' means\n" in out
    assert "  assay  10x Xenium (EFO:0022615), which 'Xenium Spatial Gene Expression' means\n" in out
    assert list_labels(instance) == [(None, "10x Xenium"), (None, "lung")]


def test_nothing_is_added_with_a_label_that_nobody_knows(vitrina, instance, table):
    code, out, err = vitrina("add", table, "--label", "tissue=lugn")
    assert (code, out) == (2, "")
    assert "label-value-unknown: No Tissue is called 'lugn'." in err
    assert "Did you mean 'lung'" in err
    assert instance.catalog.count_artifacts() == 0


def test_an_artifact_is_labelled_and_unlabelled(vitrina, instance, table):
    vitrina("add", table)
    instance.add_feature(FeatureDraft(name="age", dtype="int"))
    instance.add_feature(FeatureDraft(name="donor", dtype="cat[ULabel]"))
    code, out, _ = vitrina("label", "t.csv", "tissue=lung", "age=63", "donor=D1", "--new")
    assert code == 0
    assert out.splitlines()[1:] == [
        "  tissue  lung (UBERON:0002048)",
        "  donor  D1, a new term of your own",
        "  age  63",
    ]
    assert list_labels(instance) == [(None, "lung"), ("donor", "D1")]
    shown = vitrina("show", "t.csv")[1]
    assert "├── Dataset features\n│   ├── age    63 · int\n│   └── donor  D1 · cat[ULabel]\n" in shown
    assert "├── Labels\n│   ├── tissues  lung (UBERON:0002048)\n│   └── ulabels  D1\n" in shown
    code, out, _ = vitrina("label", "t.csv", "tissue=lung", "age=63", "--remove")
    assert (code, out.partition(" ")[0]) == (0, "unlabelled")
    assert list_labels(instance) == [("donor", "D1")]
    assert instance.read_annotations(instance.show("t.csv")).values == ()


@pytest.mark.parametrize(
    ("pairs", "code", "hint"),
    [
        (["tissue"], "label-malformed", "Write F=V"),
        (["tissue="], "label-malformed", "Write F=V"),
        (["tisue=lung"], "label-name-unknown", "Did you mean 'tissue'"),
        (["ulabel=x"], "label-value-unknown", "--new"),
        (["tissue=lung", "--remove"], "label-absent", "vitrina show t.csv"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_next_step(vitrina, table, pairs, code, hint):
    vitrina("add", table)
    exit_code, _, err = vitrina("label", "t.csv", *pairs)
    assert exit_code == 2
    assert err.startswith(f"{code}: ")
    assert hint in err


def test_json_is_printed_in_the_shape_of_the_api(vitrina, table):
    vitrina("add", table)
    code, out, _ = vitrina("label", "t.csv", "tissue=lung", "--json")
    assert code == 0
    assert json.loads(out)["key"] == "t.csv"


def test_a_dataset_that_is_there_gets_further_labels(vitrina, instance, table):
    vitrina("add", table, "--label", "tissue=lung")
    code, out, _ = vitrina("add", table, "--label", "tissue=brain")
    assert (code, out.partition(" ")[0]) == (0, "unchanged")
    assert list_labels(instance) == [(None, "brain"), (None, "lung")]
