"""Own ontologies beside the shipped ones."""

from __future__ import annotations

import threading

import pytest

from vitrina.errors import InputError, NotFoundError, UnreadableError
from vitrina.model.term import TermDraft
from vitrina.ontology.merge import merge_terms
from vitrina.ontology.reference import Reference
from vitrina.ontology.write import write_terms
from vitrina.verbs.connect import connect
from vitrina.verbs.init import init
from vitrina.verbs.instance import OWN_ONTOLOGIES


@pytest.fixture
def instance(tmp_path):
    init(tmp_path / "lab")
    return connect(tmp_path / "lab")


def make_term(number, name, **fields):
    return TermDraft(registry="Tissue", name=name, ontology_id=f"LAB:{number}", source="lab 1", **fields)


class TestObo:
    def test_its_own_terms_are_taken_and_others_counted(self, instance, obo):
        done = instance.import_ontology(obo)
        assert (done.registry, done.source, done.added, done.foreign) == ("Tissue", "uberon 2026-10-01", 2, 1)

    def test_its_terms_count_before_the_shipped_ones(self, instance, obo):
        instance.import_ontology(obo)
        lung = instance.reference.get_term("Tissue", "UBERON:0002048")
        assert (lung.description, lung.source) == ("Organ of breath.", "uberon 2026-10-01")
        assert instance.reference.find_terms("Tissue", ["lung"])["lung"] == (lung,)
        assert [term.ontology_id for term in instance.reference.search_terms("lung")].count("UBERON:0002048") == 1

    def test_its_terms_hang_below_shipped_ones(self, instance, obo):
        before = len(instance.reference.list_descendants("Tissue", "UBERON:0002048"))
        instance.import_ontology(obo)
        lobule = instance.reference.find_terms("Tissue", ["lab lobule"])["lab lobule"][0]
        assert "UBERON:0002048" in lobule.ancestor_ids
        assert len(instance.reference.list_descendants("Tissue", "UBERON:0002048")) == before + 1

    def test_an_open_reference_sees_it_at_once(self, instance, obo):
        assert instance.reference.find_terms("Tissue", ["lab lobule"]) == {}
        instance.import_ontology(obo)
        assert "lab lobule" in instance.reference.find_terms("Tissue", ["lab lobule"])

    def test_a_newer_release_replaces_the_one_before(self, instance, obo):
        instance.import_ontology(obo)
        obo.write_text(obo.read_text().replace("UBERON:9999999", "UBERON:8888888").replace("2026-10-01", "2026-11-01"))
        instance.import_ontology(obo)
        assert instance.reference.find_terms("Tissue", ["UBERON:9999999"], field="ontology_id") == {}
        assert instance.reference.get_term("Tissue", "UBERON:8888888").source == "uberon 2026-11-01"

    def test_another_ontology_is_kept_beside_it(self, instance, obo, owl):
        instance.import_ontology(obo)
        instance.import_ontology(owl)
        assert "lab lobule" in instance.reference.find_terms("Tissue", ["lab lobule"])

    def test_a_registry_without_that_prefix_can_be_named(self, instance, tmp_path):
        path = tmp_path / "my lab.obo"
        path.write_text("format-version: 1.4\n\n[Term]\nid: LAB:1\nname: niche\nis_a: UBERON:0002048\n")
        assert instance.import_ontology(path, registry="Tissue").source == "my-lab"
        assert "UBERON:0000171" in instance.reference.get_term("Tissue", "LAB:1").ancestor_ids


class TestOwl:
    def test_names_synonyms_definitions_and_parents_are_read(self, instance, owl):
        done = instance.import_ontology(owl)
        assert (done.registry, done.source, done.added, done.foreign) == ("ExperimentalFactor", "efo 3.99.0", 3, 1)
        term = instance.reference.get_term("ExperimentalFactor", "EFO:0022615")
        assert (term.name, term.synonyms, term.description) == ("10x Xenium", ("Xenium of tomorrow",), "A platform.")
        assert set(term.parent_ids) == {"EFO:0000548", "EFO:0002772"}


class TestBadFiles:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.obo", b"no ontology\n"),
            ("a.obo", b"\x00\xff\xfe"),
            ("a.obo", b"format-version: 1.4\n\n[Term]\nid: UBERON:1\nname: \xff\n"),
            ("a.obo", b"format-version: 1.4\n\n[Term]\nid: UBERON:1\nname"),
            ("a.obo", b""),
            ("a.owl", b""),
            ("a.owl", b"<?xml version='1.0'?><rdf:RDF"),
            ("a.owl", b"not XML"),
            ("a.owl", b"<html><body>Not found</body></html>"),
        ],
    )
    def test_they_are_unreadable_and_change_nothing(self, instance, obo, tmp_path, name, content):
        instance.import_ontology(obo)
        own = instance.settings.folder / OWN_ONTOLOGIES
        before = own.read_bytes()
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UnreadableError):
            instance.import_ontology(path)
        assert own.read_bytes() == before
        assert not list(own.parent.glob("*.new"))

    def test_entities_that_grow_without_end_are_refused(self, instance, tmp_path):
        # a billion laughs; expat stops at an amplification of 100: https://libexpat.github.io/doc/api/latest/
        entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{entities}]><x>&l9;</x>'
        path = tmp_path / "laughs.owl"
        path.write_text(text)
        with pytest.raises(UnreadableError):
            instance.import_ontology(path)

    def test_a_file_cut_off_in_a_line_is_unreadable(self, instance, obo, owl):
        for path in (obo, owl):
            content = path.read_bytes()
            path.write_bytes(content[: content.index(b"lobule of" if path is obo else b"instrument") - 3])
            with pytest.raises(UnreadableError) as caught:
                instance.import_ontology(path)
            assert caught.value.code == "ontology-unreadable"

    def test_another_format_is_wrong_usage(self, instance, tmp_path):
        path = tmp_path / "a.json"
        path.write_text("{}")
        with pytest.raises(InputError, match=r"neither in \.obo nor in \.owl"):
            instance.import_ontology(path)

    def test_a_file_that_is_not_there_is_not_found(self, instance, tmp_path):
        with pytest.raises(NotFoundError):
            instance.import_ontology(tmp_path / "absent.obo")


class TestWriting:
    def test_a_file_is_written_whole_or_not_at_all(self, tmp_path):
        path = tmp_path / "own.sqlite"
        write_terms(path, [make_term(1, "niche")])
        before = path.read_bytes()

        def break_off():
            yield make_term(2, "another")
            raise RuntimeError("the power went")

        with pytest.raises(RuntimeError):
            write_terms(path, break_off())
        assert path.read_bytes() == before
        assert [found.name for found in tmp_path.iterdir()] == ["own.sqlite"]

    def test_the_first_of_two_with_the_same_id_counts(self, tmp_path):
        assert write_terms(tmp_path / "own.sqlite", [make_term(1, "a"), make_term(1, "b")]) == 1

    def test_imports_at_once_take_turns(self, tmp_path):
        path = tmp_path / "own.sqlite"
        threads = [
            threading.Thread(
                target=merge_terms,
                args=(path, [TermDraft(registry="Tissue", name=f"n{n}", ontology_id=f"L{n}:1", source=f"l{n} 1")]),
                kwargs={"name": f"l{n}"},
            )
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = Reference([path]).find_terms("Tissue", [f"n{n}" for n in range(8)])
        assert len(found) == 8

    def test_a_cycle_of_parents_does_no_harm(self, tmp_path):
        path = tmp_path / "own.sqlite"
        write_terms(path, [make_term(1, "a", parent_ids=("LAB:2",)), make_term(2, "b", parent_ids=("LAB:1",))])
        reference = Reference([path])
        assert [term.name for term in reference.list_ancestors("Tissue", "LAB:1")] == ["b"]
        assert [term.name for term in reference.list_descendants("Tissue", "LAB:1")] == ["b"]
