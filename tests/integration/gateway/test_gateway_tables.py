"""Tables in all formats as AnnData in Zarr. Second implementation: what `convert` writes, read by anndata."""

import anndata as ad
import mudata
import pytest
import samples
import zarr
from tables import as_texts, to_array
from tree_store import TreeStore

from vitrina.convert.anndata.options import AnnDataOptions, MuDataOptions
from vitrina.convert.anndata.write import write_tables
from vitrina.gateway.open import open_tree
from vitrina.gateway.tables.places import place_tables
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

SAMPLES = [
    "h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad",
    "h5ad-multiplex-scimap/example_data.h5ad",
    "h5ad-cellxgene-schema/example_valid.h5ad",
    "h5ad-cellxgene-schema/example_invalid_CL.h5ad",
    "osmfish-cortex-loom/osmFISH_SScortex_mouse_all_cells.loom",
    "visium-mouse-brain-tiny/outs/filtered_feature_bc_matrix.h5",
    "mcmicro-exemplar001-csv/exemplar-001--unmicst_cell.csv",
    "tiff-golgi-labels-table/table-mlj.csv",
    "ome-zarr-v04-2dt-labels/table.tsv",
    "seqfish-cortex-csv",
    "merscope-liver-mini",
    "vendor-micro/CosMx_small",
    "vendor-micro/MERSCOPE_small",
    "vendor-micro/STARmapPLUS_small",
    "vendor-micro/Xenium_small",
    "visium-hd-tiny/outs",
    "visium-mouse-brain-tiny/outs",
]


def open_sample(name):
    source = open_source(samples.get(name))
    return source, find_reader(source).read_content(source)


def open_served(source, content, zarr_format):
    tree = open_tree(source, content, etag="e", zarr_format=zarr_format)
    return zarr.open_group(TreeStore(tree), mode="r", zarr_format=zarr_format)


def read_served(source, content, path, zarr_format):
    tree = open_tree(source, content, etag="e", zarr_format=zarr_format)
    with without_format_warnings():
        group = zarr.open_group(TreeStore(tree), path=path, mode="r", zarr_format=zarr_format)
        return ad.io.read_zarr(group)


def convert(source, content, element, path):
    write_tables(source, content, path, AnnDataOptions(), name=element.name)
    with without_format_warnings():
        return ad.io.read_zarr(path)


def assert_frames_equal(served, written):
    assert list(served.index) == list(written.index)
    assert list(served.columns) == list(written.columns)
    for name in written:
        expected = ["NA" if one is None and served[name].dtype.kind != "f" else one for one in as_texts(written[name])]
        found = as_texts(served[name])
        if isinstance(served[name].dtype, type(written[name].dtype)) and hasattr(served[name], "cat"):
            expected = as_texts(written[name])
        assert found == expected, name


def assert_tables_equal(served, written):
    assert_frames_equal(served.obs, written.obs)
    assert_frames_equal(served.var, written.var)
    assert (served.X is None) == (written.X is None)
    if written.X is not None:
        assert (to_array(served.X) == to_array(written.X)).all()
    names = [name for name in written.layers if name is not None]  # for anndata, the layer without a name is X
    assert [name for name in served.layers if name is not None] == names
    for name in names:
        assert (to_array(served.layers[name]) == to_array(written.layers[name])).all()
    assert set(served.obsm) - {"spatial_global"} == set(written.obsm)
    for name in written.obsm:
        assert to_array(served.obsm[name]) == pytest.approx(to_array(written.obsm[name]), nan_ok=True)


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("name", SAMPLES)
def test_anndata_reads_of_a_sample_what_convert_writes(tmp_path, name, zarr_format):
    source, content = open_sample(name)
    places = place_tables(content)
    assert places
    for number, (path, element) in enumerate(places.items()):
        served = read_served(source, content, path, zarr_format)
        assert_tables_equal(served, convert(source, content, element, tmp_path / f"{number}.zarr"))


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("name", ["h5mu-hubmap/objects.h5mu", "h5mu-hubmap/secondary_analysis.h5mu"])
def test_mudata_reads_of_a_sample_what_convert_writes(tmp_path, name, zarr_format):
    source, content = open_sample(name)
    write_tables(source, content, tmp_path / "a.zarr", MuDataOptions())
    store = TreeStore(open_tree(source, content, etag="e", zarr_format=zarr_format))
    with without_format_warnings():
        written = mudata.read_zarr(tmp_path / "a.zarr")
        served = mudata.read_zarr(store)
    assert list(served.mod) == list(written.mod)
    assert served.axis == written.axis
    assert_frames_equal(served.obs, written.obs)
    assert_frames_equal(served.var, written.var)
    for part in ("obsm", "obsmap", "varmap"):
        assert sorted(getattr(served, part)) == sorted(getattr(written, part))
        for key in getattr(written, part):
            assert (to_array(getattr(served, part)[key]) == to_array(getattr(written, part)[key])).all()
    for modality in written.mod:
        assert_tables_equal(served.mod[modality], written.mod[modality])


@pytest.mark.parametrize("name", ["visium-mouse-brain-tiny/outs", "visium-hd-tiny/outs"])
def test_positions_in_pixels_are_there_in_micrometres_too(name):
    source, content = open_sample(name)
    for path, element in place_tables(content).items():
        served = read_served(source, content, path, 2)
        shapes = next(one for one in content.elements if one.name in element.region)
        scale_x, _, _, _, scale_y, _ = shapes.placements[0].affine_xy
        placed = to_array(served.obsm["spatial"]) * (scale_x, scale_y)
        assert to_array(served.obsm["spatial_global"]) == pytest.approx(placed, rel=1e-6)


@pytest.mark.parametrize("name", ["visium-mouse-brain-tiny/outs", "visium-hd-tiny/outs"])
def test_images_are_in_the_same_tree_as_tables(name):
    source, content = open_sample(name)
    image = next(element for element in content.elements if element.kind == "image")
    group = open_served(source, content, 2)
    (level, *_) = group[image.path].attrs["multiscales"][0]["datasets"]
    sizes = dict(zip([axis.name for axis in image.axes], image.levels[0].shape, strict=True))
    assert group[f"{image.path}/{level['path']}"].shape[-2:] == (sizes["y"], sizes["x"])
    assert {group[path].attrs["encoding-type"] for path in place_tables(content)} == {"anndata"}
