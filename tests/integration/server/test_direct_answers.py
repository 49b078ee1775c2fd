"""Answers that are written without ASGI messages, over real sockets: what a client sees is HTTP/1.1 as ever."""

from __future__ import annotations

import socket

import pytest
from serving import OTHER_UID, UID, CountingStore, StubInstance, Tree, build_artifact
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from vitrina.server.app import build_app
from vitrina.server.background import BackgroundServer
from vitrina.server.direct import build_head

CHUNK = bytes(range(256)) * 300


class OpenInstance(StubInstance):
    def find_tree(self, artifact, zarr_format):  # noqa: ARG002 - as of an Instance
        return self.trees.get(artifact.uid)


@pytest.fixture(scope="module")
def address():
    store = CountingStore({f"{UID}/lung.zarr/0/0": CHUNK, f"{UID}/lung.zarr/big": bytes(2**20 + 1)})
    artifacts = [build_artifact(), build_artifact(OTHER_UID, "cells.h5ad", is_folder=False, fmt="anndata")]

    def make():
        return b"made"

    tree = Tree({".zgroup": b"{}", "made/0": make})
    with BackgroundServer(build_app(OpenInstance(artifacts, store, trees={OTHER_UID: tree}))) as server:
        yield "127.0.0.1", int(server.url.rsplit(":", 1)[1])


@pytest.fixture
def n_messages(monkeypatch):
    """How many ASGI messages were sent."""
    sent, send = [], RequestResponseCycle.send

    async def count(cycle, message):
        sent.append(message["type"])
        await send(cycle, message)

    monkeypatch.setattr(RequestResponseCycle, "send", count)
    return sent


def build_request(path, *headers, method="GET", version="1.1"):
    return "\r\n".join([f"{method} {path} HTTP/{version}", "host: localhost", *headers, "", ""]).encode()


def read_answer(stream, method="GET"):
    """Status, headers and body of the next answer."""
    status = int(stream.readline().split()[1])
    headers = {}
    while line := stream.readline().strip():
        name, _, value = line.partition(b": ")
        headers[name.decode()] = value.decode()
    return status, headers, b"" if method == "HEAD" else stream.read(int(headers.get("content-length", 0)))


def converse(address, *requests):
    """The answers to requests on one connection, each sent when the one before was answered."""
    answers = []
    with socket.create_connection(address, timeout=10) as connection, connection.makefile("rb") as stream:
        for request in requests:
            connection.sendall(request)
            answers.append(read_answer(stream, request.split(b" ", 1)[0].decode()))
    return answers


STORED, MADE, READY = f"/data/{UID}/lung.zarr/0/0", f"/zarr/{OTHER_UID}/made/0", f"/zarr/{OTHER_UID}/.zgroup"


def test_what_is_at_hand_is_sent_without_messages_and_what_is_not_with_them(address, n_messages):
    converse(address, build_request(STORED))  # looks the artifact up
    converse(address, build_request(MADE))
    n_messages.clear()
    (first, second, third) = converse(address, build_request(STORED), build_request(READY), build_request(STORED))
    assert [answer[0] for answer in (first, second, third)] == [200, 200, 200]
    assert (first[2], second[2], third[2]) == (CHUNK, b"{}", CHUNK)
    assert n_messages == []
    assert converse(address, build_request(MADE))[0][2] == b"made"
    assert n_messages == ["http.response.start", "http.response.body"]


def test_both_ways_send_the_same_headers(address):
    ready, made = (converse(address, build_request(path))[0][1] for path in (READY, MADE))
    assert ready.keys() == made.keys()
    assert {"date", "etag", "content-type", "x-content-type-options", "access-control-allow-origin"} <= ready.keys()


def test_head_not_modified_and_errors_leave_the_connection_usable(address):
    etag = converse(address, build_request(STORED))[0][1]["etag"]
    answers = converse(
        address,
        build_request(STORED, method="HEAD"),
        build_request(STORED, f"if-none-match: {etag}"),
        build_request(f"/data/{UID}/lung.zarr/absent"),
        build_request(STORED, "range: bytes=1-3"),
        build_request("/api/v1/health"),
        build_request(STORED, "content-length: 3", method="PUT") + b"abc",
        build_request(STORED),
    )
    assert [answer[0] for answer in answers] == [200, 304, 404, 206, 200, 405, 200]
    assert answers[0][1]["content-length"] == str(len(CHUNK))
    assert "content-length" not in answers[1][1]
    assert (answers[3][2], answers[-1][2]) == (CHUNK[1:4], CHUNK)


def test_requests_sent_at_once_are_answered_in_their_order(address):
    converse(address, build_request(STORED), build_request(READY))
    paths = [STORED, READY, MADE, STORED, "/api/v1/health", READY]
    with socket.create_connection(address, timeout=10) as connection, connection.makefile("rb") as stream:
        connection.sendall(b"".join(build_request(path) for path in paths))
        bodies = [read_answer(stream)[2] for _ in paths]
    assert bodies[:4] == [CHUNK, b"{}", b"made", CHUNK]
    assert b"status" in bodies[4]
    assert bodies[5] == b"{}"


@pytest.mark.parametrize(("header", "version"), [("connection: close", "1.1"), ("accept: */*", "1.0")])
def test_a_client_that_wants_one_answer_gets_one(address, header, version):
    with socket.create_connection(address, timeout=10) as connection, connection.makefile("rb") as stream:
        connection.sendall(build_request(STORED, header, version=version))
        status, headers, body = read_answer(stream)
        assert (status, headers["connection"], body) == (200, "close", CHUNK)
        assert stream.read() == b""


@pytest.mark.parametrize(
    ("path", "headers", "version"),
    [
        ("http://localhost" + STORED, (), "1.1"),
        (STORED, ("expect: 100-continue",), "1.1"),
        (STORED, ("connection: upgrade", "upgrade: h2c"), "1.1"),
        (STORED, ("connection: keep-alive",), "1.0"),
        (STORED + "?a=b", (), "1.1"),
    ],
    ids=["whole address", "expects to be told to go on", "would change the protocol", "old and stays", "query"],
)
def test_unusual_requests_are_answered_too(address, path, headers, version):
    ((status, _, body),) = converse(address, build_request(path, *headers, version=version))
    assert (status, body) == (200, CHUNK)


def test_what_is_no_request_is_told_so_and_the_connection_ends(address):
    with socket.create_connection(address, timeout=10) as connection, connection.makefile("rb") as stream:
        connection.sendall(build_request(STORED))
        assert read_answer(stream)[2] == CHUNK
        connection.sendall(b"no request\r\n\r\n")
        assert read_answer(stream)[0] == 400
        assert stream.read() == b""


def test_a_client_that_reads_nothing_for_long_gets_everything_in_the_end(address):
    n = 200
    with socket.create_connection(address, timeout=10) as connection, connection.makefile("rb") as stream:
        for _ in range(n):
            connection.sendall(build_request(STORED))  # 15 MB of answers
        assert [len(read_answer(stream)[2]) for _ in range(n)] == [len(CHUNK)] * n


def test_a_large_file_comes_in_pieces(address):
    (answer,) = converse(address, build_request(f"/data/{UID}/lung.zarr/big"))
    assert (answer[0], len(answer[2])) == (200, 2**20 + 1)


def test_no_header_ends_before_its_value():
    assert build_head(200, [(b"etag", b'"a"')]) == b'HTTP/1.1 200 OK\r\netag: "a"\r\n\r\n'
    for value in (b"a\r\nset-cookie: b", b"a\nb", b"a\rb"):
        with pytest.raises(ValueError, match="end of a line"):
            build_head(200, [(b"etag", value)])
