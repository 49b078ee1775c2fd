"""What the catalog must do with transforms and runs on every database."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace

import pytest
from sqlalchemy import event

from vitrina.catalog.long_texts import hash_text
from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.model.artifact import ArtifactDraft
from vitrina.model.content import Content
from vitrina.model.run import RunDraft, TransformDraft

SCRIPT = TransformDraft(key="analysis/segment.py", kind="script", created_by="ada", source="print('cells')\n")


def add_artifact(catalog, key: str) -> str:
    uid = catalog.reserve_uid(key)
    draft = ArtifactDraft(
        uid=uid,
        key=key,
        description=None,
        kind="dataset",
        hash="ab" * 32,
        size_bytes=1000,
        n_files=1,
        storage_url="file:///data",
        storage_key=f"{uid}/{key}",
        is_folder=False,
        created_by="ada",
        content=Content(format="anndata"),
    )
    return catalog.add_artifact(draft).uid


def run(catalog, key: str, inputs=(), outputs=(), **changes):
    """The uid of a run of the code ``key`` that reads and saves."""
    transform = catalog.runs.add_transform(replace(SCRIPT, key=key))
    started = catalog.runs.start(RunDraft(transform_uid=transform.uid, created_by="ada", **changes))
    catalog.runs.add_inputs(started.uid, inputs)
    catalog.runs.add_outputs(started.uid, outputs)
    return started.uid


def count_statements(catalog, action):
    statements = []

    def note(_connection, _cursor, statement, *_):
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append(statement)

    event.listen(catalog.database.engine, "before_cursor_execute", note)
    try:
        action()
    finally:
        event.remove(catalog.database.engine, "before_cursor_execute", note)
    return len(statements)


class TestTransforms:
    def test_a_transform_comes_back_as_it_was_added(self, catalog):
        draft = replace(SCRIPT, description="Finds cells.", reference="https://example.org/x", git_commit="f00-dirty")
        added = catalog.runs.add_transform(draft)
        assert (added.key, added.kind, added.description, added.reference, added.git_commit, added.created_by) == (
            "analysis/segment.py",
            "script",
            "Finds cells.",
            "https://example.org/x",
            "f00-dirty",
            "ada",
        )
        assert (added.version, added.is_latest) == ("0001", True)
        assert catalog.runs.get_transform(added.uid) == added
        assert catalog.runs.read_source(added.uid) == "print('cells')\n"

    def test_the_hash_is_blake3_of_the_source(self, catalog):
        # BLAKE3 of b"abc", from the reference implementation: b3sum
        added = catalog.runs.add_transform(replace(SCRIPT, source="abc"))
        assert added.hash == "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"

    def test_the_same_code_is_the_same_version(self, catalog):
        assert catalog.runs.add_transform(SCRIPT) == catalog.runs.add_transform(SCRIPT)

    def test_changed_code_is_a_new_version_of_the_same_family(self, catalog):
        first = catalog.runs.add_transform(SCRIPT)
        second = catalog.runs.add_transform(replace(SCRIPT, source="print('nuclei')\n"))
        assert second.uid[:16] == first.uid[:16]
        assert (second.version, second.is_latest) == ("0002", True)
        assert not catalog.runs.get_transform(first.uid).is_latest

    def test_going_back_to_older_code_is_the_older_version(self, catalog):
        first = catalog.runs.add_transform(SCRIPT)
        catalog.runs.add_transform(replace(SCRIPT, source="print('nuclei')\n"))
        assert catalog.runs.add_transform(SCRIPT).uid == first.uid

    def test_code_that_is_not_known_is_one_version_too(self, catalog):
        first = catalog.runs.add_transform(replace(SCRIPT, source=None))
        assert first.hash is None
        assert catalog.runs.read_source(first.uid) is None
        assert catalog.runs.add_transform(replace(SCRIPT, source=None)) == first
        assert catalog.runs.add_transform(SCRIPT).version == "0002"

    @pytest.mark.parametrize("build_ref", [lambda t: t.key, lambda t: t.uid[:16], lambda t: t.uid[:6], lambda t: t.uid])
    def test_a_key_a_family_and_the_start_of_a_uid_mean_the_latest(self, catalog, build_ref):
        catalog.runs.add_transform(SCRIPT)
        latest = catalog.runs.add_transform(replace(SCRIPT, source="2"))
        assert catalog.runs.get_transform(build_ref(latest)) == latest

    def test_a_key_with_a_version_means_that_one(self, catalog):
        first = catalog.runs.add_transform(SCRIPT)
        catalog.runs.add_transform(replace(SCRIPT, source="2"))
        assert catalog.runs.get_transform("analysis/segment.py@0001").uid == first.uid

    @pytest.mark.parametrize("ref", ["", "segment.py", "A" * 20, "ab"])
    def test_an_unknown_one_is_not_found(self, catalog, ref):
        catalog.runs.add_transform(SCRIPT)
        with pytest.raises(NotFoundError) as raised:
            catalog.runs.get_transform(ref)
        assert raised.value.code == "transform-missing"

    def test_pages_hold_the_latest_versions_newest_first(self, catalog):
        for number in range(5):
            catalog.runs.add_transform(replace(SCRIPT, key=f"{number}.py"))
        catalog.runs.add_transform(replace(SCRIPT, key="0.py", source="2"))
        first = catalog.runs.find_transforms(limit=3)
        second = catalog.runs.find_transforms(limit=3, cursor=first.next_cursor)
        assert first.total == second.total == 5
        assert [item.key for item in first.items + second.items] == ["0.py", "4.py", "3.py", "2.py", "1.py"]
        assert second.next_cursor is None
        versions = catalog.runs.find_transforms(key="0.py", latest_only=False).items
        assert [item.version for item in versions] == ["0002", "0001"]


class TestRuns:
    def test_a_run_comes_back_as_it_was_started(self, catalog):
        transform = catalog.runs.add_transform(SCRIPT)
        parent = catalog.runs.start(RunDraft(transform_uid=transform.uid, created_by="ada"))
        draft = RunDraft(
            transform_uid=transform.uid,
            created_by="bob",
            parameters={"radius": 2.5, "names": ["a", None], "deep": {"on": True}},
            environment="numpy==2.3\n",
            git_commit="f00",
            parent_uid=parent.uid,
        )
        started = catalog.runs.start(draft)
        assert (started.transform, started.parameters) == (transform, draft.parameters)
        assert (started.created_by, started.git_commit, started.parent_uid) == ("bob", "f00", parent.uid)
        assert (started.status, started.error, started.finished_at) == ("started", None, None)
        assert catalog.runs.get(started.uid) == catalog.runs.get(started.uid[:8]) == started
        assert catalog.runs.read_environment(started.uid) == "numpy==2.3\n"
        assert catalog.runs.read_log(started.uid) is None

    def test_finishing_says_how_it_ended(self, catalog):
        uid = run(catalog, "a.py")
        done = catalog.runs.finish(uid, "errored", error="ValueError: no cells", log="reading\n", environment="x==1\n")
        assert (done.status, done.error) == ("errored", "ValueError: no cells")
        assert done.finished_at > done.started_at
        assert catalog.runs.read_log(uid) == "reading\n"
        assert catalog.runs.read_environment(uid) == "x==1\n"
        assert catalog.runs.get(uid) == done

    def test_an_end_is_final(self, catalog):
        uid = run(catalog, "a.py")
        catalog.runs.finish(uid, "completed")
        with pytest.raises(ConflictError) as raised:
            catalog.runs.finish(uid, "errored")
        assert raised.value.code == "run-finished"
        assert catalog.runs.get(uid).status == "completed"

    def test_the_source_of_a_notebook_may_come_at_the_end(self, catalog):
        draft = TransformDraft(key="n.ipynb", kind="notebook", created_by="ada")
        unknown = catalog.runs.add_transform(draft)
        uid = catalog.runs.start(RunDraft(transform_uid=unknown.uid, created_by="ada")).uid
        done = catalog.runs.finish(uid, "completed", transform=replace(draft, source="# %%\n1 + 1\n"))
        assert done.transform.uid != unknown.uid
        assert catalog.runs.read_source(done.transform.uid) == "# %%\n1 + 1\n"

    def test_inputs_and_outputs_are_sets_in_the_order_of_the_artifacts(self, catalog):
        uids = [add_artifact(catalog, f"{number}.h5ad") for number in range(4)]
        uid = run(catalog, "a.py", inputs=[uids[1], uids[0], uids[1]], outputs=[uids[2]])
        catalog.runs.add_inputs(uid, [uids[0], uids[3]])
        catalog.runs.add_outputs(uid, [uids[2], uids[0]])
        found = catalog.runs.get(uid)
        assert found.input_uids == (uids[0], uids[1], uids[3])
        assert found.output_uids == (uids[0], uids[2])

    def test_more_inputs_than_a_statement_takes_parameters(self, catalog, monkeypatch):
        monkeypatch.setattr("vitrina.catalog.run_rows.BATCH_SIZE", 3)
        uids = [add_artifact(catalog, f"{number}.h5ad") for number in range(8)]
        assert catalog.runs.get(run(catalog, "a.py", inputs=uids)).input_uids == tuple(uids)

    def test_an_unknown_artifact_is_refused_and_nothing_is_recorded(self, catalog):
        known = add_artifact(catalog, "a.h5ad")
        uid = run(catalog, "a.py")
        with pytest.raises(NotFoundError) as raised:
            catalog.runs.add_inputs(uid, [known, "Z" * 20])
        assert raised.value.where == "Z" * 20
        assert catalog.runs.get(uid).input_uids == ()

    def test_a_run_needs_its_transform_and_its_parent(self, catalog):
        with pytest.raises(NotFoundError):
            catalog.runs.start(RunDraft(transform_uid="Z" * 20, created_by="ada"))
        with pytest.raises(NotFoundError):
            run(catalog, "a.py", parent_uid="Z" * 16)

    @pytest.mark.parametrize("ref", ["", "Z" * 16])
    def test_an_unknown_run_is_not_found(self, catalog, ref):
        run(catalog, "a.py")
        with pytest.raises(NotFoundError):
            catalog.runs.get(ref)

    def test_texts_that_databases_refuse_are_kept_but_for_what_they_refuse(self, catalog):
        uid = run(catalog, "a.py")
        catalog.runs.finish(uid, "errored", error="a\0b \ud800", log="\0 ü \udcff")
        assert catalog.runs.get(uid).error == "a\ufffdb ?"
        assert catalog.runs.read_log(uid) == "\ufffd ü ?"

    def test_equal_texts_are_stored_once(self, catalog):
        for _ in range(3):
            catalog.runs.finish(run(catalog, "a.py", environment="numpy==2.3\n"), "completed", log="same\n")
        with catalog.database.read() as connection:
            hashes = set(connection.exec_driver_sql("SELECT hash FROM long_text").scalars())
        assert hashes == {hash_text(text) for text in (SCRIPT.source, "numpy==2.3\n", "same\n")}

    def test_pages_are_newest_first_and_cost_the_same_for_any_number(self, catalog):
        uid = add_artifact(catalog, "a.h5ad")
        made = [run(catalog, f"{number % 2}.py", inputs=[uid]) for number in range(7)]
        first = catalog.runs.find(limit=4)
        second = catalog.runs.find(limit=4, cursor=first.next_cursor)
        assert [item.uid for item in first.items + second.items] == made[::-1]
        assert (first.total, second.total, second.next_cursor) == (7, 7, None)
        assert all(item.input_uids == (uid,) for item in first.items)
        assert count_statements(catalog, lambda: catalog.runs.find(limit=7)) == 3

    def test_filters(self, catalog):
        read, saved = add_artifact(catalog, "a.h5ad"), add_artifact(catalog, "b.h5ad")
        parent = run(catalog, "flow.py")
        child = run(catalog, "step.py", inputs=[read], outputs=[saved], parent_uid=parent)
        catalog.runs.finish(child, "aborted")
        transform = catalog.runs.get(child).transform
        for where in (
            {"transform": "step.py"},
            {"transform": transform.uid},
            {"transform": transform.uid[:16]},
            {"status": "aborted"},
            {"parent_uid": parent},
            {"input_uid": read},
            {"output_uid": saved},
            {"created_by": "ada", "status": "aborted"},
        ):
            assert [item.uid for item in catalog.runs.find(**where).items] == [child], where
        assert catalog.runs.find(output_uid=read).total == 0

    def test_a_cursor_of_something_else_is_refused(self, catalog):
        with pytest.raises(InputError):
            catalog.runs.find(cursor="bm9uc2Vuc2U")

    def test_writers_at_once_lose_nothing(self, catalog):
        uids = [add_artifact(catalog, f"{number}.h5ad") for number in range(8)]
        run_uid = run(catalog, "a.py")

        def work(number):
            catalog.runs.add_inputs(run_uid, [uids[number]])
            catalog.runs.add_transform(replace(SCRIPT, key="b.py", source=str(number % 2)))

        threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert catalog.runs.get(run_uid).input_uids == tuple(uids)
        versions = catalog.runs.find_transforms(key="b.py", latest_only=False).items
        assert sorted((item.version, item.is_latest) for item in versions) == [("0001", False), ("0002", True)]


class TestGraph:
    def test_of_an_artifact_without_runs_is_the_artifact(self, catalog):
        uid = add_artifact(catalog, "a.h5ad")
        graph = catalog.runs.read_graph(uid)
        assert [artifact.key for artifact in graph.artifacts] == ["a.h5ad"]
        assert (graph.runs, graph.edges, graph.is_complete) == ((), (), True)

    def test_holds_ancestors_and_descendants_but_no_siblings(self, catalog):
        """``raw`` becomes ``image`` and, by the same run, ``thumbnail``; ``image`` and ``model`` become ``mask``."""
        raw, image, thumbnail, model, mask = (
            add_artifact(catalog, key) for key in ("raw", "image", "thumbnail", "model", "mask")
        )
        convert = run(catalog, "convert.py", inputs=[raw], outputs=[image, thumbnail])
        segment = run(catalog, "segment.py", inputs=[image, model], outputs=[mask])
        of_image = catalog.runs.read_graph(image)
        assert {artifact.key for artifact in of_image.artifacts} == {"raw", "image", "mask"}
        assert {(edge.source, edge.target) for edge in of_image.edges} == {
            (raw, convert),
            (convert, image),
            (image, segment),
            (segment, mask),
        }
        of_mask = catalog.runs.read_graph(mask)
        assert {artifact.key for artifact in of_mask.artifacts} == {"raw", "image", "model", "mask"}
        assert {item.key for item in of_mask.runs} == {"convert.py", "segment.py"}
        assert of_image.is_complete
        assert of_mask.is_complete

    def test_edges_between_what_is_found_are_all_there(self, catalog):
        """A run below reads an ancestor directly as well."""
        raw, image, joined = (add_artifact(catalog, key) for key in ("raw", "image", "joined"))
        run(catalog, "convert.py", inputs=[raw], outputs=[image])
        join = run(catalog, "join.py", inputs=[raw, image], outputs=[joined])
        assert (raw, join) in {(edge.source, edge.target) for edge in catalog.runs.read_graph(image).edges}

    def test_a_run_that_saves_what_it_read_ends_no_search(self, catalog):
        table, report = add_artifact(catalog, "table"), add_artifact(catalog, "report")
        run(catalog, "again.py", inputs=[table], outputs=[table, report])
        graph = catalog.runs.read_graph(table)
        assert {artifact.key for artifact in graph.artifacts} == {"table", "report"}
        assert len(graph.edges) == 3

    def test_the_depth_counts_runs_in_each_direction_and_says_what_it_cut(self, catalog):
        uids = [add_artifact(catalog, f"{number}") for number in range(7)]
        for before, after in itertools.pairwise(uids):
            run(catalog, "step.py", inputs=[before], outputs=[after])
        found = {depth: catalog.runs.read_graph(uids[3], depth=depth) for depth in (0, 1, 2, 3)}
        assert [len(graph.artifacts) for graph in found.values()] == [1, 3, 5, 7]
        assert [graph.is_complete for graph in found.values()] == [False, False, False, True]

    def test_the_number_of_nodes_is_bounded_nearest_first(self, catalog):
        raw = add_artifact(catalog, "raw")
        parts = [add_artifact(catalog, f"part-{number}") for number in range(20)]
        split = run(catalog, "split.py", inputs=[raw], outputs=parts)
        for part in parts:
            run(catalog, "look.py", inputs=[part])
        graph = catalog.runs.read_graph(raw, max_nodes=12)
        assert len(graph.artifacts) + len(graph.runs) == 12
        assert split in {item.uid for item in graph.runs}
        assert not graph.is_complete
        assert catalog.runs.read_graph(raw, max_nodes=42).is_complete

    def test_statements_count_levels_not_nodes(self, catalog):
        narrow, wide = add_artifact(catalog, "narrow"), add_artifact(catalog, "wide")
        for raw, width in ((narrow, 1), (wide, 12)):
            for number in range(width):
                mask = add_artifact(catalog, f"{raw}-{number}")
                run(catalog, "segment.py", inputs=[raw], outputs=[mask])
                run(catalog, "measure.py", inputs=[mask], outputs=[add_artifact(catalog, f"{raw}-{number}-table")])
        counts = [count_statements(catalog, lambda uid=uid: catalog.runs.read_graph(uid)) for uid in (narrow, wide)]
        assert counts[0] == counts[1]

    def test_parts_of_a_flow_name_their_parent(self, catalog):
        saved = add_artifact(catalog, "a")
        parent = run(catalog, "flow.py")
        child = run(catalog, "step.py", outputs=[saved], parent_uid=parent)
        (found,) = catalog.runs.read_graph(saved).runs
        assert (found.uid, found.parent_uid, found.status, found.created_by) == (child, parent, "started", "ada")

    def test_of_an_unknown_artifact_is_not_found(self, catalog):
        with pytest.raises(NotFoundError):
            catalog.runs.read_graph("Z" * 20)

    @pytest.mark.parametrize("options", [{"depth": -1}, {"max_nodes": 0}, {"max_nodes": 10**6}])
    def test_impossible_bounds_are_refused(self, catalog, options):
        uid = add_artifact(catalog, "a")
        with pytest.raises(InputError):
            catalog.runs.read_graph(uid, **options)
