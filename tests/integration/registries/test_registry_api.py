"""The registry classes of the notebook, with the names that LaminDB's users know."""

import logging

import numpy as np
import pytest

import vitrina as bt
import vitrina as vt
from vitrina.errors import ConflictError, InputError, NotFoundError

pytestmark = pytest.mark.usefixtures("connected")


def test_an_entry_of_the_reference_is_saved_once():
    lung = bt.Tissue.from_source(name="pulmo")
    assert repr(lung) == "Tissue(name='lung', ontology_id='UBERON:0002048', not saved)"
    saved = lung.save()
    assert saved is lung
    assert len(lung.uid) == 16
    again = bt.Tissue.from_source(ontology_id="UBERON:0002048")
    assert again == lung
    assert again.uid == lung.uid
    assert repr(again) == f"Tissue(uid={lung.uid!r}, name='lung', ontology_id='UBERON:0002048')"


def test_from_source_wants_one_name():
    for given in ({}, {"name": "lung", "ontology_id": "UBERON:0002048"}):
        with pytest.raises(InputError) as caught:
            vt.Tissue.from_source(**given)
        assert caught.value.code == "ref-missing"


def test_an_entry_of_your_own_has_parents_and_synonyms():
    lung = vt.Tissue.from_source(name="lung")
    margin = vt.Tissue(name="tumour margin", parents=[lung], synonyms="edge|rim", description="Where it ends").save()
    assert margin.synonyms == "edge|rim"
    assert margin.description == "Where it ends"
    assert margin.ontology_id is None
    assert margin.parents.to_list("name") == ["lung"]
    assert margin.ancestors.to_list("name") == margin.query_parents().to_list("name") == ["lung", "organ"]
    assert lung.uid  # saved along
    assert lung.children.to_list("name") == ["left lung", "tumour margin"]
    assert vt.Tissue.get("rim") == margin


def test_parents_are_added_and_removed():
    lung, brain = (vt.Tissue.from_source(name=name).save() for name in ("lung", "brain"))
    own = vt.Tissue(name="own").save()
    own.parents.add(lung, brain)
    assert own.parents.to_list("name") == ["brain", "lung"]
    own.parents.remove(lung)
    assert own.parents.to_list("name") == ["brain"]
    assert brain.descendants.to_list("name") == ["own"]
    with pytest.raises(ConflictError):
        brain.parents.add(own)


def test_a_term_of_your_own_with_a_known_name_is_told(caplog):
    with caplog.at_level(logging.WARNING, logger="vitrina"):
        vt.Tissue(name="brain").save()
        vt.Tissue(name="something new").save()
    (message,) = [record.getMessage() for record in caplog.records]
    assert message == (
        "Tissue 'brain' is kept as a term of your own; Tissue.from_source(ontology_id='UBERON:0000955') is 'brain' "
        "of the reference."
    )


def test_entries_are_got_filtered_searched_and_looked_up():
    lung = vt.Tissue.from_source(name="lung").save()
    left = vt.Tissue.from_source(name="left lung").save()
    assert vt.Tissue.get(name="lung") == vt.Tissue.get("pulmo") == vt.Tissue.get(lung.uid) == lung
    assert vt.Tissue.get(ontology_id="UBERON:0002168") == left
    assert list(vt.Tissue.filter(name__startswith="left")) == [left]
    assert vt.Tissue.filter(name="lung").one() == lung
    assert list(vt.Tissue.search("lung")) == [lung, left]
    assert vt.Tissue.lookup().left_lung == left
    frame = vt.Tissue.to_dataframe()
    assert list(frame["name"]) == ["left lung", "lung"]
    assert frame.loc[lung.uid, "ontology_id"] == "UBERON:0002048"
    assert len(vt.Tissue.to_dataframe(limit=1)) == 1
    assert len(vt.Tissue.to_dataframe(limit=0)) == 0


def test_what_is_missing_is_told_with_a_next_step():
    with pytest.raises(NotFoundError) as caught:
        vt.Tissue.get(name="lung")
    assert caught.value.hint == "The reference has it: Tissue.from_source(name='lung').save()."
    with pytest.raises(NotFoundError) as caught:
        vt.Tissue.get("lugn")
    assert "'lung'" in caught.value.hint
    vt.Tissue.from_source(name="lung").save()
    with pytest.raises(NotFoundError) as caught:
        vt.Tissue.get(name="pulmo")
    assert caught.value.hint == "'pulmo' is known by another field: Tissue.get('pulmo')."


def test_entries_are_made_from_values(caplog):
    vt.Tissue.from_source(name="brain").save()
    with caplog.at_level(logging.WARNING, logger="vitrina"):
        found = vt.Tissue.from_values(["brain", "pulmo", "lung", "moon", None])
    assert found.to_list("name") == ["brain", "lung"]
    assert [one.value for one in found.unknown] == ["moon"]
    assert "1 value is no Tissue: 'moon'" in caplog.text
    assert "create=True makes them" in caplog.text
    assert vt.Tissue.filter().count() == 1
    found.save()
    assert vt.Tissue.filter().to_list("name") == ["brain", "lung"]
    labels = vt.ULabel.from_values(["a", "b"], create=True).save()
    assert labels.unknown == ()
    assert vt.ULabel.filter().to_list("name") == ["a", "b"]


def test_genes_are_made_from_ids_and_symbols():
    genes = vt.Gene.from_values(
        ["ENSG00000075624", "ENSG00000141510"], field=vt.Gene.ensembl_gene_id, organism="human"
    ).save()
    assert [(gene.symbol, gene.ensembl_gene_id, gene.biotype) for gene in genes] == [
        ("ACTB", "ENSG00000075624", "protein_coding"),
        ("TP53", "ENSG00000141510", "protein_coding"),
    ]
    assert list(vt.Gene.to_dataframe()["symbol"]) == ["ACTB", "TP53"]
    assert vt.Gene.from_source(symbol="Actb", organism="mouse").ensembl_gene_id == "ENSMUSG00000029580"
    human = vt.Organism.from_source(name="human")
    assert vt.Gene.from_values(["ACTB"], organism=human).one().ensembl_gene_id == "ENSG00000075624"
    own = vt.Gene(symbol="GFP", organism="human", biotype="reporter").save()
    assert (own.symbol, own.ensembl_gene_id, own.biotype) == ("GFP", None, "reporter")
    new = vt.Gene.from_values(["ENSG1"], field="ensembl_gene_id", organism="human", create=True).save().one()
    assert (new.symbol, new.ensembl_gene_id) == (None, "ENSG1")


def test_values_are_validated_inspected_and_standardized():
    values = ["lung", "pulmo", "LUNG", "moon", 3, None]
    valid = vt.Tissue.validate(values)
    assert valid.dtype == np.bool_
    assert valid.tolist() == [True, False, False, False, False, False]
    assert vt.Tissue.validate(["UBERON:0002048", "lung"], field=vt.Tissue.ontology_id).tolist() == [True, False]
    assert vt.Tissue.validate([]).tolist() == []
    found = vt.Tissue.inspect(["lung", "pulmo", "lugn", "lung"])
    assert (found.validated, found.non_validated) == (["lung"], ["pulmo", "lugn"])
    assert found.frac_validated == 1 / 3
    assert found.synonyms_mapper == {"pulmo": "lung"}
    assert found.proposals["lugn"][0] == "lung"
    assert found.df.loc["pulmo", "standard"] == "lung"
    assert repr(found).startswith("1 of 3 values are a Tissue.name\n  'pulmo': standardize writes 'lung'\n")
    assert vt.Tissue.inspect([]).frac_validated == 1
    assert vt.Tissue.standardize(values) == ["lung", "lung", "lung", "moon", 3, None]
    assert vt.Tissue.standardize(values, return_mapper=True) == {"pulmo": "lung", "LUNG": "lung"}
    assert vt.Gene.standardize(["ACTB"], return_field=vt.Gene.ensembl_gene_id, organism="human") == ["ENSG00000075624"]


def test_the_reference_can_be_looked_around_in():
    public = vt.Tissue.public()
    assert repr(public) == "PublicOntology(Tissue, 4 terms)"
    assert list(public.to_dataframe()["name"]) == ["brain", "left lung", "lung", "organ"]
    assert public.to_dataframe().loc["UBERON:0002168", "parents"] == ["UBERON:0002048"]
    assert public.search("pulmo").index[0] == "UBERON:0002048"
    assert public.lookup().left_lung.ontology_id == "UBERON:0002168"
    assert public.inspect(["lung"]).frac_validated == 1
    assert list(vt.Gene.public(organism="mouse").to_dataframe()["name"]) == ["Actb"]
    assert vt.Tissue.filter().count() == 0  # nothing was registered
    with pytest.raises(InputError):
        vt.Project.public()


def test_synonyms_and_names_change():
    lung = vt.Tissue.from_source(name="lung")
    lung.add_synonym("Lunge")
    lung.save()
    lung.add_synonym(["poumon"])
    assert lung.synonyms == "pulmo|Lunge|poumon"
    assert vt.Tissue.get("poumon") == lung
    lung.remove_synonym("Lunge|pulmo")
    assert vt.Tissue.get("lung").synonyms == "poumon"
    own = vt.ULabel(name="old").save().rename("new")
    assert vt.ULabel.filter().to_list("name") == ["new"]
    own.delete()
    assert vt.ULabel.filter().count() == 0


def test_a_class_has_fields_and_a_record_has_values():
    assert str(vt.Tissue.ontology_id) == "Tissue.ontology_id"
    assert str(vt.Tissue.name) == "Tissue"
    assert vt.Feature(name="tissue_id", dtype=vt.Tissue.ontology_id).dtype == "cat[Tissue.ontology_id]"
    assert vt.Feature(name="tissue", dtype=bt.Tissue).dtype == "cat[Tissue]"
    assert vt.Schema(itype=vt.Gene.ensembl_gene_id).itype == "Gene.ensembl_gene_id"


def test_an_entry_that_is_not_saved_has_no_uid():
    with pytest.raises(InputError) as caught:
        _ = vt.ULabel(name="x").uid
    assert caught.value.code == "term-not-saved"
    assert vt.ULabel(name="x").created_at is None


def test_users_and_storages_are_listed(artifact):
    (user,) = vt.User.filter()
    assert vt.User.get(user.handle).uid == vt.User.get(user.uid).uid
    assert vt.User.to_dataframe().loc[user.uid, "handle"] == user.handle == artifact.created_by
    (storage,) = vt.Storage.filter()
    assert storage.root == artifact._saved.storage_url
    with pytest.raises(NotFoundError):
        vt.User.get("nobody")


def test_another_instance_has_its_own_entries(tmp_path):
    from vitrina.verbs.init import init

    init(tmp_path / "other")
    other = vt.DB(tmp_path / "other")
    other.ULabel(name="theirs").save()
    vt.ULabel(name="ours").save()
    assert other.ULabel.filter().to_list("name") == ["theirs"]
    assert vt.ULabel.filter().to_list("name") == ["ours"]
    assert str(other.Tissue.ontology_id) == "Tissue.ontology_id"
    with pytest.raises(AttributeError):
        _ = other.Nothing
