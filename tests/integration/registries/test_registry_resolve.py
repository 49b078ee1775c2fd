"""What values mean in registry and reference together. Expected answers follow from the terms in ``conftest``."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from vitrina.errors import InputError, NotFoundError
from vitrina.model.term import Term, TermDraft


@contextmanager
def count_statements(instance):
    statements = []

    def note(_connection, _cursor, statement, *_):
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(instance.catalog.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(instance.catalog.database.engine, "before_cursor_execute", note)


def resolve(instance, registry, value, **options):
    return instance.resolve_values(registry, [value], **options)[value]


@pytest.mark.parametrize("is_registered", [False, True])
@pytest.mark.parametrize(
    ("value", "field", "expected"),
    [
        ("lung", "name", ("lung", "name", True)),
        ("LUNG", "name", ("lung", "case", False)),
        ("pulmo", "name", ("lung", "synonym", False)),
        ("Pulmo", "name", ("lung", "synonym", False)),
        ("UBERON:0002048", "name", ("lung", "identifier", False)),
        ("UBERON:0002048", "ontology_id", ("UBERON:0002048", "identifier", True)),
        ("lung", "ontology_id", ("UBERON:0002048", "name", False)),
        ("pulmo", "ontology_id", ("UBERON:0002048", "synonym", False)),
        ("moon", "name", (None, None, False)),
    ],
)
def test_a_value_means_a_term_whether_it_is_registered_or_not(instance, is_registered, value, field, expected):
    if is_registered:
        instance.add_terms([instance.get_reference_term("Tissue", "lung")])
    found = resolve(instance, "Tissue", value, field=field)
    assert (found.standard, found.matched_by, found.is_valid) == expected
    if found.term is not None:
        assert isinstance(found.term, Term if is_registered else TermDraft)


@pytest.mark.parametrize(
    ("value", "field", "organism", "standard"),
    [
        ("ACTB", "name", None, "ACTB"),
        ("ACTB", "ensembl_gene_id", None, "ENSG00000075624"),
        ("ENSG00000075624", "ensembl_gene_id", None, "ENSG00000075624"),
        ("ENSG00000075624", "symbol", None, "ACTB"),
        ("ACTB", "symbol", "mouse", "Actb"),
        ("Actb", "symbol", "Homo sapiens", "ACTB"),
        ("TP53", "symbol", "mouse", None),
    ],
)
def test_genes_are_known_by_symbol_and_id_and_organism(instance, value, field, organism, standard):
    assert resolve(instance, "Gene", value, field=field, organism=organism).standard == standard


def test_a_typo_gets_proposals_from_registry_and_reference(instance):
    instance.add_terms([TermDraft(registry="Tissue", name="lung apex"), TermDraft(registry="ULabel", name="batch 1")])
    assert resolve(instance, "Tissue", "lugn").proposals[0] == "lung"
    assert "lung apex" in resolve(instance, "Tissue", "lung apx").proposals
    assert resolve(instance, "ULabel", "batch1").proposals == ("batch 1",)
    assert resolve(instance, "ULabel", "something else entirely").proposals == ()


def test_an_exact_name_of_the_reference_wins_over_a_synonym_in_the_registry(instance):
    instance.add_terms([TermDraft(registry="Tissue", name="our sample", synonyms=("brain",))])
    assert resolve(instance, "Tissue", "brain").standard == "brain"


def test_terms_that_fit_equally_well_are_alternatives(instance):
    drafts = [TermDraft(registry="DevelopmentalStage", name="adult", organism=name) for name in ("human", "mouse")]
    human, mouse = instance.add_terms(drafts)
    found = resolve(instance, "DevelopmentalStage", "adult")
    assert (found.term, found.alternatives) == (human, (mouse,))
    assert resolve(instance, "DevelopmentalStage", "adult", organism="Mus musculus").term == mouse


def test_ten_thousand_values_take_as_many_statements_as_ten(instance):
    instance.add_terms([instance.get_reference_term("Tissue", "lung")])

    def count(number):
        with count_statements(instance) as statements:
            found = instance.resolve_values("Tissue", [f"lung {n}" for n in range(number - 1)] + ["lung"])
        assert len(found) == number
        assert found["lung"].is_valid
        return len(statements)

    assert count(10) == count(10_000) == 3  # terms, their parents, and the names that typos are compared with


def test_a_registered_term_is_below_what_the_reference_says(instance):
    (left,) = instance.add_terms([instance.get_reference_term("Tissue", "left lung")])
    assert [term.name for term in instance.catalog.terms.find_below("Tissue", "UBERON:0000062")] == ["left lung"]
    assert [term.name for term in instance.list_related(left, "ancestors")] == ["lung", "organ"]
    assert [term.name for term in instance.list_related(left, "parents")] == ["lung"]


def test_a_term_given_by_its_id_gets_its_place_from_the_reference(instance):
    (lung,) = instance.add_terms([TermDraft(registry="Tissue", name="Lunge", ontology_id="UBERON:0002048")])
    assert (lung.name, lung.synonyms, lung.parent_ids) == ("Lunge", ("lung", "pulmo"), ("UBERON:0000062",))


def test_own_terms_stand_among_those_of_the_reference(instance):
    (lung,) = instance.add_terms([instance.get_reference_term("Tissue", "lung")])
    (apex,) = instance.add_terms([TermDraft(registry="Tissue", name="apex", parent_ids=(lung.key,))])
    assert [term.name for term in instance.list_related(lung, "children")] == ["apex", "left lung"]
    organ = instance.get_reference_term("Tissue", "organ")
    assert [term.name for term in instance.list_related(organ, "descendants")] == [
        "apex",
        "brain",
        "left lung",
        "lung",
    ]
    assert instance.set_parents(apex, []).parent_ids == ()
    assert [term.name for term in instance.list_related(lung, "children")] == ["left lung"]


def test_parents_of_a_reference_term_can_be_added_to(instance):
    (left,) = instance.add_terms([instance.get_reference_term("Tissue", "left lung")])
    (own,) = instance.add_terms([TermDraft(registry="Tissue", name="paired organ")])
    (lung,) = instance.add_terms([instance.get_reference_term("Tissue", "lung")])
    instance.set_parents(left, [lung, own])
    assert [term.name for term in instance.list_related(left, "ancestors")] == ["lung", "organ", "paired organ"]


def test_what_the_reference_lacks_is_told_with_what_is_near(instance):
    with pytest.raises(NotFoundError) as caught:
        instance.get_reference_term("Tissue", "lugn")
    assert caught.value.code == "term-missing"
    assert "'lung'" in caught.value.hint
    with pytest.raises(InputError) as caught:
        instance.get_reference_term("ULabel", "x")
    assert caught.value.code == "registry-without-reference"


def test_an_unregistered_term_is_missing_and_the_hint_says_where_it_is(instance):
    with pytest.raises(NotFoundError) as caught:
        instance.get_term("Tissue", "pulmo")
    assert caught.value.hint == "The reference has it: Tissue.from_source(name='lung').save()."
