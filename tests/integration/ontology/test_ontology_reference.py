"""The shipped ontologies. Expected ids are of the ontologies' own pages, hierarchies of their published releases."""

from __future__ import annotations

import threading

import pytest

from vitrina.errors import InputError, NotFoundError, StorageError, UnreadableError
from vitrina.ontology.reference import Reference


def list_ids(terms):
    return [term.ontology_id for term in terms]


@pytest.mark.parametrize(
    ("registry", "value", "ontology_id"),
    [
        ("Tissue", "lung", "UBERON:0002048"),
        ("Tissue", "pulmo", "UBERON:0002048"),
        ("CellType", "neuron", "CL:0000540"),
        ("CellType", "nerve cell", "CL:0000540"),
        ("Disease", "normal", "PATO:0000461"),
        ("Disease", "Alzheimer disease", "MONDO:0004975"),
        ("ExperimentalFactor", "10x Xenium", "EFO:0022615"),
        ("ExperimentalFactor", "Xenium", "EFO:0022615"),
        ("ExperimentalFactor", "Visium Spatial Gene Expression", "EFO:0010961"),
        ("ExperimentalFactor", "Visium HD", "EFO:0920058"),
        ("ExperimentalFactor", "MERFISH", "EFO:0008992"),
        ("ExperimentalFactor", "CosMx SMI", "EFO:0920059"),
        ("ExperimentalFactor", "PhenoCycler", "EFO:0700002"),
        ("Organism", "Homo sapiens", "NCBITaxon:9606"),
        ("Organism", "human", "NCBITaxon:9606"),
        ("Organism", "mouse", "NCBITaxon:10090"),
        ("Organism", "rat", "NCBITaxon:10116"),
        ("Organism", "zebrafish", "NCBITaxon:7955"),
        ("Sex", "female", "PATO:0000383"),
        ("Sex", "male", "PATO:0000384"),
        ("Sex", "intersex", "PATO:0001340"),
        ("CellLine", "HeLa", "CVCL_0030"),
        ("CellLine", "HL-60", "CVCL_0002"),
        ("Ethnicity", "ancestry category", "HANCESTRO:0004"),
    ],
)
def test_a_name_or_synonym_means_its_term(reference, registry, value, ontology_id):
    assert list_ids(reference.find_terms(registry, [value])[value]) == [ontology_id]


@pytest.mark.parametrize(
    ("value", "ontology_id"),
    [
        ("Xenium Spatial Gene Expression", "EFO:0022615"),
        ("MERSCOPE", "EFO:0022956"),
        ("CODEX", "EFO:0700002"),
        ("CosMx Spatial Molecular Imager", "EFO:0920059"),
    ],
)
def test_a_vendors_name_of_a_product_is_a_synonym(reference, value, ontology_id):
    assert list_ids(reference.find_terms("ExperimentalFactor", [value])[value]) == [ontology_id]


def test_without_synonyms_only_names_count(reference):
    assert reference.find_terms("Tissue", ["pulmo"], with_synonyms=False) == {}


def test_case_matters_only_where_nothing_fits_exactly(reference):
    assert list_ids(reference.find_terms("Tissue", ["LUNG"])["LUNG"]) == ["UBERON:0002048"]
    # mouse and rat write Tspan6, and that is not what was asked for
    assert {term.name for term in reference.find_terms("Gene", ["TSPAN6"])["TSPAN6"]} == {"TSPAN6"}


def test_unknown_values_are_left_out(reference):
    assert list(reference.find_terms("Tissue", ["lung", "luing", ""])) == ["lung"]


def test_a_gene_is_found_by_symbol_and_id_in_its_organism(reference):
    # https://www.ensembl.org/Homo_sapiens/Gene/Summary?g=ENSG00000000003
    (gene,) = reference.find_terms("Gene", ["TSPAN6"], field="symbol", organism="human")["TSPAN6"]
    assert gene.attributes == {
        "biotype": "protein_coding",
        "ensembl_gene_id": "ENSG00000000003",
        "symbol": "TSPAN6",
    }
    assert (gene.organism, gene.source) == ("human", "gencode 48")
    found = reference.find_terms("Gene", ["ENSG00000000003"], field="ensembl_gene_id", organism="Homo sapiens")
    assert found == {"ENSG00000000003": (gene,)}
    assert reference.find_terms("Gene", ["ENSG00000000003"], field="ensembl_gene_id", organism="mouse") == {}


def test_a_symbol_of_two_genes_means_both(reference):
    # GENCODE 48 calls two genes WASH7P
    found = reference.find_terms("Gene", ["WASH7P"], organism="human")["WASH7P"]
    assert set(list_ids(found)) == {"ENSG00000227232", "ENSG00000310526"}


def test_a_stage_is_of_its_organism(reference):
    stages = {
        organism: reference.find_terms("DevelopmentalStage", ["adult stage"], organism=organism)
        for organism in ("human", "mouse")
    }
    assert {term.ontology_id.split(":")[0] for term in stages["human"]["adult stage"]} == {"HsapDv"}
    assert list_ids(stages["mouse"]["adult stage"]) == ["MmusDv:0000040"]


def test_an_obsolete_term_says_what_replaces_it(reference):
    term = reference.get_term("Disease", "MONDO:0000002")
    assert term.is_obsolete
    assert term.attributes["replaced_by"] == "MONDO:0009299"


def test_the_release_is_in_the_source(reference):
    assert reference.get_term("Tissue", "UBERON:0002048").source == "uberon 2026-04-01"


class TestHierarchy:
    def test_lung_has_160_descendants(self, reference):
        # counted in the release's own table of ancestors
        assert len(reference.list_descendants("Tissue", "UBERON:0002048")) == 160

    def test_a_part_of_a_kind_of_lung_is_below_lung(self, reference):
        # upper lobe of left lung: part of left lung, which is a lung
        lobe = reference.get_term("Tissue", "UBERON:0008952")
        assert "UBERON:0002048" in lobe.ancestor_ids
        assert "UBERON:0002048" not in lobe.parent_ids
        assert "left lung" in {term.name for term in reference.list_ancestors("Tissue", "UBERON:0008952")}

    def test_children_and_parents_are_each_others(self, reference):
        assert "UBERON:0002168" in list_ids(reference.list_children("Tissue", "UBERON:0002048"))
        assert list_ids(reference.list_parents("Tissue", "UBERON:0002168")) == ["UBERON:0002048"]

    def test_the_root_has_nothing_above(self, reference):
        assert reference.list_ancestors("CellType", "CL:0000000") == ()

    def test_visium_hd_is_a_visium(self, reference):
        assert "EFO:0010961" in reference.get_term("ExperimentalFactor", "EFO:0920058").ancestor_ids

    def test_mouse_is_a_mammal(self, reference):
        assert "Mammalia" in {term.name for term in reference.list_ancestors("Organism", "NCBITaxon:10090")}

    def test_a_term_that_does_not_exist_is_not_found(self, reference):
        with pytest.raises(NotFoundError, match="UBERON:nothing"):
            reference.list_children("Tissue", "UBERON:nothing")


class TestSearch:
    def test_the_term_of_that_name_comes_first(self, reference):
        found = reference.search_terms("lung")
        assert found[0].ontology_id == "UBERON:0002048"
        assert len(found) == 20

    @pytest.mark.parametrize("text", ["UBERON:0002048", "uberon:0002048", "UBERON_0002048"])
    def test_an_id_finds_its_term(self, reference, text):
        assert reference.search_terms(text)[0].name == "lung"

    def test_words_may_be_unfinished_and_in_any_order(self, reference):
        assert "left lung" in {term.name for term in reference.search_terms("lung lef", registry="Tissue")}

    def test_genes_come_by_whole_symbols_and_in_their_registry_by_beginnings(self, reference):
        assert reference.search_terms("tspan6")[0].ontology_id == "ENSG00000000003"
        assert "Gene" not in {term.registry for term in reference.search_terms("tspa", limit=200)}
        assert reference.search_terms("tspa", registry="Gene")[0].name.upper().startswith("TSPA")

    def test_found_terms_know_their_ancestors(self, reference):
        assert "UBERON:0000171" in reference.search_terms("lung")[0].ancestor_ids

    @pytest.mark.parametrize("text", ["", " ", '"', "' OR 1=1 --", "*", "a" * 5000, "\x00", "NOT", "lung\udcff"])
    def test_any_text_is_only_a_text(self, reference, text):
        reference.search_terms(text)
        reference.suggest("Tissue", text)
        reference.find_terms("Tissue", [text])


class TestSuggest:
    @pytest.mark.parametrize(
        ("registry", "value", "name"),
        [
            ("Tissue", "luing", "lung"),
            ("Disease", "lung adenocarcinmoa", "lung adenocarcinoma"),
            ("Disease", "Alzheimers", "Alzheimer disease"),
            ("ExperimentalFactor", "10x Xeniun", "10x Xenium"),
            ("CellLine", "HeLla", "HeLa"),
            ("Gene", "TSPN6", "TSPAN6"),
            ("Organism", "humn", "Homo sapiens"),
        ],
    )
    def test_a_typo_finds_the_name_first(self, reference, registry, value, name):
        assert reference.suggest(registry, value)[0] == name

    def test_what_is_like_nothing_gets_no_suggestion(self, reference):
        assert reference.suggest("Tissue", "qqqqqqq") == []

    def test_a_registry_without_reference_suggests_nothing(self, reference):
        assert reference.suggest("ULabel", "lung") == []


class TestManyValues:
    def test_40_000_values_are_one_statement(self, reference, count_statements):
        reference.find_terms("Gene", ["x"])
        values = [f"ENSG{number:011}" for number in range(40_000)]
        with count_statements() as statements:
            found = reference.find_terms("Gene", values, field="ensembl_gene_id")
        assert len(statements) == 1
        assert "ENSG00000000003" in found

    def test_200_000_values_are_four_statements(self, reference, count_statements):
        reference.find_terms("Tissue", ["x"])
        values = ["lung", *(f"no tissue {number}" for number in range(199_999))]
        with count_statements() as statements:
            assert list(reference.find_terms("Tissue", values)) == ["lung"]
        assert len(statements) == 4

    def test_values_come_back_in_their_order_and_once(self, reference):
        assert list(reference.find_terms("Tissue", ["liver", "lung", "liver"])) == ["liver", "lung"]


class TestWrongUse:
    def test_an_unknown_registry_names_those_there_are(self, reference):
        with pytest.raises(InputError, match="no registry 'Tisue'") as caught:
            reference.find_terms("Tisue", ["lung"])
        assert "Tissue" in caught.value.hint

    def test_an_unknown_field_names_those_there_are(self, reference):
        with pytest.raises(InputError, match="symbol") as caught:
            reference.find_terms("Tissue", ["lung"], field="symbol")
        assert caught.value.hint == "The fields are name, ontology_id."

    def test_a_registry_of_users_own_terms_knows_nothing(self, reference):
        assert reference.find_terms("ULabel", ["lung"]) == {}

    def test_a_file_that_was_not_built_names_the_recipe(self, tmp_path):
        with pytest.raises(StorageError, match="reference ontologies are missing") as caught:
            Reference(shipped=tmp_path / "reference.sqlite").find_terms("Tissue", ["lung"])
        assert "make ontology" in caught.value.hint

    @pytest.mark.parametrize("content", [b"", b"not SQLite" * 100, b"SQLite format 3\x00" + bytes(4080)])
    def test_a_damaged_file_is_unreadable(self, tmp_path, content):
        path = tmp_path / "reference.sqlite"
        path.write_bytes(content)
        with pytest.raises(UnreadableError) as caught:
            Reference(shipped=path).find_terms("Tissue", ["lung"])
        assert caught.value.code == "ontology-file-unreadable"


def test_threads_may_ask_at_once(reference):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(len(reference.list_descendants("Tissue", "UBERON:0002048"))))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [160] * 16
