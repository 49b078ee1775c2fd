"""The shapes of the API, with a dictionary in place of the catalog."""

from __future__ import annotations

import pytest
from serving import OTHER_UID, UID, CountingStore, StubInstance, ask, build_artifact

from vitrina.model.jsonable import build_json
from vitrina.server.api import build_api
from vitrina.server.app import build_app

pytestmark = pytest.mark.anyio


@pytest.fixture
def instance():
    artifacts = [build_artifact(), build_artifact(OTHER_UID, "cells.csv", is_folder=False, fmt="table")]
    return StubInstance(artifacts, CountingStore({}))


@pytest.fixture
def app(instance):
    return build_app(instance)


async def test_a_list_has_items_total_cursor_and_facets(app):
    answer = await ask(app, "/api/v1/artifacts")
    page = answer.json
    assert answer.status == 200
    assert page.keys() == {"items", "total", "next_cursor", "facets", "hints"}
    assert [item["uid"] for item in page["items"]] == [UID, OTHER_UID]
    assert page["facets"] == {"format": [{"id": "ome-zarr", "label": "ome-zarr", "count": 2}]}


async def test_an_artifact_is_the_record_with_version_basename_and_viewer(app):
    item = (await ask(app, f"/api/v1/artifacts/{UID}")).json
    assert item.pop("annotations")["labels"][0]["name"] == "lung"
    finding = {"code": "window-guessed", "severity": "info", "path": "#", "message": "The window was guessed."}
    assert item == build_json(build_artifact()) | {
        "version": "0001",
        "basename": "lung.zarr",
        "viewer": {"ready": True, "findings": [finding | {"fix": None}]},
    }


async def test_an_artifact_is_found_by_its_key(app):
    assert (await ask(app, "/api/v1/artifacts/xenium/lung.zarr")).json["uid"] == UID


async def test_query_parameters_become_find_arguments(app, instance):
    await ask(app, "/api/v1/artifacts?q=lung+cancer&limit=3&order=key&cursor=c&format=anndata&format=table&n__gt=4")
    assert instance.found_with == {
        "text": "lung cancer",
        "where": {"format__in": ["anndata", "table"], "n__gt": "4"},
        "order": "key",
        "limit": 3,
        "cursor": "c",
    }


async def test_facets_and_exactness_are_asked_for_by_name(app, instance):
    await ask(app, "/api/v1/artifacts?facets=tissue,assay&exact=true")
    assert instance.found_options["facets"] == ("tissue", "assay")
    assert instance.found_options["is_exact"]
    await ask(app, "/api/v1/artifacts?facets=none")
    assert instance.found_options["facets"] == ()
    await ask(app, "/api/v1/artifacts")
    assert instance.found_options["facets"] == "all"


async def test_annotations_come_when_they_are_asked_for_and_with_a_single_artifact(app):
    assert (await ask(app, "/api/v1/artifacts")).json["items"][0]["annotations"] is None
    listed = (await ask(app, "/api/v1/artifacts?include=annotations")).json["items"][0]
    assert listed["annotations"]["labels"][0]["name"] == "lung"
    shown = (await ask(app, f"/api/v1/artifacts/{listed['uid']}")).json
    assert shown["annotations"] == listed["annotations"]


async def test_versions_are_listed_newest_first(app, instance):
    uid = next(iter(instance.artifacts))
    listed = (await ask(app, f"/api/v1/artifacts/{uid}/versions")).json
    assert [item["uid"] for item in listed["items"]] == [uid]


async def test_an_unknown_filter_is_the_callers_error(app):
    answer = await ask(app, "/api/v1/artifacts?colour=red")
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "code": "field-unknown",
        "detail": "There is no field 'colour'.",
        "hint": "Did you mean 'format'?",
        "where": None,
    }


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=100000"])
async def test_a_parameter_out_of_range_is_a_problem(app, query):
    answer = await ask(app, f"/api/v1/artifacts?{query}")
    assert (answer.status, answer.json["code"]) == (400, "request-invalid")
    assert "limit" in answer.json["detail"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/artifacts/nothing", 404, "artifact-missing"),
        ("/api/v1/nothing", 404, "route-unknown"),
        ("/api", 404, "route-unknown"),
        ("/api/v1/docs", 404, "route-unknown"),
        (f"/api/v1/artifacts/{OTHER_UID}/thumbnail", 404, "thumbnail-missing"),
        (f"/api/v1/artifacts/{OTHER_UID}/vitessce.json", 501, "view-unavailable"),
        (f"/api/v1/artifacts/{UID}/files?folder=gone", 404, "folder-missing"),
        (f"/api/v1/artifacts/{UID}/files?folder=../..", 400, "key-malformed"),
    ],
)
async def test_what_goes_wrong_is_a_problem_with_its_code(app, path, status, code):
    answer = await ask(app, path)
    assert (answer.status, answer.json["status"], answer.json["code"]) == (status, status, code)


async def test_a_wrong_method_is_405_and_says_which_are_right(app):
    answer = await ask(app, "/api/v1/artifacts", "POST")
    assert (answer.status, answer.json["code"], answer.headers["allow"]) == (405, "method-not-allowed", "GET")


async def test_files_come_in_pages(app):
    first = (await ask(app, f"/api/v1/artifacts/{UID}/files?limit=3")).json
    rest = (await ask(app, f"/api/v1/artifacts/{UID}/files?limit=3&cursor={first['next_cursor']}")).json
    assert [entry["name"] for entry in first["items"]] == ["0", "a", "b"]
    assert first["items"][0] == {"name": "0", "is_folder": True, "size_bytes": None}
    assert (first["total"], [entry["name"] for entry in rest["items"]], rest["next_cursor"]) == (4, ["c"], None)


async def test_a_thumbnail_is_webp_and_is_not_sent_twice(app):
    answer = await ask(app, f"/api/v1/artifacts/{UID}/thumbnail")
    again = await ask(app, f"/api/v1/artifacts/{UID}/thumbnail", headers={"if-none-match": answer.headers["etag"]})
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "image/webp", b"RIFF1234WEBP")
    assert (again.status, again.body) == (304, b"")


async def test_a_view_has_the_address_that_the_client_used(app):
    view = (await ask(app, f"/api/v1/artifacts/{UID}/vitessce.json", host="127.0.0.1:9999")).json
    assert view["url"] == f"http://127.0.0.1:9999/data/{UID}/lung.zarr"


async def test_the_public_address_wins(instance):
    instance.settings.public_url = "https://hub.example/"
    view = (await ask(build_app(instance), f"/api/v1/artifacts/{UID}/vitessce.json")).json
    assert view["url"] == f"https://hub.example/data/{UID}/lung.zarr"


async def test_health_asks_the_catalog(instance):
    health = (await ask(build_app(instance, server_id="s1"), "/api/v1/health")).json
    assert (health["status"], health["name"], health["server_id"], health["n_artifacts"]) == ("ok", "lab", "s1", 2)


async def test_an_unforeseen_error_is_logged_and_told_without_its_inside(app, instance, caplog):
    instance.find = None
    answer = await ask(app, "/api/v1/artifacts")
    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert "NoneType" not in answer.body.decode()
    assert "NoneType" in caplog.text


async def test_other_origins_cannot_read_the_api(app):
    answer = await ask(app, "/api/v1/artifacts", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"


async def test_the_description_is_served_and_knows_every_route(app):
    document = (await ask(app, "/api/v1/openapi.json")).json
    assert set(document["paths"]) == {
        "/api/v1/health",
        "/api/v1/artifacts",
        "/api/v1/artifacts/{ref}",
        "/api/v1/artifacts/{uid}/check",
        "/api/v1/artifacts/{uid}/files",
        "/api/v1/artifacts/{uid}/overrides",
        "/api/v1/artifacts/{uid}/versions",
        "/api/v1/artifacts/{uid}/thumbnail",
        "/api/v1/artifacts/{uid}/vitessce.json",
        "/api/v1/lineage/{uid}",
        "/api/v1/runs",
        "/api/v1/runs/{uid}",
        "/api/v1/views",
        "/api/v1/views/{uid}",
        "/api/v1/views/{uid}/vitessce.json",
    }


def test_the_description_tells_problems_and_no_framework_errors():
    document = build_api(None, version="1").openapi()
    schemas = document["components"]["schemas"]
    assert {"Problem", "ArtifactOut", "Content", "Finding"} <= schemas.keys()
    assert not {"HTTPValidationError", "ValidationError"} & schemas.keys()
    for operations in document["paths"].values():
        content = operations["get"]["responses"]["default"]["content"]
        assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert "422" not in operations["get"]["responses"]
