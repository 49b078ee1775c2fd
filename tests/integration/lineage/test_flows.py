"""Functions whose calls are runs, in this process."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

import vitrina as vt
from vitrina.errors import ConflictError, InputError, NotFoundError


@pytest.fixture
def lab(tmp_path):
    vt.init(tmp_path / "lab")
    instance = vt.connect(tmp_path / "lab")
    for key in ("a.csv", "b.csv"):
        vt.Artifact.from_dataframe(pd.DataFrame({"cell": [key], "x": [1.0]}), key=key).save()
    yield instance
    instance.catalog.close()


@vt.step
def measure(image, radius=2.0):
    """Measure cells.

    With a radius.
    """
    frame = image.load()
    frame["radius"] = radius
    return vt.Artifact.from_dataframe(frame, key=f"measured/{image.key}").save()


@vt.flow
def analyse(keys, *, radius=1.0):
    return [measure(vt.Artifact.get(key), radius) for key in keys]


@vt.flow("failing")
def fail(error):
    raise error


def list_runs(**where):
    return list(vt.Run.filter(**where))


def get_keys(artifacts):
    return sorted(artifact.key for artifact in artifacts)


def test_a_call_is_a_run_with_its_arguments_as_parameters(lab):
    image = vt.Artifact.get("a.csv")
    saved = measure(image, radius=3)
    (run,) = list_runs()
    assert (run.status, run.params) == ("completed", {"image": image.uid, "radius": 3})
    assert (run.transform.key, run.transform.kind) == (f"{__name__}.measure", "function")
    assert run.transform.description == "Measure cells."
    assert run.transform.source_code.startswith("@vt.step\ndef measure(")
    assert get_keys(run.inputs) == ["a.csv"]
    assert get_keys(run.outputs) == ["measured/a.csv"]
    assert saved.run.uid == run.uid
    assert run.environment.startswith("# Python")


def test_steps_are_parts_of_their_flow(lab):
    analyse(["a.csv", "b.csv"])
    (flow,) = list_runs(transform=f"{__name__}.analyse")
    steps = list(flow.children)
    assert [step.transform.key for step in steps] == [f"{__name__}.measure"] * 2
    assert all(step.parent.uid == flow.uid for step in steps)
    assert flow.params == {"keys": ["a.csv", "b.csv"], "radius": 1.0}
    assert get_keys(flow.inputs) == []  # what a step reads is the step's
    assert steps[0].environment == flow.environment


def test_a_flow_inside_a_tracked_script_is_a_part_of_it(lab):
    script = vt.track("script.py")
    measure(vt.Artifact.get("a.csv"))
    vt.Artifact.get("b.csv").load()
    ended = vt.finish()
    assert [run.transform.key for run in script.children] == [f"{__name__}.measure"]
    assert (ended.uid, ended.status, get_keys(ended.inputs)) == (script.uid, "completed", ["b.csv"])


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (ValueError("no cells"), "errored", "ValueError: no cells"),
        (KeyboardInterrupt(), "aborted", "KeyboardInterrupt"),
    ],
)
def test_exceptions_pass_and_are_recorded(lab, error, status, told):
    with pytest.raises(type(error)) as raised:
        fail(error)
    assert raised.value is error
    (run,) = list_runs(transform="failing")
    assert (run.status, run.error) == (status, told)


def test_wrong_arguments_are_the_callers_and_no_run(lab):
    with pytest.raises(TypeError, match="missing a required argument"):
        measure()
    assert list_runs() == []


def test_artifacts_in_lists_and_mappings_are_inputs(lab):
    @vt.flow
    def join(images, named): ...

    one, two = vt.Artifact.get("a.csv"), vt.Artifact.get("b.csv")
    join([one], {"other": two})
    assert get_keys(list_runs()[0].inputs) == ["a.csv", "b.csv"]
    assert list_runs()[0].params == {"images": [one.uid], "named": {"other": two.uid}}


def test_an_unsaved_artifact_is_shown_and_no_input(lab):
    @vt.flow
    def look(image): ...

    look(vt.Artifact.from_dataframe(pd.DataFrame({"x": [1]}), key="new.csv"))
    assert list_runs()[0].params == {"image": "Artifact(key='new.csv', not saved)"}
    assert get_keys(list_runs()[0].inputs) == []


def test_threads_of_the_only_flow_belong_to_it(lab):
    @vt.flow
    def spread():
        with ThreadPoolExecutor(2) as pool:
            return [saved.key for saved in pool.map(lambda key: measure(vt.Artifact.get(key)), ["a.csv", "b.csv"])]

    spread()
    (flow,) = list_runs(transform=vt.Transform.filter(kind="function")[-1].key)
    assert len(flow.children) == 2


def test_flows_at_once_in_threads_are_not_mixed_up(lab):
    gate = threading.Barrier(2)

    @vt.flow
    def read(key):
        gate.wait(30)
        vt.Artifact.get(key).load()
        gate.wait(30)

    threads = [threading.Thread(target=read, args=[key]) for key in ("a.csv", "b.csv")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((run.params["key"], *get_keys(run.inputs)) for run in list_runs()) == [
        ("a.csv", "a.csv"),
        ("b.csv", "b.csv"),
    ]
    assert [run.parent for run in list_runs()] == [None, None]


def test_tasks_at_once_are_not_mixed_up(lab):
    @vt.step
    async def read(key):
        await asyncio.sleep(0)
        vt.Artifact.get(key).load()
        await asyncio.sleep(0)
        return key

    @vt.flow
    async def read_all():
        return await asyncio.gather(read("a.csv"), read("b.csv"))

    assert asyncio.run(read_all()) == ["a.csv", "b.csv"]
    flow, *_ = (run for run in list_runs() if run.parent is None)
    assert sorted((run.params["key"], *get_keys(run.inputs)) for run in flow.children) == [
        ("a.csv", "a.csv"),
        ("b.csv", "b.csv"),
    ]


def test_a_cancelled_task_is_aborted(lab):
    @vt.flow
    async def wait():
        await asyncio.sleep(60)

    async def cancel():
        task = asyncio.create_task(wait())
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert [(run.status, run.error) for run in list_runs()] == [("aborted", "CancelledError")]


def test_decorated_functions_keep_their_names_and_texts():
    assert measure.__name__ == "measure"
    assert measure.__doc__.startswith("Measure cells.")


def test_a_generator_cannot_be_a_flow():
    def count():
        yield 1

    with pytest.raises(InputError) as raised:
        vt.flow(count)
    assert raised.value.code == "flow-generator"


def test_tracking_inside_a_flow_is_refused(lab):
    @vt.flow
    def inner():
        vt.track("x.py")

    with pytest.raises(InputError) as raised:
        inner()
    assert raised.value.code == "track-in-flow"
    assert [run.status for run in list_runs()] == ["errored"]


def test_when_the_end_cannot_be_recorded_the_result_is_not_lost(lab, monkeypatch, caplog):
    def fail_to_finish(*_, **__):
        raise ConflictError("x", "The database is gone.")

    monkeypatch.setattr(type(lab), "finish_run", fail_to_finish)
    assert measure(vt.Artifact.get("a.csv")).key == "measured/a.csv"
    assert "The database is gone." in caplog.text


def test_another_instance_has_no_part_in_the_run(lab, tmp_path):
    vt.init(tmp_path / "other")
    other = vt.DB(tmp_path / "other")
    frame = pd.DataFrame({"cell": ["a"], "x": [1.0]})
    other.Artifact.from_dataframe(frame, key="theirs.csv").save()
    vt.connect(lab.settings.root)

    @vt.flow
    def read():
        other.Artifact.get("theirs.csv").load()
        vt.Artifact.get("a.csv").load()

    read()
    assert get_keys(list_runs()[0].inputs) == ["a.csv"]


def test_what_is_saved_in_a_project_is_labelled_with_it(lab):
    vt.Project(name="Lung atlas").save()
    vt.track("script.py", project="lung atlas")
    saved = measure(vt.Artifact.get("a.csv"))
    vt.finish()
    assert [label.name for label in saved.labels.get(vt.Project)] == ["Lung atlas"]


def test_an_unknown_project_is_refused_before_anything_is_recorded(lab):
    with pytest.raises(InputError) as raised:
        vt.track("script.py", project="Lnug atlas")
    assert raised.value.code == "label-value-unknown"
    assert list_runs() == []


@pytest.mark.usefixtures("lab")
class TestRegistries:
    def test_runs_are_listed_newest_first(self):
        for key in ("a.csv", "b.csv"):
            measure(vt.Artifact.get(key))
        table = vt.Run.to_dataframe()
        assert [row["image"][:4] for row in table["parameters"]] == [
            vt.Artifact.get(key).uid[:4] for key in ("b.csv", "a.csv")
        ]
        assert set(table["status"]) == {"completed"}
        assert vt.Run.filter(status="errored").count() == 0
        assert vt.Run.filter(output_uid=vt.Artifact.get("measured/a.csv")).one().uid == table.index[1]
        assert vt.Run.get(table.index[0][:6]).uid == table.index[0]

    def test_transforms_know_their_runs(self):
        for key in ("a.csv", "b.csv"):
            measure(vt.Artifact.get(key))
        transform = vt.Transform.get(f"{__name__}.measure")
        assert [len(transform.runs), transform.version, transform.is_latest] == [2, "0001", True]
        assert list(vt.Transform.to_dataframe()["key"]) == [transform.key]

    def test_an_unknown_field_is_told_with_those_that_there_are(self):
        with pytest.raises(InputError) as raised:
            vt.Run.filter(colour="red")
        assert "transform, status" in raised.value.message

    def test_none_or_several_are_not_one(self):
        with pytest.raises(NotFoundError):
            vt.Run.filter().one()

    def test_lineage_is_a_picture_and_a_text(self, tmp_path):
        saved = measure(vt.Artifact.get("a.csv"))
        lineage = saved.view_lineage()
        assert lineage._repr_svg_().startswith("<svg")
        assert "<svg" in lineage._repr_html_()
        assert repr(lineage).startswith("measured/a.csv  (Table, 0001)\ncame from:")
        assert lineage.save(tmp_path / "l.svg").read_text(encoding="utf-8") == lineage.to_svg()
        assert lineage.save(tmp_path / "l.html").read_text(encoding="utf-8").startswith("<!doctype html>")
        assert len(saved.view_lineage(depth=0).graph.artifacts) == 1
        with pytest.raises(InputError):
            lineage.save(tmp_path / "l.png")

    def test_an_artifact_that_no_run_saved_has_none(self):
        assert vt.Artifact.get("a.csv").run is None
