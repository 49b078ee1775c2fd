"""A server with more work than it takes on; events say when work may go on, so that nothing depends on time."""

# ruff: noqa: ARG002, ASYNC110 - stubs have the signatures of what they stand for; threads are waited for by looking

from __future__ import annotations

import asyncio
import threading

import pytest
from serving import OTHER_UID, UID, CountingStore, StubInstance, Tree, ask, build_artifact

from vitrina.errors import UnreadableError
from vitrina.server import app as module
from vitrina.server.app import build_app
from vitrina.server.work import RETRY_AFTER_S, Work

pytestmark = pytest.mark.anyio


class SlowTree(Tree):
    """A tree whose chunks take as long as the test wants, and whose metadata is at hand."""

    def __init__(self):
        super().__init__({".zgroup": b"{}"})
        self.begun = []
        self.may_end = threading.Event()

    def find(self, key):
        if key in self.values or key.startswith("absent"):
            return self.values.get(key)

        def make():
            self.begun.append(key)
            assert self.may_end.wait(10)
            if key == "damaged":
                raise UnreadableError("chunk-damaged", "It is damaged.")
            return f"made {key}".encode()

        return make


class OpenInstance(StubInstance):
    """An instance whose trees are open already, except for those that the test closes."""

    is_open = True

    def find_tree(self, artifact, zarr_format):
        return self.trees.get(artifact.uid) if self.is_open else None


@pytest.fixture
def tree():
    tree = SlowTree()
    yield tree
    tree.may_end.set()


@pytest.fixture
def instance(tree):
    store = CountingStore({f"{UID}/lung.zarr/0/0.0": b"stored"})
    artifacts = [build_artifact(), build_artifact(OTHER_UID, "cells.h5ad", is_folder=False, fmt="anndata")]
    return OpenInstance(artifacts, store, trees={OTHER_UID: tree})


@pytest.fixture
def app(instance, monkeypatch):
    """One thread, and room for one more piece of work."""
    monkeypatch.setattr(module, "Work", lambda: Work(1, 1))
    return build_app(instance)


async def begin(app, tree, *keys):
    """Ask for chunks, and wait until the first of them is being made and the others wait."""
    await ask(app, f"/zarr/{OTHER_UID}/.zgroup")  # looks the artifact up, after which nothing comes before the work
    tasks = [asyncio.create_task(ask(app, f"/zarr/{OTHER_UID}/{key}")) for key in keys]
    async with asyncio.timeout(10):
        while not tree.begun:
            await asyncio.sleep(0.001)
    return tasks


async def test_a_full_server_says_so_and_when_to_come_back(app, tree):
    tasks = await begin(app, tree, "0/0", "0/1")
    answer = await ask(app, f"/zarr/{OTHER_UID}/0/2")
    assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
    assert (answer.json["code"], answer.json["status"]) == ("server-busy", 503)
    assert answer.headers["retry-after"] == str(RETRY_AFTER_S)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    tree.may_end.set()
    assert [(await task).body for task in tasks] == [b"made 0/0", b"made 0/1"]
    assert (await ask(app, f"/zarr/{OTHER_UID}/0/2")).body == b"made 0/2"


async def test_what_is_at_hand_waits_for_nothing(app, tree):
    tasks = await begin(app, tree, "0/0", "0/1")
    known = {"if-none-match": f'"{tree.etag}-{module.get_version("vitrina")}"'}
    for path, headers, status in (
        (f"/data/{UID}/lung.zarr/0/0.0", {}, 200),
        (f"/zarr/{OTHER_UID}/.zgroup", {}, 200),
        (f"/zarr/{OTHER_UID}/absent/0", {}, 404),
        (f"/zarr/{OTHER_UID}/0/7", known, 304),
    ):
        assert (await ask(app, path, headers=headers)).status == status
    assert (await ask(app, f"/data/{UID}/lung.zarr/0/0.0", "HEAD")).status == 200
    assert tree.begun == ["0/0"]
    tree.may_end.set()
    await asyncio.gather(*tasks)


async def test_two_clients_get_one_chunk(app, tree):
    tasks = await begin(app, tree, "0/0", "0/0", "0/0")
    tree.may_end.set()
    assert [answer.body for answer in await asyncio.gather(*tasks)] == [b"made 0/0"] * 3
    assert tree.begun == ["0/0"]


async def test_a_damaged_chunk_is_told_to_both(app, tree):
    tasks = await begin(app, tree, "damaged", "damaged")
    tree.may_end.set()
    answers = await asyncio.gather(*tasks)
    assert [(answer.status, answer.json["code"]) for answer in answers] == [(422, "chunk-damaged")] * 2


async def test_a_client_that_leaves_gets_no_answer_and_its_chunk_is_not_made(app, tree):
    tasks = await begin(app, tree, "0/0")
    leave = asyncio.Event()
    leaves = asyncio.create_task(ask(app, f"/zarr/{OTHER_UID}/0/1", leave=leave))
    await asyncio.sleep(0.01)
    leave.set()
    assert await leaves is None
    later = asyncio.create_task(ask(app, f"/zarr/{OTHER_UID}/0/2"))
    await asyncio.sleep(0.01)
    tree.may_end.set()
    assert [(await task).body for task in (*tasks, later)] == [b"made 0/0", b"made 0/2"]
    assert tree.begun == ["0/0", "0/2"]


async def test_a_tree_is_opened_once_for_all_who_wait_and_takes_a_place_in_the_queue(app, instance, tree):
    instance.is_open = False
    opened, may_open = [], threading.Event()

    def open_tree(artifact, zarr_format):
        opened.append(artifact.uid)
        assert may_open.wait(10)
        return tree

    instance.open_tree = open_tree
    app = build_app(instance)
    tasks = [asyncio.create_task(ask(app, f"/zarr/{OTHER_UID}/.zgroup")) for _ in range(3)]
    async with asyncio.timeout(10):
        while not opened:
            await asyncio.sleep(0.001)
    assert (await ask(app, f"/data/{UID}/lung.zarr/0/0.0")).status == 200
    may_open.set()
    assert [answer.body for answer in await asyncio.gather(*tasks)] == [b"{}"] * 3
    assert opened == [OTHER_UID]
