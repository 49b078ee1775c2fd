"""Tiles read from a running hub equal those of the stored bytes."""

from __future__ import annotations

import numpy as np
import pytest
import samples

import vitrina as vt
from vitrina.errors import InputError, UnreadableError, UnsupportedError
from vitrina.ml.choices import Dataset, TileOptions
from vitrina.ml.cohort import build_tiles
from vitrina.ml.remote import open_remote
from vitrina.server.app import build_app
from vitrina.server.background import BackgroundServer
from vitrina.verbs.init import init


@pytest.fixture
def hub(tmp_path, sections):
    """An instance with two sections, and the address of its hub."""
    vt.connect(init(tmp_path / "lab").instance.settings.folder.parent)
    for path in sections[:2]:
        vt.Artifact(path, key=path.name).save()
    with BackgroundServer(build_app(vt.connect(tmp_path / "lab"))) as server:
        yield server.url


def test_a_cohort_is_read_from_the_stored_bytes_over_http(hub, datasets):
    options = TileOptions(
        size_um=24, pixel_size_um=0.8, image="he", columns=("cell_type",), masks="cell_labels", genes=("EPCAM",)
    )
    remote = [open_remote(f"{hub}/a/{artifact.uid}") for artifact in vt.Artifact.filter().order_by("key")]
    over_http, stored = build_tiles(remote, options), build_tiles(datasets[:2], options)
    assert len(over_http) == len(stored) == 600
    assert {slide.uid for slide in over_http.slides} == {artifact.uid for artifact in vt.Artifact.filter()}
    for one, other in zip(over_http.batches(64, seed=1), stored.batches(64, seed=1), strict=True):
        np.testing.assert_array_equal(one.ids, other.ids)
        np.testing.assert_array_equal(one.pixels, other.pixels)
        np.testing.assert_array_equal(one.masks, other.masks)
        np.testing.assert_array_equal(one.values["cell_type"], other.values["cell_type"])
        np.testing.assert_array_equal(one.genes, other.genes)


def test_an_image_of_any_format_is_read_through_the_gateway(hub):
    path = samples.get("tiff-hela-3ch")
    artifact = vt.Artifact(next(iter(sorted(path.glob("*.tif*")))), key="hela.tif").save()
    dataset = open_remote(f"{hub}/zarr/{artifact.uid}/")
    tiles = build_tiles([dataset], TileOptions(size_px=64, stride_px=64))
    stored = Dataset(
        name="stored", source=artifact._instance.get_source(artifact._saved), content=artifact._saved.content
    )
    expected = build_tiles([stored], TileOptions(size_px=64, stride_px=64))
    for number in range(0, len(tiles), 7):  # in every row and column
        np.testing.assert_array_equal(tiles.read(number), expected.read(number))


def test_what_is_not_there_or_no_address_is_told(hub):
    with pytest.raises(UnreadableError, match="no artifact at"):
        open_remote(f"{hub}/a/AAAAAAAAAAAAAAAA0001")
    with pytest.raises(UnsupportedError, match="no SpatialData or OME-Zarr"):
        open_remote(f"{hub}/nowhere")
    with pytest.raises(InputError, match="no http"):
        open_remote("ftp://host/a")
    with pytest.raises(UnreadableError, match="cannot be read"):
        open_remote("http://127.0.0.1:9/a/AAAAAAAAAAAAAAAA0001")


def test_a_single_file_is_refused_with_the_address_of_the_gateway(hub):
    path = samples.get("tiff-hela-3ch")
    artifact = vt.Artifact(next(iter(sorted(path.glob("*.tif*")))), key="hela.tif").save()
    with pytest.raises(UnsupportedError, match=f"/zarr/{artifact.uid}/"):
        open_remote(f"{hub}/a/{artifact.uid}")
