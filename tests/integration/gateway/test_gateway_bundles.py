"""Folders of instruments, simulated whole: images and tables in one tree, and views that ask for what is in it."""

import asyncio
import json
from contextlib import closing
from urllib.parse import unquote

import anndata as ad
import numpy as np
import pytest
import zarr
from tables import to_array
from tree_store import TreeStore

from vitrina.gateway.open import open_tree
from vitrina.gateway.vitessce import plan_view
from vitrina.gateway.vitessce.plan import Urls
from vitrina.model.content import ImageElement, LabelsElement, TableElement
from vitrina.readers.elements import open_pixels, read_table
from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source
from vitrina.simulate.bundles.xenium import write_xenium
from vitrina.simulate.section import SectionParameters

SECTION = SectionParameters(
    n_cells=250, n_transcripts=5_000, n_genes=60, width_um=170, height_um=136, pixel_size_um=0.2125
)


@pytest.fixture(scope="module")
def xenium(tmp_path_factory):
    folder = tmp_path_factory.mktemp("xenium") / "outs"
    write_xenium(SECTION, folder, generation=3)
    source = open_source(folder)
    return source, find_reader(source).read_content(source)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_the_table_of_a_bundle_is_what_its_reader_reads(xenium, zarr_format):
    source, content = xenium
    (element,) = (one for one in content.elements if isinstance(one, TableElement))
    tree = open_tree(source, content, etag="e", zarr_format=zarr_format)
    with without_format_warnings():
        group = zarr.open_group(TreeStore(tree), path="tables/table", mode="r", zarr_format=zarr_format)
        served, expected = ad.io.read_zarr(group), read_table(source, content, element)
    assert list(served.obs_names) == list(expected.obs_names)
    assert list(served.var_names) == list(expected.var_names)
    assert (to_array(served.X) == to_array(expected.X)).all()
    assert to_array(served.obsm["spatial"]) == pytest.approx(to_array(expected.obsm["spatial"]))


def test_every_image_of_a_bundle_is_in_the_tree_with_its_pixels(xenium):
    source, content = xenium
    tree = open_tree(source, content, etag="e")
    images = [one for one in content.elements if isinstance(one, ImageElement | LabelsElement)]
    assert len(images) > 2
    for image in images:
        group = zarr.open_group(TreeStore(tree), path=image.path.strip("/"), mode="r", zarr_format=2)
        (level, *_) = group.attrs["multiscales"][0]["datasets"]
        with closing(open_pixels(source, content, image)) as opened:
            stored = IndexedPixels(opened, image.axes, image.levels[0].shape)[...]
        served = group[level["path"]][...]
        assert np.sort(served.ravel()).tolist() == np.sort(np.asarray(stored).ravel()).tolist()


def test_every_file_of_the_view_of_a_bundle_is_in_the_tree(xenium):
    source, content = xenium
    tree = open_tree(source, content, etag="e")
    plan = plan_view(content, Urls(data="http://host/data", zarr="http://host/zarr/uid"))
    assert {file.file_type for file in plan.files} == {"image.ome-zarr", "anndata.zarr"}
    for file in plan.files:
        key = unquote(file.url.removeprefix("http://host/zarr/uid/"))
        attrs = json.loads(asyncio.run(tree.get(f"{key}/.zattrs")))
        assert attrs.get("encoding-type") == "anndata" or attrs["multiscales"]
    assert [finding.code for finding in plan.findings] == ["view-vectors-unserved", "view-elements-left-out"]
