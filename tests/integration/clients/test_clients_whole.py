"""Nothing of ``../shared/data`` is left out; plates, stored files and viewer configurations over HTTP."""

import re
from pathlib import Path

import fsspec
import ngio
import numpy as np
import pytest
import samples
import tifffile
import zarr
from counts import COUNTS, H5AD, H5MU
from pictures import ILEUM, PICTURES, Picture
from vitessce import AnnDataWrapper, VitessceConfig

import vitrina as vt
from vitrina.errors import VitrinaError

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/conversions.md"
REFUSED = [f"ome-zarr-conformance/invalid/image-0{number}.zarr" for number in (1, 2, 3, 4)]
"""Broken on purpose: there is no image to read."""

FORMATS = pytest.mark.parametrize("zarr_format", [2, 3])
PLATES = {
    "hcs-imagexpress-plate1334/2023-02-21/1334": [f"E/{column}/{field}" for column in (7, 8) for field in range(4)],
    "ome-zarr-conformance/valid/plate-01.zarr": ["A/1/0", "A/2/0", "B/1/0", "B/2/0"],
}
TIFFS = [picture for picture in PICTURES if picture.name.endswith((".tif", ".tiff", ".svs"))]


def test_each_sample_is_read_by_some_client():
    listed = re.findall(r"^\| `([^`]*)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    read = {picture.name for picture in PICTURES} | {counts.name for counts in COUNTS} | {*H5AD, *H5MU, ILEUM}
    assert [name for name in listed if name not in read] == REFUSED


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_image_is_refused_or_has_none(hub, name):
    try:
        artifact = hub.add_sample(name)
    except VitrinaError:
        return
    assert not artifact.content.elements


@FORMATS
@pytest.mark.parametrize("name", PLATES)
@pytest.mark.filterwarnings(
    "ignore:'version' field not specified in plate metadata"
)  # in 0.5 it stands beside the plate
def test_ngio_walks_through_a_plate(hub, name, zarr_format):
    plate = ngio.open_ome_zarr_plate(hub.build_zarr_url(hub.add_sample(name), zarr_format), mode="r")
    assert sorted(plate.images_paths(max_workers="auto")) == PLATES[name]
    row, column, field = PLATES[name][-1].split("/")
    picture = next(one for one in PICTURES if one.name == name)
    assert picture.node == PLATES[name][-1]
    image = plate.get_image(row, column, field).get_image(path="0")
    np.testing.assert_array_equal(image.get_as_numpy(), picture.read(picture.path)[0])


@pytest.mark.parametrize("picture", TIFFS, ids=str)
def test_tifffile_reads_a_page_where_it_lies(hub, picture: Picture):
    with (
        fsspec.open(hub.build_data_url(hub.add(picture.path))) as file,
        tifffile.TiffFile(file) as found,
        tifffile.TiffFile(picture.path) as expected,
    ):
        assert len(found.pages) == len(expected.pages)
        np.testing.assert_array_equal(found.pages[-1].asarray(), expected.pages[-1].asarray())


def test_stored_zarr_is_read_as_it_is(hub):
    name = "ome-zarr-v04-mri/mri-stack.ome.zarr"
    array = zarr.open_array(hub.build_data_url(hub.add_sample(name), "s1"), mode="r")
    np.testing.assert_array_equal(array[...], zarr.open_array(samples.get(name) / "s1", mode="r")[...])


def test_a_configuration_of_vitessce_leads_to_what_it_names(hub):
    added = hub.add_sample("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad")
    vt.connect(hub.instance.settings.folder.parent)
    artifact = vt.Artifact.get(added.uid)
    config = VitessceConfig(schema_version="1.0.16", name="cells")
    wrapper = AnnDataWrapper(
        adata_artifact=artifact, obs_embedding_paths=["obsm/X_umap"], obs_set_paths=["obs/louvain"]
    )
    config.add_dataset(name="cells").add_object(wrapper)
    (file,) = config.to_dict(base_url=hub.url)["datasets"][0]["files"]
    assert file["url"] == hub.build_zarr_url(added, 2)
    group = zarr.open_group(file["url"], mode="r")
    assert {options["path"] for options in (*file["options"]["obsEmbedding"], *file["options"]["obsSets"])} == {
        "obsm/X_umap",
        "obs/louvain",
    }
    assert group["obsm/X_umap"].shape == (700, 2)
    assert group["obs/louvain/categories"].shape == (11,)  # scanpy's documentation of the dataset
