"""A real instance behind real sockets: what was added is found, read back and opened by other programs."""

from __future__ import annotations

import json

import anndata
import httpx
import numpy as np
import pytest
import zarr
from sqlalchemy import event

from vitrina.server.app import build_app
from vitrina.server.background import BackgroundServer
from vitrina.verbs.init import init

X = np.arange(12, dtype="float32").reshape(4, 3)


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    return init(tmp_path_factory.mktemp("lab") / "hub").instance


@pytest.fixture(scope="module")
def table(instance):
    cells = anndata.AnnData(X, obsm={"X_umap": X[:, :2]})
    return instance.add_object(cells, key="cells/tiny.h5ad").artifact


@pytest.fixture(scope="module")
def notes(instance, tmp_path_factory):
    path = tmp_path_factory.mktemp("home") / "notes"
    path.mkdir()
    (path / "a b.txt").write_text("first")
    return instance.add(path, in_place=True).artifact


@pytest.fixture(scope="module")
def client(instance):
    with (
        BackgroundServer(build_app(instance)) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client,
    ):
        yield client


def test_what_was_added_is_listed_found_and_shown(client, table, notes):
    page = client.get("/api/v1/artifacts").json()
    assert (page["total"], [item["key"] for item in page["items"]]) == (2, [notes.key, table.key])
    assert [item["key"] for item in client.get("/api/v1/artifacts?q=tiny").json()["items"]] == [table.key]
    assert [item["key"] for item in client.get("/api/v1/artifacts?format=anndata").json()["items"]] == [table.key]
    by_size = client.get(f"/api/v1/artifacts?size_bytes__gt={table.size_bytes - 1}").json()
    assert [item["key"] for item in by_size["items"]] == [table.key]
    assert client.get("/api/v1/artifacts/cells/tiny.h5ad").json()["uid"] == table.uid
    assert client.get("/api/v1/health").json()["n_artifacts"] == 2


def test_a_facet_gives_as_many_values_as_asked(client, table, notes):
    def list_formats(parameters: str) -> list[str]:
        facets = client.get(f"/api/v1/artifacts?limit=1&facets=format{parameters}").json()["facets"]
        return [value["id"] for value in facets["format"]]

    assert set(list_formats("")) == {table.format, notes.format}  # both of the two datasets
    assert len(list_formats("&facet_values=1")) == 1
    assert client.get("/api/v1/artifacts?facet_values=0").status_code == 400


def test_an_unknown_filter_names_the_nearest_field(client):
    answer = client.get("/api/v1/artifacts?fromat=anndata")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "format" in answer.text


def test_the_stored_bytes_come_back(client, table, instance):
    answer = client.get(f"/data/{table.uid}/{table.basename}")
    assert answer.content == instance.get_path(table).read_bytes()
    assert "immutable" in answer.headers["cache-control"]


def test_bytes_in_place_are_served_and_asked_for_again_when_they_change(client, notes, instance):
    answer = client.get(f"/data/{notes.uid}/notes/a%20b.txt")
    assert (answer.text, answer.headers["cache-control"]) == ("first", "private, no-cache")
    (instance.get_path(notes) / "a b.txt").write_text("second")
    again = client.get(f"/data/{notes.uid}/notes/a%20b.txt", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.text) == (200, "second")


def test_files_are_listed(client, notes):
    page = client.get(f"/api/v1/artifacts/{notes.uid}/files").json()
    assert [entry["name"] for entry in page["items"]] == ["a b.txt"]


def test_reading_the_same_artifact_again_costs_no_sql(client, table, instance):
    path = f"/data/{table.uid}/{table.basename}"
    client.get(path)
    statements = []
    event.listen(
        instance.catalog.database.engine,
        "before_cursor_execute",
        lambda *_args: statements.append(_args[2]),
        named=False,
    )
    assert client.get(path).status_code == 200
    assert client.get(f"/zarr/{table.uid}/.zgroup").status_code == 200
    assert statements == []
    client.get("/api/v1/artifacts")
    assert statements


def test_zarr_python_opens_an_h5ad_through_the_gateway(client, table):
    group = zarr.open_group(f"{client.base_url}/zarr/{table.uid}", mode="r", zarr_format=2, use_consolidated=False)
    np.testing.assert_array_equal(group["X"][:], X)
    np.testing.assert_array_equal(group["obsm/X_umap"][:], X[:, :2])


def test_the_view_leads_back_to_this_server(client, table):
    answer = client.get(f"/api/v1/artifacts/{table.uid}/vitessce.json")
    assert answer.status_code == 200
    assert f"{client.base_url}".rstrip("/") in json.dumps(answer.json())


def test_a_table_without_a_view_says_why(client, notes):
    answer = client.get(f"/api/v1/artifacts/{notes.uid}/vitessce.json")
    assert (answer.status_code, answer.json()["code"]) == (501, "view-unavailable")


def test_a_folder_of_notes_has_no_picture(client, notes):
    assert client.get(f"/api/v1/artifacts/{notes.uid}/thumbnail").status_code == 404
