import pytest

from vitrina.errors import InputError, UnreadableError
from vitrina.model.ontology import OntologyRelease, OntologyTerm
from vitrina.ontology.normal import clean_synonyms, get_prefix, parse_version, shorten_id
from vitrina.ontology.plan import plan_terms


def make_release(*ids, name=None, version=None, **fields):
    terms = tuple(OntologyTerm(ontology_id=one, name=one.lower(), **fields) for one in ids)
    return OntologyRelease(name=name, version=version, terms=terms)


class TestPlanTerms:
    def test_terms_of_other_ontologies_are_left_out(self):
        release = make_release("CL:1", "UBERON:1", "CL:2", name="uberon")
        assert [term.ontology_id for term in plan_terms(release, registry=None, name="uberon")] == ["UBERON:1"]

    def test_the_most_common_prefix_is_its_own_when_the_name_is_none(self):
        release = make_release("CL:1", "UBERON:1", "CL:2")
        assert [term.ontology_id for term in plan_terms(release, registry=None, name="x")] == ["CL:1", "CL:2"]

    def test_the_registry_follows_from_the_prefix(self):
        assert plan_terms(make_release("MONDO:1"), registry=None, name="x")[0].registry == "Disease"

    def test_a_prefix_of_two_registries_needs_a_named_one(self):
        with pytest.raises(InputError, match="several registries") as caught:
            plan_terms(make_release("PATO:1"), registry=None, name="pato")
        assert caught.value.hint == "Name one of Disease, Sex with --registry."

    def test_an_unknown_prefix_needs_a_named_registry(self):
        with pytest.raises(InputError, match="no registry has terms LAB") as caught:
            plan_terms(make_release("LAB:1"), registry=None, name="lab")
        assert caught.value.code == "registry-unnamed"

    @pytest.mark.parametrize("registry", ["Gene", "ULabel"])
    def test_genes_and_labels_take_no_ontology(self, registry):
        with pytest.raises(InputError) as caught:
            plan_terms(make_release("LAB:1"), registry=registry, name="lab")
        assert caught.value.code == "registry-without-ontology"

    def test_parents_of_its_own_and_of_the_registry_are_kept(self):
        release = make_release("LAB:1", parent_ids=("LAB:2", "UBERON:3", "GO:4"))
        assert plan_terms(release, registry="Tissue", name="lab")[0].parent_ids == ("LAB:2", "UBERON:3")

    def test_the_source_is_name_and_version(self):
        release = make_release("LAB:1", version="2026-01-02")
        assert plan_terms(release, registry="Tissue", name="lab")[0].source == "lab 2026-01-02"

    def test_what_replaces_an_obsolete_term_is_an_attribute(self):
        release = make_release("CL:1", is_obsolete=True, replaced_by="CL:2")
        term = plan_terms(release, registry=None, name="cl")[0]
        assert (term.is_obsolete, term.attributes) == (True, {"replaced_by": "CL:2"})

    def test_no_terms_with_ids_is_an_error(self):
        with pytest.raises(UnreadableError, match="no terms with ids"):
            plan_terms(make_release("no id"), registry=None, name="x")


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("http://www.ebi.ac.uk/efo/EFO_0022615", "EFO:0022615"),
        ("http://purl.obolibrary.org/obo/UBERON_0002048", "UBERON:0002048"),
        ("UBERON:0002048", "UBERON:0002048"),
        ("http://example.org/thing", "http://example.org/thing"),
    ],
)
def test_addresses_are_shortened_to_ids(text, short):
    assert shorten_id(text) == short


@pytest.mark.parametrize(
    ("text", "prefix"), [("UBERON:0002048", "UBERON"), ("CVCL_0030", "CVCL"), ("lung", ""), ("1:2", "")]
)
def test_the_prefix_is_what_stands_before_the_sign(text, prefix):
    assert get_prefix(text) == prefix


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("releases/2026-04-01", "2026-04-01"),
        ("uberon/releases/2026-04-01/uberon.owl", "2026-04-01"),
        ("http://www.ebi.ac.uk/efo/releases/v3.90.0/efo.owl", "3.90.0"),
        ("55.0", "55.0"),
        ("my release", "my release"),
        (None, None),
    ],
)
def test_the_version_is_found_in_what_ontologies_write(text, version):
    assert parse_version(text) == version


def test_synonyms_are_distinct_single_lines_without_the_name():
    assert clean_synonyms("lung", ["pulmo", "lung", "", "pul\nmo", "pulmo"]) == ("pulmo", "pul mo")
