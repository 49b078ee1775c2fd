"""Pictures are drawn when they are first looked at: adding does not wait for them, and the server shows them all."""

from __future__ import annotations

import threading

import anndata
import httpx
import numpy as np
import pytest

from vitrina.server.app import build_app
from vitrina.server.background import BackgroundServer
from vitrina.verbs import thumbnail
from vitrina.verbs.init import init


@pytest.fixture
def instance(tmp_path):
    return init(tmp_path / "lab").instance


@pytest.fixture
def drawn(monkeypatch):
    """The keys of what was drawn."""
    keys, draw = [], thumbnail._draw

    def note(instance, artifact):
        keys.append(artifact.key)
        return draw(instance, artifact)

    monkeypatch.setattr(thumbnail, "_draw", note)
    return keys


def add_cells(instance, key="cells.h5ad"):
    positions = np.arange(24, dtype="float32").reshape(8, 3)
    return instance.add_object(anndata.AnnData(positions, obsm={"spatial": positions[:, :2]}), key=key).artifact


def test_what_was_added_is_shown_by_a_server_that_starts_later(instance, drawn):
    artifact = add_cells(instance)
    assert drawn == []
    with (
        BackgroundServer(build_app(instance)) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client,
    ):
        answers = [client.get(f"/api/v1/artifacts/{artifact.uid}/thumbnail") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].headers["content-type"] == "image/webp"
    assert answers[0].content[8:12] == b"WEBP"  # https://developers.google.com/speed/webp/docs/riff_container
    assert drawn == ["cells.h5ad"]


def test_that_there_is_nothing_to_draw_is_found_out_once(instance, drawn, tmp_path):
    path = tmp_path / "doses.csv"
    path.write_text("sample,dose\na,1.5\nb,2.5\n")
    artifact = instance.add(path).artifact
    assert [instance.read_thumbnail(artifact) for _ in range(2)] == [None, None]
    assert drawn == ["doses.csv"]


def test_many_who_look_at_once_wait_for_one_picture(instance, drawn):
    artifact = add_cells(instance)
    start, pictures = threading.Barrier(8), []

    def look():
        start.wait()
        pictures.append(instance.read_thumbnail(artifact))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn == ["cells.h5ad"]
    assert len(pictures) == 8
    assert len(set(pictures)) == 1
