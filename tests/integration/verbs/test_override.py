"""Overrides of real files, through every place that shows a dataset. Pixels are compared with what was written."""

from __future__ import annotations

import asyncio
import json

import httpx
import numpy as np
import pytest
import tifffile
import zarr

import vitrina as vt
from vitrina.errors import InputError
from vitrina.model.content import LabelsElement
from vitrina.model.overrides import ElementOverrides, Overrides
from vitrina.server.app import build_app
from vitrina.server.background import BackgroundServer
from vitrina.verbs.describe import describe
from vitrina.verbs.init import init

PIXELS = np.random.default_rng(7).integers(0, 4000, (3, 60, 50), dtype=np.uint16)


@pytest.fixture
def instance(tmp_path):
    return init(tmp_path / "hub").instance


@pytest.fixture
def artifact(instance, tmp_path):
    """A stack of three planes that does not say what they are: they are taken for channels."""
    tifffile.imwrite(tmp_path / "plain.tif", PIXELS, photometric="minisblack", metadata=None)
    return instance.add(tmp_path / "plain.tif").artifact


def read_json(tree, key):
    return json.loads(asyncio.run(tree.get(key)))


def test_every_description_says_what_was_said(instance, artifact):
    assert "axis-guessed" in {finding.code for finding in artifact.content.findings}
    said = ElementOverrides(path="", channel_names=("DAPI", "CD3", "CD8"), pixel_size=(0.5, 0.5), axes=("c", "y", "x"))
    now = instance.override(artifact, said)
    text = describe(now)
    assert "DAPI, CD3, CD8" in text
    assert "0.5 µm per pixel" in text
    assert "overridden" in text
    assert now.content.findings == ()


def test_the_gateway_and_the_view_follow_and_their_etags_change(instance, artifact):
    before = instance.open_tree(artifact)
    now = instance.override(
        artifact, ElementOverrides(path="", channel_names=("a", "b", "c"), channel_windows=((5, 9), None, None))
    )
    tree = instance.open_tree(now)
    assert tree.etag != before.etag
    attrs = read_json(tree, ".zattrs")
    assert [channel["label"] for channel in attrs["omero"]["channels"]] == ["a", "b", "c"]
    assert attrs["omero"]["channels"][0]["window"]["end"] == 9
    assert read_json(before, ".zattrs")["omero"]["channels"][0]["label"] == "Channel 0"
    assert "[5.0, 9.0]" in json.dumps(instance.build_view(now, "http://x"))


def test_a_dimension_that_is_time_is_served_as_time(instance, artifact):
    now = instance.override(artifact, ElementOverrides(path="", axes=("t", "y", "x")))
    tree = instance.open_tree(now)
    (multiscale,) = read_json(tree, ".zattrs")["multiscales"]
    assert [axis["name"] for axis in multiscale["axes"]] == ["t", "y", "x"]
    assert len(read_json(tree, ".zattrs")["omero"]["channels"]) == 1
    assert asyncio.run(tree.get("0/2/0/0")) is not None


def test_a_picture_is_drawn_anew(instance, artifact):
    before = instance.read_thumbnail(artifact)
    colors = ((255, 0, 0), (255, 0, 0), (255, 0, 0))
    now = instance.override(artifact, ElementOverrides(path="", channel_colors=colors))
    assert instance.read_thumbnail(now) != before
    labels = instance.set_overrides(artifact, [ElementOverrides(path="", axes=("z", "y", "x"), is_labels=True)])
    assert isinstance(labels.content.elements[0], LabelsElement)
    assert instance.read_thumbnail(labels) not in {before, None}


def test_a_conversion_writes_what_was_said(instance, artifact):
    said = ElementOverrides(path="", axes=("t", "y", "x"), pixel_size=(0.5, 0.25), channel_names=("GFP",))
    made = instance.convert_artifact(instance.override(artifact, said)).artifact
    (image,) = made.content.elements
    assert [axis.name for axis in image.axes] == ["t", "y", "x"]
    assert image.levels[0].scale == (1.0, 0.5, 0.25)
    assert [channel.name for channel in image.channels] == ["GFP"]
    stored = zarr.open_group(instance.get_path(made), mode="r")["0"][...]
    np.testing.assert_array_equal(stored, PIXELS)


def test_an_array_in_memory_has_the_axes_and_channels_that_were_said(instance, artifact):
    now = instance.override(artifact, ElementOverrides(path="", channel_names=("a", "b", "c"), pixel_size=(0.5, 0.5)))
    array = instance.load(now)
    assert list(array.coords["c"].values) == ["a", "b", "c"]
    assert array.attrs["scale"] == {"c": 1.0, "y": 0.5, "x": 0.5}
    np.testing.assert_array_equal(array.values, PIXELS)


def test_more_can_be_said_and_taken_back(instance, artifact):
    instance.override(artifact, ElementOverrides(path="", unit="nm"))
    both = instance.override(artifact, ElementOverrides(path="", channel_names=("a", "b", "c")))
    assert both.overrides.elements[0] == ElementOverrides(path="", unit="nm", channel_names=("a", "b", "c"))
    assert instance.clear_overrides(both).content == artifact.content


def test_python_says_and_reads_overrides_as_dictionaries(instance, artifact):
    slide = vt.DB(str(instance.settings.folder.parent)).Artifact.get(artifact.uid)
    assert slide.overrides == {}
    slide.overrides = {"pixel_size": [0.5, 0.5], "channel_colors": ["#ff0000", None, "green"]}
    assert slide.overrides == {"": {"pixel_size": (0.5, 0.5), "channel_colors": ((255, 0, 0), None, (0, 255, 0))}}
    assert slide.content.elements[0].levels[0].scale == (1.0, 0.5, 0.5)
    with pytest.raises(InputError, match="Did you mean 'pixel_size'"):
        slide.overrides = {"pixelsize": (1, 1)}
    slide.overrides = None
    assert (slide.overrides, slide.content) == ({}, artifact.content)


def test_the_api_says_reads_and_takes_back(instance, artifact):
    with BackgroundServer(build_app(instance)) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        url = f"/api/v1/artifacts/{artifact.uid}"
        before = client.get(f"{url}/vitessce.json"), client.get(f"/zarr/{artifact.uid}/.zattrs")
        assert client.get(f"{url}/overrides").json() == {"elements": [], "changed_at": None, "changed_by": None}
        said = {"elements": [{"path": "", "channel_names": ["a", "b", "c"], "is_rgb": False}]}
        answer = client.put(f"{url}/overrides", json=said)
        assert answer.json()["elements"][0]["channel_names"] == ["a", "b", "c"]
        assert client.get(url).json()["content"]["elements"][0]["channels"][0]["name"] == "a"
        after = client.get(f"{url}/vitessce.json"), client.get(f"/zarr/{artifact.uid}/.zattrs")
        assert after[1].json()["omero"]["channels"][0]["label"] == "a"
        assert after[1].headers["etag"] != before[1].headers["etag"]
        assert client.get(f"{url}/vitessce.json").headers["etag"] == after[0].headers["etag"]
        refused = client.put(f"{url}/overrides", json={"elements": [{"path": "", "channel_names": ["a"]}]})
        assert (refused.status_code, refused.json()["code"]) == (400, "override-unfit")
        assert client.delete(f"{url}/overrides").json()["elements"] == []
        assert client.get(f"/zarr/{artifact.uid}/.zattrs").headers["etag"] == before[1].headers["etag"]


def test_another_process_is_seen_after_a_moment(instance, artifact):
    with BackgroundServer(build_app(instance)) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        client.get(f"/zarr/{artifact.uid}/.zattrs")
        instance.catalog.overrides.set(artifact.uid, [ElementOverrides(path="", channel_names=("a", "b", "c"))], "eve")
        for _ in range(100):
            label = client.get(f"/zarr/{artifact.uid}/.zattrs").json()["omero"]["channels"][0]["label"]
            if label == "a":
                break
            asyncio.run(asyncio.sleep(0.05))
        assert label == "a"


def test_a_new_version_inherits_and_a_backup_keeps_overrides(instance, artifact, tmp_path):
    said = instance.override(artifact, ElementOverrides(path="", pixel_size=(0.5, 0.5))).overrides
    tifffile.imwrite(tmp_path / "plain.tif", PIXELS + 1, photometric="minisblack", metadata=None)
    second = instance.add(tmp_path / "plain.tif").artifact
    assert (second.version, second.overrides) == ("0002", said)
    instance.save_backup(tmp_path / "backup.zip")
    other = init(tmp_path / "other").instance
    other.load_backup(tmp_path / "backup.zip")
    assert other.show(second.uid).overrides == said
    assert isinstance(other.show(second.uid).overrides, Overrides)
