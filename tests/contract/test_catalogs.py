"""What the catalog must do with artifacts on every database; see ``conftest``."""

from __future__ import annotations

import multiprocessing
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from vitrina.catalog.catalog import Catalog
from vitrina.catalog.fields import FIELD_TYPES
from vitrina.catalog.find import MAX_RANKED
from vitrina.catalog.open import open_catalog
from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.model.artifact import ArtifactDraft
from vitrina.model.content import (
    Axis,
    Channel,
    Column,
    Content,
    ImageElement,
    Level,
    Matrix,
    PointsElement,
    ShapesElement,
    TableElement,
)

START = datetime(2026, 1, 31, 12, tzinfo=UTC)

TABLE = TableElement(
    name="table",
    path="tables/table",
    n_obs=26,
    n_vars=3,
    matrix=Matrix(encoding="csr", dtype="float32"),
    obs_columns=(Column(name="cell_type", dtype="category", n_categories=2, categories=("B cell", "T cell")),),
)
IMAGE = ImageElement(
    name="he_image",
    path="images/he_image",
    axes=(Axis(name="y", type="space", unit="micrometer"), Axis(name="x", type="space", unit="micrometer")),
    dtype="uint8",
    levels=(Level(path="0", shape=(8, 9), chunk_shape=None, scale=(0.5, 0.5), translation=(0.0, 0.0)),),
    channels=(Channel(name="DAPI", color_rgb=(0, 0, 255), window=(0.0, 255.0)),),
)
SPATIAL = Content(format="spatialdata", format_version="0.2", container="zarr3", elements=(IMAGE, TABLE))


def add(catalog: Catalog, key: str, **changes: object):
    return catalog.add_artifact(replace(build_draft(catalog.reserve_uid(key), key), **changes))


def build_draft(uid: str, key: str) -> ArtifactDraft:
    return ArtifactDraft(
        uid=uid,
        key=key,
        description=None,
        kind="dataset",
        hash="ab" * 32,
        size_bytes=1000,
        n_files=1,
        storage_url="file:///data",
        storage_key=f"{uid}/{key.rpartition('/')[2]}",
        is_folder=False,
        created_by="ada",
        content=Content(format="anndata"),
    )


def find_keys(catalog: Catalog, text: str = "", **options: object) -> list[str]:
    return [artifact.key for artifact in catalog.find_artifacts(text, **options).items]


class TestAdding:
    def test_an_artifact_comes_back_as_it_was_added(self, catalog):
        added = add(
            catalog,
            "xenium/lung.zarr",
            description="Human lung, ü",
            size_bytes=2**40,
            n_files=1611,
            is_folder=True,
            content=SPATIAL,
        )
        assert catalog.get_artifact(added.uid) == added
        assert catalog.find_artifacts().items == (added,)
        assert (added.format, added.n_observations, added.content) == ("spatialdata", 26, SPATIAL)
        assert (added.version, added.is_latest, added.created_at) == ("0001", True, START)
        assert (added.created_by, added.storage_url) == ("ada", "file:///data")

    def test_the_same_key_again_is_the_next_version(self, catalog):
        first = add(catalog, "a")
        second = add(catalog, "a")
        other = add(catalog, "b")
        assert (second.uid[:16], second.version) == (first.uid[:16], "0002")
        assert other.uid[:16] != first.uid[:16]
        assert [(one.version, one.is_latest) for one in catalog.list_versions(first.uid[:16])] == [
            ("0001", False),
            ("0002", True),
        ]
        assert find_keys(catalog) == ["b", "a"]
        assert len(catalog.find_artifacts(which="all").items) == 3

    def test_a_later_version_that_came_first_stays_the_latest(self, catalog):
        first, second = catalog.reserve_uid("a"), catalog.reserve_uid("a")
        catalog.add_artifact(build_draft(second, "a"))
        assert not catalog.add_artifact(build_draft(first, "a")).is_latest
        assert catalog.get_artifact("a").uid == second

    def test_a_number_that_was_reserved_and_not_used_is_a_gap(self, catalog):
        catalog.reserve_uid("a")
        assert add(catalog, "a").version == "0002"
        assert find_keys(catalog) == ["a"]

    def test_an_artifact_never_changes(self, catalog):
        added = add(catalog, "a")
        with pytest.raises(ConflictError) as caught:
            catalog.add_artifact(replace(build_draft(added.uid, "a"), description="changed"))
        assert caught.value.code == "uid-taken"
        assert catalog.get_artifact("a") == added

    @pytest.mark.parametrize("uid", ["x" * 20, "short", "é" * 20])
    def test_a_uid_that_was_not_reserved_is_refused(self, catalog, uid):
        with pytest.raises(InputError) as caught:
            catalog.add_artifact(build_draft(uid, "a"))
        assert caught.value.code == "uid-not-reserved"

    def test_a_uid_belongs_to_its_key_and_its_number(self, catalog):
        uid = catalog.reserve_uid("a")
        for draft in (build_draft(uid, "b"), build_draft(uid[:16] + "0002", "a")):
            with pytest.raises(InputError):
                catalog.add_artifact(draft)
        assert catalog.count_artifacts() == 0

    @pytest.mark.parametrize("key", ["", "../x", "a//b", "a\nb"])
    def test_a_malformed_key_is_refused(self, catalog, key):
        with pytest.raises(InputError):
            catalog.reserve_uid(key)

    def test_the_change_number_grows_with_each_write_and_only_then(self, catalog):
        numbers = [catalog.change_number()]
        add(catalog, "a")
        numbers.append(catalog.change_number())
        catalog.find_artifacts("a")
        numbers.append(catalog.change_number())
        with pytest.raises(InputError):
            catalog.add_artifact(build_draft("x" * 20, "a"))
        numbers.append(catalog.change_number())
        assert numbers[0] < numbers[1] == numbers[2] == numbers[3]

    def test_a_user_and_a_storage_are_added_once(self, catalog):
        assert catalog.get_or_add_user("ada") == catalog.get_or_add_user("ada")
        assert catalog.get_or_add_user("ada") != catalog.get_or_add_user("Ada")
        storage = catalog.get_or_add_storage("file:///data")
        assert add(catalog, "a").storage_url == storage.url
        assert catalog.get_or_add_storage("file:///data") == storage

    def test_artifacts_with_the_same_bytes_are_found_newest_first(self, catalog):
        first, second = add(catalog, "a", hash="cd" * 32), add(catalog, "b", hash="cd" * 32)
        add(catalog, "c")
        assert catalog.find_by_hash("cd" * 32) == (second, first)
        assert catalog.find_by_hash("00" * 32) == ()


class TestReferences:
    def test_a_key_a_family_and_a_beginning_mean_the_latest_version(self, catalog):
        first = add(catalog, "xenium/lung.zarr")
        second = add(catalog, "xenium/lung.zarr")
        family = second.uid[:16]
        for ref in ("xenium/lung.zarr", family, second.uid, f"{family}@0002", family[:4], family[:15]):
            assert catalog.get_artifact(ref) == second
        for ref in ("xenium/lung.zarr@0001", first.uid, f"{family}@0001"):
            assert catalog.get_artifact(ref).uid == first.uid

    def test_an_exact_key_wins_over_the_beginning_of_a_uid(self, catalog):
        other = add(catalog, "other")
        named = add(catalog, other.uid[:8])
        assert catalog.get_artifact(other.uid[:8]) == named
        assert catalog.get_artifact(add(catalog, other.uid).uid).key == other.uid
        assert catalog.get_artifact(other.uid).key == other.uid

    def test_an_exact_key_wins_over_a_key_with_a_version(self, catalog):
        add(catalog, "a")
        named = add(catalog, "a@0001")
        assert catalog.get_artifact("a@0001") == named

    def test_an_ambiguous_beginning_lists_the_candidates(self, catalog, monkeypatch):
        families = iter(["AbCd000000000001", "AbCd000000000002", "abcd000000000003"])
        monkeypatch.setattr("vitrina.catalog.reserve.build_family", lambda: next(families))
        for key in ("one", "two", "three"):
            catalog.reserve_uid(key)
        monkeypatch.undo()
        for number, key in enumerate(("one", "two"), 1):
            catalog.add_artifact(build_draft(f"AbCd00000000000{number}0001", key))
        catalog.add_artifact(build_draft("abcd0000000000030001", "three"))
        with pytest.raises(NotFoundError) as caught:
            catalog.get_artifact("AbCd")
        assert caught.value.code == "ref-ambiguous"
        assert "AbCd0000000000010001 (one), AbCd0000000000020001 (two)." in caught.value.hint
        assert catalog.get_artifact("abcd").key == "three"  # uids mind case

    def test_an_unknown_reference_names_the_nearest_keys(self, catalog):
        add(catalog, "xenium/lung.zarr")
        with pytest.raises(NotFoundError) as caught:
            catalog.get_artifact("xenum/lung.zar")
        assert caught.value.code == "ref-not-found"
        assert caught.value.hint == "Did you mean xenium/lung.zarr?"

    @pytest.mark.parametrize(
        "ref", ["", "abc", "zzzz", "a@0009", "a@", "@0001", "%", "_", "a' OR 1=1 --", "\0", "x" * 500]
    )
    def test_what_names_nothing_is_not_found(self, catalog, ref):
        add(catalog, "a")
        with pytest.raises(NotFoundError):
            catalog.get_artifact(ref)


class TestFilters:
    @pytest.fixture
    def filled(self, catalog):
        add(catalog, "xenium/lung_1.h5ad", size_bytes=10, description="Lung")
        add(catalog, "xenium/Lung_2.zarr", size_bytes=20, content=SPATIAL, created_by="bob")
        add(catalog, "models/net.pt", size_bytes=30, kind="model", content=Content(format="file"))
        return catalog

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ({}, ["L1", "L2", "N"]),
            ({"format": "anndata"}, ["L1"]),
            ({"format": "nonsense"}, []),
            ({"format__in": ["anndata", "file"]}, ["L1", "N"]),
            ({"format__in": []}, []),
            ({"kind": "model", "format": "file"}, ["N"]),
            ({"kind": "model", "format": "anndata"}, []),
            ({"size__gt": 10}, ["L2", "N"]),
            ({"size_bytes__gte": "20"}, ["L2", "N"]),
            ({"size__lt": 30, "size__gt": 10}, ["L2"]),
            ({"size__lte": 20}, ["L1", "L2"]),
            ({"size": 2**62}, []),
            ({"n_observations__isnull": True}, ["L1", "N"]),
            ({"n_observations__isnull": "false"}, ["L2"]),
            ({"n_observations": None}, ["L1", "N"]),
            ({"n_observations__in": [26, None]}, ["L1", "L2", "N"]),
            ({"n_observations": 26}, ["L2"]),
            ({"description": "Lung"}, ["L1"]),
            ({"key__contains": "lung"}, ["L1"]),
            ({"key__contains": "Lung_"}, ["L2"]),
            ({"key__contains": ""}, ["L1", "L2", "N"]),
            ({"key__icontains": "LUNG"}, ["L1", "L2"]),
            ({"key__icontains": "_"}, ["L1", "L2"]),
            ({"key__icontains": "%"}, []),
            ({"key__startswith": "xenium/"}, ["L1", "L2"]),
            ({"key__startswith": "Xenium/"}, []),
            ({"key__endswith": ".zarr"}, ["L2"]),
            ({"key__endswith": "models/net.pt"}, ["N"]),
            ({"key__endswith": "/models/net.pt"}, []),
            ({"created_by": "bob"}, ["L2"]),
            ({"created_by__in": ["ada", "nobody"]}, ["L1", "N"]),
            ({"created_by__startswith": "b"}, ["L2"]),
            ({"created_at__gt": START}, ["L2", "N"]),
            ({"created_at__lte": "2026-01-31T13:00:01+01:00"}, ["L1", "L2"]),
            ({"created_at__gte": "2026-02-01"}, []),
            ({"version": "0001", "is_latest": True}, ["L1", "L2", "N"]),
            ({"is_latest": "false"}, []),
            ({"is_folder": False}, ["L1", "L2", "N"]),
        ],
    )
    def test_a_filter_finds_what_has_the_value(self, filled, where, expected):
        names = {"L1": "xenium/lung_1.h5ad", "L2": "xenium/Lung_2.zarr", "N": "models/net.pt"}
        page = filled.find_artifacts(where=where, order="created_at")
        assert [artifact.key for artifact in page.items] == [names[name] for name in expected]
        assert page.total == len(expected) == filled.count_artifacts(where=where)

    def test_filters_and_text_hold_together(self, filled):
        assert find_keys(filled, "lung", where={"created_by": "bob"}) == ["xenium/Lung_2.zarr"]

    @pytest.mark.parametrize("limit", [0, -1, 1001])
    def test_a_limit_out_of_range_is_refused(self, catalog, limit):
        with pytest.raises(InputError) as caught:
            catalog.find_artifacts(limit=limit)
        assert caught.value.code == "limit-out-of-range"


class TestText:
    @pytest.fixture
    def filled(self, catalog):
        add(catalog, "xenium/lung_rep-1.zarr", description="Human Grüße", content=SPATIAL)
        points = PointsElement(
            name="transcripts", path="", n_points=1, axes=("x", "y"), columns=(Column(name="qv", dtype="float32"),)
        )
        shapes = ShapesElement(name="cell_circles", path="", n_shapes=1, geometry="circle")
        add(
            catalog,
            "brain.zarr",
            description="mouse, lung metastasis",
            content=Content(format="spatialdata", elements=(points, shapes)),
        )
        add(catalog, "blood.h5ad")
        return catalog

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("xenium", ["lung"]),
            ("XEN", ["lung"]),
            ("rep 1", ["lung"]),
            ("lung_rep-1.zarr", ["lung"]),
            ("human grusse", []),
            ("human grüsse", ["lung"]),
            ("Grusse", ["lung"]),
            ("dapi", ["lung"]),
            ("he_image", ["lung"]),
            ("cell_type", ["lung"]),
            ("cell", ["brain", "lung"]),
            ("transcripts qv", ["brain"]),
            ("circles", ["brain"]),
            ("spatialdata", ["brain", "lung"]),
            ("anndata", ["blood"]),
            ("dataset", ["blood", "brain", "lung"]),
            ("lung mouse", ["brain"]),
            ("ung", []),
            ("", ["blood", "brain", "lung"]),
            (" \t", ["blood", "brain", "lung"]),
            ("lung AND mouse", []),
            ("NOT", []),
            ('"lung', ["brain", "lung"]),
            ("lung*) OR (title:x", []),
        ],
    )
    def test_every_word_must_begin_a_word(self, filled, text, expected):
        names = {"lung": "xenium/lung_rep-1.zarr", "brain": "brain.zarr", "blood": "blood.h5ad"}
        if text in ("human grusse", "Grusse"):
            expected = ["lung"]  # accents do not matter
        page = filled.find_artifacts(text)
        assert sorted(artifact.key for artifact in page.items) == sorted(names[name] for name in expected)
        assert page.total == len(expected)

    def test_a_word_in_the_key_weighs_more_than_one_in_the_description(self, filled):
        assert find_keys(filled, "lung") == ["xenium/lung_rep-1.zarr", "brain.zarr"]

    def test_a_given_order_wins_over_relevance(self, filled):
        assert find_keys(filled, "lung", order="-created_at") == ["brain.zarr", "xenium/lung_rep-1.zarr"]

    def test_older_versions_are_found_only_when_asked_for(self, filled):
        add(filled, "blood.h5ad")
        assert filled.find_artifacts("blood").total == 1
        assert filled.find_artifacts("blood", which="all").total == 2

    def test_ranked_pages_follow_each_other(self, filled):
        first = filled.find_artifacts("lung", limit=1)
        second = filled.find_artifacts("lung", limit=1, cursor=first.next_cursor)
        assert [page.items[0].key for page in (first, second)] == ["xenium/lung_rep-1.zarr", "brain.zarr"]
        assert second.next_cursor is None

    def test_more_hits_than_can_be_ranked_come_newest_first(self, filled, monkeypatch):
        monkeypatch.setattr("vitrina.catalog.find.MAX_RANKED", 1)
        assert find_keys(filled, "lung") == ["brain.zarr", "xenium/lung_rep-1.zarr"]
        first = filled.find_artifacts("lung", limit=1)
        second = filled.find_artifacts("lung", limit=1, cursor=first.next_cursor)
        assert [page.items[0].key for page in (first, second)] == ["brain.zarr", "xenium/lung_rep-1.zarr"]
        assert second.next_cursor is None
        assert MAX_RANKED > 1

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
    @given(st.text(st.characters(codec="utf-8") | st.sampled_from("\"*()^:+-{}~'\\\0 ANDORNEAR"), max_size=20))
    def test_no_text_breaks_the_search(self, filled, text):
        page = filled.find_artifacts(text)
        assert page.total == len(page.items)


class TestPages:
    @pytest.fixture
    def filled(self, catalog):
        for number in range(11):
            add(
                catalog,
                f"k{number % 4}",
                size_bytes=number // 3,
                description=None if number % 3 else f"d{number % 2}",
                created_by="ada" if number % 2 else "bob",
                content=SPATIAL if number % 5 == 0 else Content(format="anndata"),
            )
        return catalog

    @pytest.mark.parametrize("order", [sign + field for field in FIELD_TYPES for sign in ("", "-")])
    def test_pages_in_any_order_have_every_artifact_once(self, filled, order):
        whole = filled.find_artifacts(order=order, limit=1000, which="all").items
        values = [getattr(artifact, "size_bytes" if "size" in order else order.lstrip("-")) for artifact in whole]
        present = [value for value in values if value is not None]
        assert present == sorted(present, reverse=order.startswith("-"))
        assert values[: len(present)] == present  # what is absent comes last
        found, cursor = [], None
        while True:
            page = filled.find_artifacts(order=order, limit=2, cursor=cursor, which="all")
            assert page.total == 11
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert tuple(found) == whole
        assert len({artifact.uid for artifact in found}) == 11

    def test_the_last_page_has_no_cursor_even_when_it_is_full(self, filled):
        assert filled.find_artifacts(limit=11, which="all").next_cursor is None
        assert filled.find_artifacts(limit=4).next_cursor is None
        assert filled.find_artifacts(limit=3).next_cursor is not None

    def test_an_artifact_that_is_added_meanwhile_moves_no_page(self, filled):
        first = filled.find_artifacts(limit=2)
        add(filled, "new")
        second = filled.find_artifacts(limit=2, cursor=first.next_cursor)
        assert [artifact.key for artifact in first.items + second.items] == ["k2", "k1", "k0", "k3"]

    def test_the_cursor_of_another_order_is_refused(self, filled):
        cursor = filled.find_artifacts(limit=2, order="key").next_cursor
        with pytest.raises(InputError) as caught:
            filled.find_artifacts(limit=2, order="-key", cursor=cursor)
        assert caught.value.code == "cursor-malformed"

    def test_the_number_of_statements_does_not_grow_with_the_page(self, filled):
        def count(limit):
            statements = []

            def note(_connection, _cursor, statement, *_):
                if not statement.startswith("BEGIN"):
                    statements.append(statement)

            event.listen(filled.database.engine, "before_cursor_execute", note)
            filled.find_artifacts("k", limit=limit, which="all")
            event.remove(filled.database.engine, "before_cursor_execute", note)
            return len(statements)

        assert count(1) == count(11) == 2  # the number of hits, and the page


def add_in_process(url, name, n_adds):
    with open_catalog(url) as catalog:
        for number in range(n_adds):
            add(catalog, f"{name}/{number}")
            add(catalog, "shared")


class TestTogether:
    def test_eight_processes_lose_nothing(self, url):
        context = multiprocessing.get_context("spawn")
        processes = [context.Process(target=add_in_process, args=(url, name, 10)) for name in range(8)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0] * 8
        with open_catalog(url) as catalog:
            assert catalog.count_artifacts() == 81
            versions = catalog.list_versions(catalog.get_artifact("shared").uid[:16])
            assert len({one.version for one in versions}) == 80
            assert [one.is_latest for one in versions] == [False] * 79 + [True]
            assert catalog.find_artifacts("shared", which="all").total == 80

    def test_fifty_threads_lose_nothing(self, catalog):
        errors = []

        def work(number):
            try:
                add(catalog, f"own/{number}")
                add(catalog, "shared")
                catalog.find_artifacts("own")
            except Exception as err:  # noqa: BLE001 (told by the test below)
                errors.append(err)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert catalog.count_artifacts() == 51
        assert (
            catalog.get_artifact("shared").version == "000o"
        )  # 50 in base 62: digits, capitals, then the 15th small letter
