"""The files of the web app, from a small one made for the test."""

from __future__ import annotations

import base64
import gzip
import hashlib

import pytest
from serving import CountingStore, StubInstance, ask

from vitrina.server.app import build_app

pytestmark = pytest.mark.anyio

IMPORT_MAP = '{"imports": {"react": "./app-0123456789ab/react.js"}}'
SCRIPT = b"export default 1;"


@pytest.fixture
def web(tmp_path):
    files = {
        "hub/index.html": b"<!doctype html><title>hub</title><script src=/assets/index-DkQ1x_9-.js></script>",
        "hub/favicon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "hub/assets/index-DkQ1x_9-.js": SCRIPT,
        "hub/assets/index-DkQ1x_9-.js.gz": gzip.compress(SCRIPT, mtime=0),
        "hub/assets/index-DkQ1x_9-.js.br": b"as if brotli",
        "viewer/index.html": f"<!doctype html><script type=importmap>{IMPORT_MAP}</script>".encode(),
        "viewer/app-0123456789ab/react.js": SCRIPT,
        "viewer/app-0123456789ab/parquet.wasm": b"\0asm",
    }
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path.parent / "outside.js").write_bytes(b"outside")
    return tmp_path


@pytest.fixture
def app(web):
    return build_app(StubInstance([], CountingStore({})), web=web)


@pytest.mark.parametrize("path", ["/", "/index.html", "/a/AbCdEfGh012345670001", "/a/xenium/lung.zarr", "/settings"])
async def test_the_hub_draws_its_own_routes(app, path):
    answer = await ask(app, path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"hub" in answer.body
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/missing.js", "/assets/index-AAAAAAAA.js", "/viewer/missing.js", "/viewer/app"])
async def test_a_missing_file_is_404(app, path):
    answer = await ask(app, path)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path",
    ["/../outside.js", "/assets/../../../outside.js", "/%2e%2e/outside.js", "/assets/..%2f..%2f..%2foutside.js"],
)
async def test_a_path_out_of_the_web_app_is_404(app, path):
    assert (await ask(app, path)).status == 404


async def test_a_file_with_a_hash_in_its_name_is_kept(app):
    for path in ("/assets/index-DkQ1x_9-.js", "/viewer/app-0123456789ab/react.js"):
        assert "immutable" in (await ask(app, path)).headers["cache-control"]
    assert (await ask(app, "/favicon.svg")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None),
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("BR;q=1.0", "br"),
        ("identity", None),
    ],
)
async def test_the_best_prepared_coding_is_sent(app, accepted, coding):
    answer = await ask(app, "/assets/index-DkQ1x_9-.js", headers={"accept-encoding": accepted})
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.body == {None: SCRIPT, "gzip": gzip.compress(SCRIPT, mtime=0), "br": b"as if brotli"}[coding]


async def test_each_coding_has_its_own_tag(app):
    plain = await ask(app, "/assets/index-DkQ1x_9-.js")
    packed = await ask(app, "/assets/index-DkQ1x_9-.js", headers={"accept-encoding": "gzip"})
    again = await ask(app, "/assets/index-DkQ1x_9-.js", headers={"if-none-match": plain.headers["etag"]})
    assert plain.headers["etag"] != packed.headers["etag"]
    assert (again.status, again.body) == (304, b"")


async def test_head_sends_no_body(app):
    answer = await ask(app, "/assets/index-DkQ1x_9-.js", "HEAD")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", str(len(SCRIPT)))


async def test_the_viewer_may_run_its_import_map(app):
    answer = await ask(app, "/viewer/?config=/api/v1/artifacts/x/vitessce.json")
    digest = base64.b64encode(hashlib.sha256(IMPORT_MAP.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert f"script-src 'self' 'wasm-unsafe-eval' 'sha256-{digest}';" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_web_assembly_has_its_own_type(app):
    answer = await ask(app, "/viewer/app-0123456789ab/parquet.wasm")
    assert answer.headers["content-type"] == "application/wasm"


async def test_the_viewer_without_a_slash_leads_to_the_one_with(app):
    answer = await ask(app, "/viewer")
    assert (answer.status, answer.headers["location"]) == (308, "viewer/")


@pytest.mark.parametrize("path", ["/", "/viewer/", "/a/b", "/x.js"])
async def test_without_a_build_a_page_says_how_to_build(tmp_path, path):
    app = build_app(StubInstance([], CountingStore({})), web=tmp_path / "nothing")
    answer = await ask(app, path)
    assert (answer.status, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert b"make web" in answer.body
