"""What the catalog must do with terms on every database."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from vitrina.catalog import term_read
from vitrina.catalog.tables import InstanceRow
from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.model.annotation import LabelDraft
from vitrina.model.artifact import ArtifactDraft
from vitrina.model.content import Content
from vitrina.model.term import TermDraft

# UBERON: lung is_a respiration organ is_a organ; left lung is_a lung
LUNG = TermDraft(
    registry="Tissue",
    name="lung",
    ontology_id="UBERON:0002048",
    synonyms=("pulmo", "Lunge"),
    description="Respiration organ.",
    source="uberon 2025-08-15",
    parent_ids=("UBERON:0000171",),
    ancestor_ids=("UBERON:0000171", "UBERON:0000062"),
)
LEFT_LUNG = TermDraft(
    registry="Tissue",
    name="left lung",
    ontology_id="UBERON:0002168",
    parent_ids=("UBERON:0002048",),
    ancestor_ids=("UBERON:0002048", "UBERON:0000171", "UBERON:0000062"),
)
ORGAN = TermDraft(registry="Tissue", name="organ", ontology_id="UBERON:0000062")
ACTB = TermDraft(
    registry="Gene",
    name="ACTB",
    ontology_id="ENSG00000075624",
    organism="human",
    attributes={"symbol": "ACTB", "ensembl_gene_id": "ENSG00000075624", "biotype": "protein_coding"},
)
MOUSE_ACTB = TermDraft(
    registry="Gene",
    name="Actb",
    ontology_id="ENSMUSG00000029580",
    organism="mouse",
    attributes={"symbol": "Actb", "ensembl_gene_id": "ENSMUSG00000029580"},
)


def add(catalog, *drafts):
    return catalog.terms.add(drafts, created_by="ada")


def add_own(catalog, name, *parents, **changes):
    draft = TermDraft(registry="Tissue", name=name, parent_ids=tuple(parent.key for parent in parents), **changes)
    return add(catalog, draft)[0]


def get_below(catalog, key):
    return [term.name for term in catalog.terms.find_below("Tissue", key)]


def read_terms_change(catalog):
    with catalog.database.read() as connection:
        return connection.execute(select(InstanceRow.terms_change)).scalar_one()


@contextmanager
def count_statements(catalog):
    statements = []

    def note(_connection, _cursor, statement, *_):
        if not statement.startswith(("BEGIN", "SET")):
            statements.append(statement)

    event.listen(catalog.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(catalog.database.engine, "before_cursor_execute", note)


class TestAdding:
    def test_a_term_comes_back_as_it_was_added(self, catalog):
        (lung,) = add(catalog, LUNG)
        assert len(lung.uid) == 16
        assert (lung.registry, lung.name, lung.ontology_id) == ("Tissue", "lung", "UBERON:0002048")
        assert (lung.synonyms, lung.description, lung.source) == (
            ("pulmo", "Lunge"),
            "Respiration organ.",
            "uberon 2025-08-15",
        )
        assert (lung.parent_ids, lung.created_by, lung.key) == (("UBERON:0000171",), "ada", "UBERON:0002048")
        assert catalog.terms.get("Tissue", lung.uid) == lung

    def test_a_gene_keeps_its_attributes(self, catalog):
        (gene,) = add(catalog, ACTB)
        assert catalog.terms.get("Gene", "ACTB") == gene
        assert gene.attributes == ACTB.attributes
        assert gene.organism == "human"

    def test_a_term_that_is_there_is_given_back_and_nothing_is_written(self, catalog):
        (lung,) = add(catalog, LUNG)
        change = catalog.change_number()
        renamed = TermDraft(registry="Tissue", name="Lunge", ontology_id=LUNG.ontology_id)
        by_name = TermDraft(registry="Tissue", name="lung")
        assert add(catalog, LUNG, renamed, by_name) == (lung, lung, lung)
        assert catalog.change_number() == change

    def test_the_same_name_is_another_term_in_another_registry_or_organism(self, catalog):
        drafts = [
            TermDraft(registry="Tissue", name="x"),
            TermDraft(registry="ULabel", name="x"),
            TermDraft(registry="DevelopmentalStage", name="x", organism="human"),
            TermDraft(registry="DevelopmentalStage", name="x", organism="mouse"),
        ]
        assert len({term.uid for term in add(catalog, *drafts)}) == 4

    def test_drafts_of_one_term_make_one_term(self, catalog):
        by_name = TermDraft(registry="Tissue", name="lung")
        first, second, third = add(catalog, by_name, LUNG, LUNG)
        assert first == second == third
        assert first.ontology_id == "UBERON:0002048"
        assert catalog.terms.find("Tissue").total == 1

    def test_nothing_adds_nothing(self, catalog):
        assert catalog.terms.add([], created_by="ada") == ()

    def test_an_empty_name_is_refused(self, catalog):
        with pytest.raises(InputError) as caught:
            add(catalog, LUNG, TermDraft(registry="Tissue", name=" "))
        assert caught.value.code == "term-name-empty"
        assert catalog.terms.find("Tissue").total == 0  # all or none

    def test_an_unknown_registry_is_refused(self, catalog):
        with pytest.raises(InputError) as caught:
            add(catalog, TermDraft(registry="Organ", name="x"))
        assert caught.value.code == "registry-unknown"

    def test_a_thousand_terms_take_no_more_statements_than_ten(self, catalog):
        def add_many(prefix, number):
            drafts = [
                TermDraft(
                    registry="Gene",
                    name=f"{prefix}{n}",
                    ontology_id=f"ENS{prefix}{n}",
                    ancestor_ids=(f"ENS{prefix}0",) if n else (),
                    parent_ids=(f"ENS{prefix}0",) if n else (),
                )
                for n in range(number)
            ]
            with count_statements(catalog) as statements:
                catalog.terms.add(drafts, created_by="ada")
            return len(statements)

        add(catalog, ACTB)  # the user is there now
        assert add_many("A", 10) == add_many("B", 1000) <= 16

    def test_twenty_threads_make_one_term(self, catalog):
        found = []
        threads = [threading.Thread(target=lambda: found.extend(add(catalog, LUNG))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 20
        assert len({term.uid for term in found}) == 1


class TestNames:
    def test_a_value_finds_terms_by_each_of_their_names(self, catalog):
        (lung,) = add(catalog, LUNG)
        (gene,) = add(catalog, ACTB)
        values = ["lung", "LUNG", "pulmo", "PULMO", "UBERON:0002048", "uberon:0002048", "Lunge", "lun", ""]
        assert catalog.terms.find_by_names("Tissue", values) == dict.fromkeys(values[:7], (lung,))
        assert catalog.terms.find_by_names("Gene", ["ensg00000075624", "lung"]) == {"ensg00000075624": (gene,)}

    def test_case_is_folded_in_every_script(self, catalog):
        term = add_own(catalog, "Straße")  # folds to "strasse": https://www.unicode.org/Public/UNIDATA/CaseFolding.txt
        assert catalog.terms.find_by_names("Tissue", ["STRASSE"]) == {"STRASSE": (term,)}

    def test_letter_by_letter_wins_over_another_case_and_a_name_over_a_synonym(self, catalog):
        synonym = add_own(catalog, "a", synonyms=("Rib",))
        folded = add_own(catalog, "RIB")
        exact = add_own(catalog, "Rib")
        folded_synonym = add_own(catalog, "b", synonyms=("rIB",))
        found = catalog.terms.find_by_names("Tissue", ["Rib"])["Rib"]
        assert found == (exact, synonym, folded, folded_synonym)

    def test_genes_of_other_organisms_are_left_out_when_one_is_named(self, catalog):
        human, mouse = add(catalog, ACTB, MOUSE_ACTB)
        assert catalog.terms.find_by_names("Gene", ["ACTB"]) == {"ACTB": (human, mouse)}
        assert catalog.terms.find_by_names("Gene", ["ACTB"], organism="mouse") == {"ACTB": (mouse,)}

    def test_ten_thousand_values_take_two_statements(self, catalog):
        add(catalog, LUNG)
        with count_statements(catalog) as statements:
            found = catalog.terms.find_by_names("Tissue", [f"value {n}" for n in range(9_999)] + ["pulmo"])
        assert len(statements) == 2
        assert list(found) == ["pulmo"]

    def test_more_values_than_a_statement_takes_are_found_in_parts(self, catalog, monkeypatch):
        monkeypatch.setattr(term_read, "CHUNK", 3)
        drafts = [TermDraft(registry="ULabel", name=f"u{n}") for n in range(10)]
        terms = catalog.terms.add(drafts, created_by="ada")
        found = catalog.terms.find_by_names("ULabel", [draft.name for draft in drafts])
        assert [found[term.name] for term in terms] == [(term,) for term in terms]

    def test_a_term_is_got_by_uid_name_ontology_id_or_synonym(self, catalog):
        (lung,) = add(catalog, LUNG)
        for ref in (lung.uid, "lung", "UBERON:0002048", "pulmo", "LUNG"):
            assert catalog.terms.get("Tissue", ref) == lung
        for registry, ref in (("Tissue", "liver"), ("CellType", lung.uid), ("CellType", "lung")):
            with pytest.raises(NotFoundError) as caught:
                catalog.terms.get(registry, ref)
            assert caught.value.code == "term-missing"

    def test_a_name_of_several_terms_is_ambiguous(self, catalog):
        human, mouse = add(
            catalog,
            TermDraft(registry="DevelopmentalStage", name="adult", organism="human"),
            TermDraft(registry="DevelopmentalStage", name="adult", organism="mouse"),
        )
        with pytest.raises(NotFoundError) as caught:
            catalog.terms.get("DevelopmentalStage", "adult")
        assert caught.value.code == "term-ambiguous"
        assert f"{human.uid} (adult, human), {mouse.uid} (adult, mouse)." in caught.value.hint


class TestLists:
    @pytest.fixture
    def filled(self, catalog):
        add(catalog, LUNG, LEFT_LUNG, ORGAN, ACTB, MOUSE_ACTB)
        add_own(catalog, "Lung lobe 100%", description="Own")
        return catalog

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ({}, ["Lung lobe 100%", "left lung", "lung", "organ"]),
            ({"name": "lung"}, ["lung"]),
            ({"name": "Lung"}, []),
            ({"name__in": ["lung", "organ", "liver"]}, ["lung", "organ"]),
            ({"name__in": []}, []),
            ({"name__startswith": "l"}, ["left lung", "lung"]),
            ({"name__endswith": "lung"}, ["left lung", "lung"]),
            ({"name__contains": "lung"}, ["left lung", "lung"]),
            ({"name__contains": ""}, ["Lung lobe 100%", "left lung", "lung", "organ"]),
            ({"name__icontains": "LUNG"}, ["Lung lobe 100%", "left lung", "lung"]),
            ({"name__icontains": "%"}, ["Lung lobe 100%"]),
            ({"ontology_id": "UBERON:0002048"}, ["lung"]),
            ({"ontology_id": None}, ["Lung lobe 100%"]),
            ({"ontology_id__isnull": False, "name__startswith": "o"}, ["organ"]),
            ({"description__isnull": True}, ["left lung", "organ"]),
            ({"created_by": "bob"}, []),
        ],
    )
    def test_a_filter_finds_what_has_the_value(self, filled, where, expected):
        page = filled.terms.find("Tissue", where=where)
        assert sorted(term.name for term in page.items) == expected
        assert page.total == len(expected)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("lung", ["lung", "Lung lobe 100%", "left lung"]),  # the name itself, what begins with it, the rest
            ("LUNG left", ["left lung"]),
            ("pulm", ["lung"]),
            ("0002048", ["lung"]),
            ("%", ["Lung lobe 100%"]),
            ("nothing", []),
        ],
    )
    def test_a_text_finds_names_synonyms_and_identifiers(self, filled, text, expected):
        assert [term.name for term in filled.terms.find("Tissue", text=text).items] == expected

    def test_genes_are_filtered_by_their_attributes(self, filled):
        for where in ({"symbol": "ACTB"}, {"ensembl_gene_id": "ENSG00000075624"}, {"biotype": "protein_coding"}):
            assert [term.name for term in filled.terms.find("Gene", where=where).items] == ["ACTB"]

    def test_pages_have_every_term_once(self, filled):
        found, cursor = [], None
        while True:
            page = filled.terms.find("Tissue", limit=3, cursor=cursor)
            found += [term.name for term in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(found) == len(set(found)) == page.total == 4

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            ({"where": {"nmae": "x"}}, "unknown-field"),
            ({"where": {"symbol": "x"}}, "unknown-field"),
            ({"where": {"name__like": "x"}}, "unknown-lookup"),
            ({"where": {"name__in": "x"}}, "value-malformed"),
            ({"where": {"name": 3}}, "value-malformed"),
            ({"where": {"name__isnull": "yes"}}, "value-malformed"),
            ({"limit": 0}, "limit-out-of-range"),
            ({"limit": 1001}, "limit-out-of-range"),
            ({"cursor": "nonsense"}, "cursor-malformed"),
            ({"cursor": "ü"}, "cursor-malformed"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, filled, options, code):
        with pytest.raises(InputError) as caught:
            filled.terms.find("Tissue", **options)
        assert caught.value.code == code

    def test_names_are_listed(self, filled):
        assert sorted(filled.terms.list_names("Gene")) == ["ACTB", "Actb"]


class TestHierarchy:
    def test_a_term_is_below_keys_that_were_never_registered(self, catalog):
        add(catalog, LEFT_LUNG)
        assert get_below(catalog, "UBERON:0002048") == ["left lung"]
        assert get_below(catalog, "UBERON:0000062") == ["left lung"]
        assert get_below(catalog, "UBERON:0002168") == []  # not below itself
        assert catalog.terms.find_below("CellType", "UBERON:0002048") == ()

    def test_children_are_directly_below(self, catalog):
        add(catalog, LEFT_LUNG, LUNG)
        children = catalog.terms.find_below("Tissue", "UBERON:0002048", only_children=True)
        assert [term.name for term in children] == ["left lung"]
        assert catalog.terms.find_below("Tissue", "UBERON:0000062", only_children=True) == ()

    def test_an_own_term_is_below_whatever_its_parents_are_below(self, catalog):
        (lung,) = add(catalog, LUNG)
        apex = add_own(catalog, "lung apex", lung)
        tip = add_own(catalog, "tip of the apex", apex)
        assert apex.parent_ids == ("UBERON:0002048",)
        assert tip.parent_ids == (apex.uid,)
        assert get_below(catalog, "UBERON:0000062") == ["lung", "lung apex", "tip of the apex"]
        assert get_below(catalog, apex.uid) == ["tip of the apex"]
        assert catalog.terms.list_keys_above(tip.uid) == {apex.uid, *LUNG.ancestor_ids, "UBERON:0002048"}

    def test_terms_added_together_are_below_each_other(self, catalog):
        drafts = [
            TermDraft(registry="CellType", name=name, ontology_id=f"X:{name}", parent_ids=parents)
            for name, parents in (("c", ("X:b",)), ("a", ()), ("b", ("X:a",)))
        ]
        catalog.terms.add(drafts, created_by="ada")
        assert [term.name for term in catalog.terms.find_below("CellType", "X:a")] == ["b", "c"]

    def test_a_parent_that_nobody_knows_is_refused(self, catalog):
        with pytest.raises(NotFoundError) as caught:
            add(catalog, TermDraft(registry="Tissue", name="x", parent_ids=("UBERON:1",)))
        assert caught.value.code == "parent-missing"

    def test_drafts_in_a_circle_are_refused(self, catalog):
        drafts = [
            TermDraft(registry="Tissue", name=name, ontology_id=f"X:{name}", parent_ids=(f"X:{parent}",))
            for name, parent in (("a", "b"), ("b", "a"))
        ]
        with pytest.raises(ConflictError) as caught:
            add(catalog, *drafts)
        assert caught.value.code == "hierarchy-cycle"

    def test_a_term_that_comes_later_hands_down_what_is_above_it(self, catalog):
        body = add_own(catalog, "our body")
        add(catalog, LEFT_LUNG)
        before = read_terms_change(catalog)
        add(catalog, TermDraft(registry="Tissue", name="organ", ontology_id="UBERON:0000062", parent_ids=(body.uid,)))
        assert get_below(catalog, body.uid) == ["left lung", "organ"]
        assert read_terms_change(catalog) == catalog.change_number() > before

    def test_adding_below_what_is_there_leaves_the_hierarchy_of_others_alone(self, catalog):
        add(catalog, LUNG, ORGAN)
        before = read_terms_change(catalog)
        add(catalog, LEFT_LUNG)
        add_own(catalog, "new")
        assert read_terms_change(catalog) == before

    def test_new_parents_move_all_that_is_below(self, catalog):
        (lung,) = add(catalog, LUNG)
        apex = add_own(catalog, "apex", lung)
        tip = add_own(catalog, "tip", apex)
        airway = add_own(catalog, "airway")
        moved = catalog.terms.set_parents(apex.uid, [airway.uid])
        assert moved.parent_ids == (airway.uid,)
        assert read_terms_change(catalog) == catalog.change_number()
        assert get_below(catalog, airway.uid) == ["apex", "tip"]
        assert get_below(catalog, "UBERON:0000062") == ["lung"]
        assert catalog.terms.list_keys_above(tip.uid) == {apex.uid, airway.uid}
        assert catalog.terms.set_parents(apex.uid, []).parent_ids == ()
        assert catalog.terms.list_keys_above(tip.uid) == {apex.uid}

    def test_a_term_below_by_two_ways_stays_below_when_one_goes(self, catalog):
        top = add_own(catalog, "top")
        left, right = add_own(catalog, "left", top), add_own(catalog, "right", top)
        bottom = add_own(catalog, "bottom", left, right)
        catalog.terms.set_parents(left.uid, [])
        assert catalog.terms.list_keys_above(bottom.uid) == {left.uid, right.uid, top.uid}
        catalog.terms.set_parents(right.uid, [])
        assert catalog.terms.list_keys_above(bottom.uid) == {left.uid, right.uid}

    def test_a_reference_term_keeps_what_the_reference_says_above_its_parents(self, catalog):
        left, own = add(catalog, LEFT_LUNG)[0], add_own(catalog, "paired organ")
        outside = {"UBERON:0002048": LUNG.ancestor_ids}
        catalog.terms.set_parents(left.uid, ["UBERON:0002048", own.uid], list_outside=outside.get)
        assert catalog.terms.list_keys_above(left.uid) == {*LEFT_LUNG.ancestor_ids, own.uid}
        with pytest.raises(NotFoundError) as caught:
            catalog.terms.set_parents(left.uid, ["UBERON:9"], list_outside=outside.get)
        assert caught.value.code == "parent-missing"

    @pytest.mark.parametrize("parent", ["top", "bottom"])
    def test_a_term_cannot_be_above_itself(self, catalog, parent):
        terms = {"top": add_own(catalog, "top")}
        terms["bottom"] = add_own(catalog, "bottom", terms["top"])
        with pytest.raises(ConflictError) as caught:
            catalog.terms.set_parents(terms["top"].uid, [terms[parent].uid])
        assert caught.value.code == "hierarchy-cycle"

    def test_the_same_parents_change_nothing(self, catalog):
        top = add_own(catalog, "top")
        term = add_own(catalog, "bottom", top)
        before = read_terms_change(catalog)
        assert catalog.terms.set_parents(term.uid, [top.uid]) == term
        assert read_terms_change(catalog) == before


class TestChanging:
    def label(self, catalog, term):
        uid = catalog.reserve_uid("a")
        draft = ArtifactDraft(
            uid=uid,
            key="a",
            description=None,
            kind="dataset",
            hash="ab" * 32,
            size_bytes=1,
            n_files=1,
            storage_url="file:///data",
            storage_key=f"{uid}/a",
            is_folder=False,
            created_by="ada",
            content=Content(format="anndata"),
        )
        catalog.add_artifact(draft)
        catalog.annotations.add_labels(uid, [LabelDraft(term_uid=term.uid)])
        return uid

    def test_a_renamed_term_is_found_by_its_new_name_and_so_is_what_it_labels(self, catalog):
        term = add_own(catalog, "old name", synonyms=("kept",))
        self.label(catalog, term)
        changed = catalog.terms.update(term.uid, name="fresh name")
        assert (changed.name, changed.synonyms, changed.uid) == ("fresh name", ("kept",), term.uid)
        assert catalog.terms.find_by_names("Tissue", ["old name", "fresh name", "kept"]) == {
            "fresh name": (changed,),
            "kept": (changed,),
        }
        assert catalog.find_artifacts("fresh").total == 1
        assert catalog.find_artifacts("old").total == 0

    def test_synonyms_are_found_at_once(self, catalog):
        term = add_own(catalog, "name")
        self.label(catalog, term)
        changed = catalog.terms.update(term.uid, synonyms=["alias", "alias", "name"])
        assert changed.synonyms == ("alias",)
        assert catalog.terms.get("Tissue", "alias") == changed
        assert catalog.find_artifacts("alias").total == 1

    def test_a_description_is_changed_alone(self, catalog):
        term = add_own(catalog, "name", synonyms=("alias",))
        changed = catalog.terms.update(term.uid, description="What it is")
        assert (changed.name, changed.synonyms, changed.description) == ("name", ("alias",), "What it is")

    def test_the_name_of_another_term_is_refused(self, catalog):
        add_own(catalog, "taken")
        term = add_own(catalog, "free")
        with pytest.raises(ConflictError) as caught:
            catalog.terms.update(term.uid, name="taken")
        assert caught.value.code == "term-exists"
        with pytest.raises(InputError):
            catalog.terms.update(term.uid, name=" ")

    def test_a_term_that_nothing_uses_is_deleted(self, catalog):
        top = add_own(catalog, "top")
        term = add_own(catalog, "bottom", top)
        catalog.terms.delete(term.uid)
        assert get_below(catalog, top.uid) == []
        assert catalog.terms.find_by_names("Tissue", ["bottom"]) == {}
        with pytest.raises(NotFoundError):
            catalog.terms.delete(term.uid)

    def test_a_term_in_use_is_not_deleted(self, catalog):
        top = add_own(catalog, "top")
        bottom = add_own(catalog, "bottom", top)
        uid = self.label(catalog, bottom)
        for term in (top, bottom):
            with pytest.raises(ConflictError) as caught:
                catalog.terms.delete(term.uid)
            assert caught.value.code == "term-used"
        catalog.annotations.remove_labels(uid, [LabelDraft(term_uid=bottom.uid)])
        catalog.terms.delete(bottom.uid)
        catalog.terms.delete(top.uid)
