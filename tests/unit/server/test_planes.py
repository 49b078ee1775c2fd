"""The data plane and the gateway plane over a store in memory."""

from __future__ import annotations

import pytest
from serving import OTHER_UID, UID, CountingStore, StubInstance, Tree, ask, build_artifact

from vitrina.errors import StorageError
from vitrina.server.app import build_app
from vitrina.server.data import INLINE_BYTES

pytestmark = pytest.mark.anyio

CHUNK = bytes(range(256)) * 4
BIG = bytes(1000) + b"x" * (2 * INLINE_BYTES)
FILES = {
    f"{UID}/lung.zarr/.zattrs": b"{}",
    f"{UID}/lung.zarr/0/0.0": CHUNK,
    f"{UID}/lung.zarr/a b": b"space",
    f"{UID}/lung.zarr/page.html": b"<script>",
    f"{UID}/lung.zarr/empty": b"",
    f"{UID}/lung.zarr/big": BIG,
    f"{OTHER_UID}/cells.h5ad": b"\x89HDF",
}


@pytest.fixture(params=[False, True], ids=["near", "far"])
def store(request):
    return CountingStore(dict(FILES), is_far=request.param)


@pytest.fixture
def instance(store):
    artifacts = [build_artifact(), build_artifact(OTHER_UID, "cells.h5ad", is_folder=False, fmt="anndata")]
    return StubInstance(artifacts, store, trees={OTHER_UID: Tree({".zgroup": b"{}", "X/0.0": CHUNK})})


@pytest.fixture
def app(instance):
    return build_app(instance)


async def test_a_stored_chunk_is_opened_and_read_once_and_not_looked_up_after_the_first(app, instance, store):
    await ask(app, f"/data/{UID}/lung.zarr/0/0.0")
    store.calls.clear()
    n_lookups = instance.n_lookups
    answer = await ask(app, f"/data/{UID}/lung.zarr/0/0.0")
    key = f"{UID}/lung.zarr/0/0.0"
    assert (answer.status, answer.body) == (200, CHUNK)
    assert store.calls == [("open", key), ("read", key, 0, len(CHUNK)), ("close", key)]
    assert instance.n_lookups == n_lookups == 1


async def test_a_file_artifact_is_its_basename(app):
    answer = await ask(app, f"/data/{OTHER_UID}/cells.h5ad")
    assert (answer.status, answer.body) == (200, b"\x89HDF")


async def test_a_range_is_read_alone(app, store):
    answer = await ask(app, f"/data/{UID}/lung.zarr/0/0.0", headers={"range": "bytes=-6"})
    assert (answer.status, answer.body) == (206, CHUNK[-6:])
    assert answer.headers["content-range"] == "bytes 1018-1023/1024"
    assert store.calls[-2] == ("read", f"{UID}/lung.zarr/0/0.0", 1018, 1024)


async def test_head_tells_the_length_and_reads_nothing(app, store):
    answer = await ask(app, f"/data/{UID}/lung.zarr/big", "HEAD")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", str(len(BIG)))
    assert [call[0] for call in store.calls] == ["open", "close"]


async def test_not_modified_reads_nothing(app, store):
    etag = (await ask(app, f"/data/{UID}/lung.zarr/0/0.0")).headers["etag"]
    store.calls.clear()
    answer = await ask(app, f"/data/{UID}/lung.zarr/0/0.0", headers={"if-none-match": etag})
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
    assert [call[0] for call in store.calls] == ["open", "close"]


async def test_a_range_outside_is_416_with_the_size(app):
    answer = await ask(app, f"/data/{UID}/lung.zarr/0/0.0", headers={"range": "bytes=1024-"})
    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */1024")
    assert answer.json["code"] == "range-not-satisfiable"


async def test_an_empty_file_is_empty(app):
    answer = await ask(app, f"/data/{UID}/lung.zarr/empty")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


async def test_a_large_file_is_streamed_in_pieces(app, store):
    answer = await ask(app, f"/data/{UID}/lung.zarr/big")
    assert (answer.status, answer.body, answer.is_complete) == (200, BIG, True)
    reads = [call for call in store.calls if call[0] == "read"]
    assert [stop - start for _, _, start, stop in reads] == [INLINE_BYTES, INLINE_BYTES, 1000]


async def test_a_file_that_shrinks_while_it_is_sent_breaks_off(app, store, caplog):
    read = store.read

    async def shrink(key, start=0, stop=None):
        piece = await read(key, start, stop)
        return piece if start == 0 else piece[:-1]

    store.read = shrink
    answer = await ask(app, f"/data/{UID}/lung.zarr/big")
    assert (answer.status, answer.is_complete) == (200, False)
    assert "broke off" in caplog.text


@pytest.mark.parametrize(
    "tail",
    [
        "other.zarr/.zattrs",
        "lung.zarr",
        "lung.zarr/",
        "lung.zarr/0",
        "lung.zarr/0/9.9",
        "",
    ],
)
async def test_what_is_no_file_of_the_artifact_is_404(app, tail):
    answer = await ask(app, f"/data/{UID}/{tail}")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "secret" not in answer.body.decode()


async def test_an_unknown_uid_is_404(app):
    assert (await ask(app, "/data/aaaaaaaaaaaaaaaa0001/x")).status == 404


async def test_below_a_file_is_nothing(app):
    assert (await ask(app, f"/data/{OTHER_UID}/cells.h5ad/x")).status == 404


async def test_a_path_out_of_the_artifact_is_400(app, store):
    answer = await ask(app, f"/data/{UID}/lung.zarr/%2e%2e/{OTHER_UID}/cells.h5ad")
    assert (answer.status, answer.json["code"], store.calls) == (400, "key-malformed", [])


async def test_metadata_is_json_and_a_page_is_not_a_page(app):
    assert (await ask(app, f"/data/{UID}/lung.zarr/.zattrs")).headers["content-type"] == "application/json"
    answer = await ask(app, f"/data/{UID}/lung.zarr/page.html")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_name_with_a_space_is_found(app):
    assert (await ask(app, f"/data/{UID}/lung.zarr/a%20b")).body == b"space"


async def test_managed_bytes_are_kept_and_those_in_place_are_asked_for_again(app, store):
    managed = await ask(app, f"/data/{UID}/lung.zarr/0/0.0")
    in_place = await ask(
        build_app(StubInstance([build_artifact()], store, managed=False)), f"/data/{UID}/lung.zarr/big"
    )
    assert managed.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert in_place.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("plane", ["data", "zarr"])
async def test_other_origins_may_read_bytes(app, plane):
    answer = await ask(
        app,
        f"/{plane}/{UID}/lung.zarr/0/0.0",
        "OPTIONS",
        headers={"origin": "https://x.org", "access-control-request-headers": "range"},
    )
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert "Range" in answer.headers["access-control-allow-headers"]
    assert "content-length" not in answer.headers, "RFC 9110 section 8.6 forbids it with 204"
    exposed = answer.headers["access-control-expose-headers"]
    assert all(name in exposed for name in ("ETag", "Content-Range", "Content-Length", "Accept-Ranges"))


@pytest.mark.parametrize("plane", ["data", "zarr"])
async def test_bytes_cannot_be_changed_over_http(app, plane):
    answer = await ask(app, f"/{plane}/{UID}/lung.zarr/0/0.0", "PUT")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json["code"] == "method-not-allowed"


async def test_an_unforeseen_error_tells_nothing_of_its_inside(app, store, caplog):
    store.open_file = store.open_at_once = None
    answer = await ask(app, f"/data/{UID}/lung.zarr/0/0.0")
    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert "NoneType" not in answer.body.decode()
    assert "NoneType" in caplog.text


async def test_a_storage_failure_is_502(app, store):
    async def fail(key, start=0, stop=None):
        raise StorageError("storage-failed", "The disk is gone.")

    store.read, store.is_far = fail, True
    assert (await ask(app, f"/data/{UID}/lung.zarr/0/0.0")).status == 502


async def test_a_file_that_is_shorter_than_it_said_is_502(app, store):
    await ask(app, f"/data/{UID}/lung.zarr/0/0.0")
    get = store._get
    store._get = lambda key: get(key)[:-1] if store.calls[-1][0] == "read" else get(key)
    answer = await ask(app, f"/data/{UID}/lung.zarr/0/0.0")
    assert (answer.status, answer.json["code"]) == (502, "file-changed")
    assert store.calls[-1][0] == "close"


async def test_the_gateway_answers_keys_of_the_tree(app):
    answer = await ask(app, f"/zarr/{OTHER_UID}/.zgroup")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"{}", "application/json")
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_the_gateway_answers_head_and_ranges(app):
    head = await ask(app, f"/zarr/{OTHER_UID}/X/0.0", "HEAD")
    part = await ask(app, f"/zarr/{OTHER_UID}/X/0.0", headers={"range": "bytes=0-3"})
    assert (head.status, head.headers["content-length"], head.body) == (200, "1024", b"")
    assert (part.status, part.body) == (206, CHUNK[:4])


async def test_the_gateway_makes_no_chunk_that_the_client_has(app, instance):
    etag = (await ask(app, f"/zarr/{OTHER_UID}/X/0.0")).headers["etag"]
    tree = instance.trees[OTHER_UID]
    tree.asked.clear()
    answer = await ask(app, f"/zarr/{OTHER_UID}/X/0.0", headers={"if-none-match": etag})
    assert (answer.status, tree.asked) == (304, [])


@pytest.mark.parametrize("header", [{}, {"if-none-match": "*"}])
async def test_a_key_that_the_tree_lacks_is_404(app, header):
    answer = await ask(app, f"/zarr/{OTHER_UID}/X/9.9", headers=header)
    assert (answer.status, answer.json["code"]) == (404, "key-missing")
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_format_without_a_gateway_is_501(app):
    assert (await ask(app, f"/zarr/{UID}/.zgroup")).status == 501


async def test_another_host_name_is_turned_away_everywhere(app):
    for path in (f"/data/{UID}/lung.zarr/.zattrs", "/zarr/x/y", "/api/v1/artifacts", "/", "/viewer/"):
        answer = await ask(app, path, host="evil.example")
        assert (answer.status, answer.json["code"]) == (421, "host-not-allowed")
        assert "access-control-allow-origin" not in answer.headers


async def test_names_in_the_settings_are_answered(store):
    instance = StubInstance([build_artifact()], store, allowed_hosts=("lab",), public_url="https://hub.example/")
    app = build_app(instance, hosts=("desk",))
    for host in ("lab:80", "hub.example", "desk:8765"):
        assert (await ask(app, f"/data/{UID}/lung.zarr/.zattrs", host=host)).status == 200


async def test_both_zarr_formats_have_a_plane_of_their_own(app, instance):
    assert (await ask(app, f"/zarr3/{OTHER_UID}/X/0.0")).body == CHUNK
    assert (await ask(app, f"/zarr/{OTHER_UID}/X/0.0")).body == CHUNK
    assert instance.asked_formats == [3, 2]
    assert (await ask(app, f"/zarr4/{OTHER_UID}/X/0.0")).body != CHUNK
