"""Lineage from the command line and over HTTP, of runs that were recorded in one instance."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import httpx
import pandas as pd
import pytest
from click.testing import CliRunner

from vitrina.cli.lineage import command
from vitrina.errors import NotFoundError
from vitrina.model.run import TransformDraft
from vitrina.server.app import build_app
from vitrina.server.background import BackgroundServer
from vitrina.verbs.init import init

SCRIPT = TransformDraft(key="measure.py", kind="script", created_by="ada", source="print(1)\n", git_commit="f00")


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    return init(tmp_path_factory.mktemp("lineage") / "lab").instance


@pytest.fixture(scope="module")
def cells(instance):
    frame = pd.DataFrame({"cell": ["a", "b"], "x": [0.5, 1.5]})
    return instance.add_object(frame, key="cells.csv").artifact


@pytest.fixture(scope="module")
def areas(instance):
    frame = pd.DataFrame({"cell": ["a", "b"], "area": [3, 4]})
    return instance.add_object(frame, key="areas.csv").artifact


@pytest.fixture(scope="module")
def run(instance, cells, areas):
    started = instance.start_run(SCRIPT, parameters={"radius": 2}, environment="numpy==2\n", git_commit="f00")
    instance.record_inputs(started.uid, [cells.uid])
    instance.record_outputs(started.uid, [areas.uid])
    return instance.finish_run(started.uid, "completed", log="done\n")


@pytest.fixture(scope="module")
def client(instance):
    with (
        BackgroundServer(build_app(instance)) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client,
    ):
        yield client


class TestOverHttp:
    def test_the_graph_is_json(self, client, cells, areas, run):
        graph = client.get(f"/api/v1/lineage/{areas.uid}").json()
        assert graph["root_uid"] == areas.uid
        assert {item["key"] for item in graph["artifacts"]} == {"cells.csv", "areas.csv"}
        assert [(item["uid"], item["key"], item["status"]) for item in graph["runs"]] == [
            (run.uid, "measure.py", "completed")
        ]
        assert {(edge["source"], edge["target"]) for edge in graph["edges"]} == {
            (cells.uid, run.uid),
            (run.uid, areas.uid),
        }
        assert graph["is_complete"] is True

    @pytest.mark.usefixtures("run")
    def test_the_picture_is_an_svg_that_a_browser_may_style(self, client, areas):
        answer = client.get(f"/api/v1/lineage/{areas.uid}?format=svg")
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.headers.get_list("content-security-policy") == [
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
        ]
        links = [link.get("href") for link in ET.fromstring(answer.text).iter("{http://www.w3.org/2000/svg}a")]  # noqa: S314 - our own drawing
        assert f"/a/{areas.uid}" in links

    @pytest.mark.usefixtures("run")
    def test_the_depth_is_kept(self, client, areas):
        graph = client.get(f"/api/v1/lineage/{areas.uid}?depth=0").json()
        assert (len(graph["artifacts"]), graph["is_complete"]) == (1, False)

    @pytest.mark.parametrize(
        ("query", "status"), [("?depth=-1", 400), ("?format=png", 400), ("?depth=x", 400), ("", 404)]
    )
    def test_mistakes_are_problems(self, client, areas, query, status):
        answer = client.get(f"/api/v1/lineage/{areas.uid if query else 'nothing'}{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")

    def test_runs_are_listed_and_filtered(self, client, run, areas):
        page = client.get("/api/v1/runs").json()
        assert (page["total"], page["next_cursor"], page["items"][0]["uid"]) == (1, None, run.uid)
        assert page["items"][0]["transform"]["key"] == "measure.py"
        assert client.get(f"/api/v1/runs?output_uid={areas.uid}").json()["total"] == 1
        assert client.get(f"/api/v1/runs?input_uid={areas.uid}").json()["total"] == 0
        assert client.get("/api/v1/runs?status=errored").json()["total"] == 0
        assert client.get("/api/v1/runs?status=finished").status_code == 400

    def test_a_run_is_shown_with_its_texts(self, client, run, cells, areas):
        shown = client.get(f"/api/v1/runs/{run.uid}").json()
        assert (shown["source"], shown["environment"], shown["log"]) == ("print(1)\n", "numpy==2\n", "done\n")
        assert (shown["input_uids"], shown["output_uids"]) == ([cells.uid], [areas.uid])
        assert (shown["parameters"], shown["git_commit"]) == ({"radius": 2}, "f00")
        assert client.get("/api/v1/runs/nothing").status_code == 404


class TestOnTheCommandLine:
    @pytest.fixture
    def lineage(self, instance):
        def call(*arguments):
            return CliRunner().invoke(
                command, arguments, obj=str(instance.settings.root), catch_exceptions=False, standalone_mode=False
            )

        return call

    def test_prints_a_tree(self, lineage, run):
        lines = lineage("areas.csv").output.splitlines()
        assert lines[0] == "areas.csv  (Table, 0001)"
        assert lines[2].startswith(f"└── measure.py  [script 0001, run {run.uid}, completed")
        assert lines[3] == "    └── cells.csv  (Table, 0001)"

    @pytest.mark.usefixtures("run")
    def test_prints_the_shape_of_the_api(self, lineage, client, areas):
        assert json.loads(lineage("areas.csv", "--json").stdout) == client.get(f"/api/v1/lineage/{areas.uid}").json()

    @pytest.mark.usefixtures("run")
    def test_draws_into_files(self, lineage, tmp_path):
        ran = lineage("areas.csv", "--svg", str(tmp_path / "l.svg"), "--html", str(tmp_path / "l.html"))
        assert ran.stdout == ""
        assert (tmp_path / "l.svg").read_text(encoding="utf-8").startswith("<svg")
        assert (tmp_path / "l.html").read_text(encoding="utf-8").startswith("<!doctype html>")

    @pytest.mark.usefixtures("run")
    def test_an_unknown_one_is_not_found(self, lineage):
        with pytest.raises(NotFoundError):
            lineage("nothing")
