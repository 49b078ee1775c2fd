"""The data plane over real sockets and files, with a dictionary in place of the catalog."""

from __future__ import annotations

import http.client
import os
import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from serving import UID, StubInstance, build_artifact

from vitrina.server.app import build_app
from vitrina.server.background import BackgroundServer
from vitrina.server.data import INLINE_BYTES
from vitrina.storage.local import LocalStore

BIG_BYTES = 64 * INLINE_BYTES + 5
SECRET = b"not for you"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("storage")
    folder = root / UID / "lung.zarr"
    (folder / "0").mkdir(parents=True)
    (folder / ".zattrs").write_bytes(b'{"a": 1}')
    (folder / "0" / "0.0").write_bytes(bytes(range(250)) * 400)
    with (folder / "big").open("wb") as file:
        file.write(b"start")
        file.seek(BIG_BYTES - 3)
        file.write(b"end")
    (root.parent / "secret.txt").write_bytes(SECRET)
    (root / "other.txt").write_bytes(SECRET)
    (folder / "link").symlink_to(root.parent / "secret.txt")
    (folder / "linked-folder").symlink_to(root.parent)
    os.mkfifo(folder / "pipe")
    return root


@pytest.fixture(scope="module")
def store(root):
    return LocalStore(root)


@pytest.fixture(scope="module")
def url(store):
    with BackgroundServer(build_app(StubInstance([build_artifact()], store))) as server:
        yield server.url


@pytest.fixture
def client(url):
    with httpx.Client(base_url=f"{url}/data/{UID}/lung.zarr", timeout=10, trust_env=False) as client:
        yield client


def send_raw(url, request):
    """The whole answer to bytes sent as they are."""
    port = int(url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_a_chunk_is_sent_whole_with_its_headers(client, root):
    answer = client.get("/0/0.0")
    assert answer.status_code == 200
    assert answer.content == (root / UID / "lung.zarr" / "0" / "0.0").read_bytes()
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == "100000"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "server" not in answer.headers


def test_ranges_are_slices_of_the_file(client, root):
    data = (root / UID / "lung.zarr" / "0" / "0.0").read_bytes()
    draw = random.Random(2)  # noqa: S311 - a draw that can be repeated
    for _ in range(50):
        start = draw.randrange(len(data))
        stop = draw.randrange(start + 1, len(data) + 1)
        answer = client.get("/0/0.0", headers={"range": f"bytes={start}-{stop - 1}"})
        assert (answer.status_code, answer.content) == (206, data[start:stop])
        assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(data)}"


def test_not_modified_is_told_by_the_tag(client):
    etag = client.get("/0/0.0").headers["etag"]
    answer = client.get("/0/0.0", headers={"if-none-match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_head_sends_headers_and_the_connection_stays_usable(url):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    for _ in range(2):
        connection.request("HEAD", f"/data/{UID}/lung.zarr/big")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("content-length"), answer.read()) == (200, str(BIG_BYTES), b"")
    connection.close()


def test_a_large_file_arrives_complete(client):
    answer = client.get("/big")
    assert (len(answer.content), answer.content[:5], answer.content[-3:]) == (BIG_BYTES, b"start", b"end")


def test_a_large_range_is_streamed_from_its_start(client):
    answer = client.get("/big", headers={"range": f"bytes=-{3 * INLINE_BYTES}"})
    assert (answer.status_code, len(answer.content), answer.content[-3:]) == (206, 3 * INLINE_BYTES, b"end")


def test_a_client_that_leaves_stops_the_reading(url, store, monkeypatch):
    reads = []
    read = store.read

    async def count(key, start=0, stop=None):
        reads.append(start)
        return await read(key, start, stop)

    monkeypatch.setattr(store, "read", count)
    port = int(url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(f"GET /data/{UID}/lung.zarr/big HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    deadline = time.monotonic() + 5
    n_reads = -1
    while n_reads != len(reads) and time.monotonic() < deadline:
        n_reads = len(reads)
        time.sleep(0.3)
    assert 0 < len(reads) < 40, "of 65 pieces; a few more than the client took fit into the buffers of the sockets"


@pytest.mark.parametrize(
    "tail",
    [
        "..",
        "../other.txt",
        "lung.zarr/../../other.txt",
        "lung.zarr/../../../secret.txt",
        "lung.zarr/%2e%2e/%2e%2e/other.txt",
        "lung.zarr/%2e%2e%2f%2e%2e%2fother.txt",
        "lung.zarr/..%2f..%2fother.txt",
        "lung.zarr%2f..%2f..%2fother.txt",
        "lung.zarr/..%5c..%5cother.txt",
        "lung.zarr/..\\..\\other.txt",
        "lung.zarr/%252e%252e/%252e%252e/other.txt",
        "lung.zarr/.zattrs%00.png",
        "lung.zarr//etc/passwd",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "lung.zarr/./.zattrs",
        "lung.zarr/link",
        "lung.zarr/linked-folder/secret.txt",
        "lung.zarr/pipe",
        "lung.zarr/0",
        "lung.zarr/" + "n" * 300,
        "lung.zarr/" + "n/" * 1000 + "n",
    ],
)
def test_nothing_but_files_of_the_artifact_is_sent(url, tail):
    answer = send_raw(url, f"GET /data/{UID}/{tail} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
    assert answer.split(b" ", 2)[1] in {b"400", b"404"}
    assert SECRET not in answer
    assert b"root:" not in answer
    assert b"/tmp" not in answer


def test_a_request_that_is_no_http_is_refused(url):
    assert send_raw(url, b"\x16\x03\x01 nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_many_clients_are_served_at_once(url):
    def read(number):
        with httpx.Client(trust_env=False, timeout=20) as client:
            return len(client.get(f"{url}/data/{UID}/lung.zarr/{'big' if number % 4 == 0 else '0/0.0'}").content)

    with ThreadPoolExecutor(8) as pool:
        sizes = list(pool.map(read, range(16)))
    assert sizes == [BIG_BYTES if number % 4 == 0 else 100_000 for number in range(16)]
