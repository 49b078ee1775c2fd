"""Whole datasets, held against the verdict that a careful reader of their metadata would give."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
import samples
import tifffile
import zarr

from vitrina.checks.viewer import limits
from vitrina.checks.viewer.check import check_viewer
from vitrina.gateway.images.plan import MAX_FLAT_PIXELS
from vitrina.gateway.point_sample import MAX_DRAWN_POINTS
from vitrina.gateway.vitessce.spatialdata import MAX_SHAPES
from vitrina.model.content import Content
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

ERROR, WARNING, INFO = "error", "warning", "info"
NOT_VIEWABLE = {("format-not-viewable", ERROR)}
SERVED = {("image-format-served", INFO)}
BUNDLE = SERVED | {("elements-not-viewable", WARNING)}
TABLE = {("anndata-not-zarr", INFO)}
NO_OMERO = {("ngff-omero-missing", INFO)}
PLAIN_TIFF = {("tiff-not-ome", INFO)}

EXPECTED = {
    "cosmx-lung12-mini/Lung12": BUNDLE,
    "czi-mosaic/mosaic_test.czi": SERVED,
    "h5ad-cellxgene-schema/example_invalid_CL.h5ad": TABLE,
    "h5ad-cellxgene-schema/example_valid.h5ad": TABLE,
    "h5ad-multiplex-scimap/example_data.h5ad": TABLE,
    "h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad": TABLE,
    "h5mu-hubmap/objects.h5mu": TABLE,
    "h5mu-hubmap/secondary_analysis.h5mu": TABLE,
    "hcs-imagexpress-plate1334/2023-02-21": SERVED,
    "lightsheet-brain-planes/ch0": SERVED,
    "mcmicro-exemplar001-csv/exemplar-001--unmicst_cell.csv": TABLE,
    "merscope-liver-mini/region_0": BUNDLE | TABLE,
    "merscope-liver-mini/region_0/detected_transcripts.csv": NOT_VIEWABLE,
    "ome-tiff-oddities/spraggins.mxif.ome.tif": {("tiff-physical-size-missing", INFO)},
    "ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif": {
        ("tiff-physical-size-missing", INFO),
        ("channel-names-missing", INFO),
    },
    "ome-tiff-rgba16/output_ome.ome.tiff": {("tiff-photometric", INFO)},
    "ome-zarr-conformance/valid/image-01.zarr": NO_OMERO,
    "ome-zarr-conformance/valid/image-02.zarr": NO_OMERO,
    "ome-zarr-conformance/valid/image-03.zarr": NO_OMERO,
    "ome-zarr-conformance/valid/image-04.zarr": NO_OMERO,
    "ome-zarr-conformance/valid/plate-01.zarr": NO_OMERO | {("ngff-labels-hcs-unsupported", INFO)},
    "ome-zarr-conformance/warning/image-01.zarr": NO_OMERO | {("zarr-dtype-unsupported", INFO)},
    "ome-zarr-v04-2dt-labels/image.ome.zarr.zip": NO_OMERO,
    "ome-zarr-v04-2dt-labels/segmentation.ome.zarr.zip": set(),
    "ome-zarr-v04-2dt-labels/table.tsv": TABLE,
    "ome-zarr-v04-mri/mri-stack.ome.zarr": NO_OMERO | {("ngff-z-downsampled", INFO), ("ngff-z-chunked", WARNING)},
    "ome-zarr-v06-draft/affine.zarr": NO_OMERO
    | {("ngff-version-unsupported-by-viewer", INFO), ("ngff-z-chunked", WARNING)},
    "ome-zarr-v06-draft/anisotropic_rotation.zarr": NO_OMERO
    | {("ngff-version-unsupported-by-viewer", INFO), ("ngff-z-chunked", WARNING)},
    "ome-zarr-v06-draft/scale.zarr": NO_OMERO
    | {("ngff-version-unsupported-by-viewer", INFO), ("ngff-z-chunked", WARNING)},
    "osmfish-cortex-loom/osmFISH_SScortex_mouse_all_cells.loom": TABLE,
    "sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip": {
        ("ngff-z-downsampled", INFO),
        ("ngff-z-chunked", WARNING),
        ("points-feature-key-missing", INFO),
        ("points-feature-key-missing", WARNING),
    },
    "seqfish-cortex-csv/seqfish_field_locs.txt": TABLE,
    "svs-cmu1-he/CMU-1-Small-Region.svs": PLAIN_TIFF | {("image-not-pyramidal", INFO)},
    "tiff-bbbc022-3ch/IXMtest_A02_s9.tif": PLAIN_TIFF,
    "tiff-golgi-labels-table/image.tif": PLAIN_TIFF,
    "tiff-golgi-labels-table/segmentation.tif": PLAIN_TIFF,
    "tiff-golgi-labels-table/table-mlj.csv": TABLE,
    "tiff-hela-3ch/hela-cells.tif": PLAIN_TIFF,
    "tiff-migration-2dt/cancer_cell_migration_crop.tif": PLAIN_TIFF,
    "tiff-migration-2dt/cancer_cell_migration_voronoi_otsu_labeling_crop.tif": PLAIN_TIFF,
    "tiff-mitosis-5d/xyzct-mitosis.tif": PLAIN_TIFF,
    "vendor-micro/Xenium_small": TABLE | {("elements-not-viewable", WARNING)},
    "visium-hd-tiny/outs": BUNDLE | TABLE | {("image-not-pyramidal", INFO)},
    "visium-mouse-brain-tiny/outs": BUNDLE | TABLE,
}


def check(path):
    source = open_source(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries say what they think of odd samples
        reader = find_reader(source)
        content = reader.read_content(source) if reader else Content(format="folder" if source.is_folder else "file")
        return check_viewer(source, content)


def list_found(checked):
    return {(finding.code, finding.severity) for finding in checked.findings}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_gets_the_verdict_of_a_careful_reader(name):
    assert list_found(check(samples.get(name))) == EXPECTED[name]


def test_the_limits_are_those_of_the_gateway():
    assert limits.MAX_DRAWN_POINTS == MAX_DRAWN_POINTS
    assert limits.MAX_GATEWAY_FLAT_PIXELS == MAX_FLAT_PIXELS
    assert limits.MAX_SHAPES == MAX_SHAPES


def write_zarr_table(path, change):
    import anndata
    import pandas as pd

    obs = pd.DataFrame({"kind": pd.Categorical(["a", "b"] * 50)}, index=[f"c{i}" for i in range(100)])
    table = anndata.AnnData(
        np.ones((100, 20), np.float32),
        obs=obs,
        var=pd.DataFrame(index=[f"g{i}" for i in range(20)]),
        obsm={"X_umap": np.ones((100, 2), np.float32)},
    )
    change(table)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table.write_zarr(path)


def set_nullable(table):
    import pandas as pd

    table.obs["n"] = pd.array([1, None] * 50, dtype="Int64")


def set_integer_categories(table):
    import pandas as pd

    table.obs["level"] = pd.Categorical([10, 20] * 50)


def set_unsigned(table):
    table.X = table.X.astype("uint64")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda _: None, set()),
        (set_nullable, {("anndata-nullable-column", WARNING)}),
        (set_integer_categories, {("anndata-integer-categories", WARNING)}),
        (set_unsigned, {("zarr-dtype-unsupported", ERROR)}),
    ],
)
def test_faults_of_a_stored_table_are_found(tmp_path, change, found):
    write_zarr_table(tmp_path / "a.zarr", change)
    checked = check(tmp_path / "a.zarr")
    assert list_found(checked) == found
    assert checked.kind == "anndata"


@pytest.mark.parametrize("stated", [None, "right", "stale"])
def test_offsets_beside_a_file_are_held_against_it(tmp_path, stated):
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, np.zeros((4, 64, 64), np.uint8), metadata={"axes": "ZYX"}, photometric="minisblack")
    with tifffile.TiffFile(path) as tiff:
        right = [page.offset for page in tiff.pages]
    if stated is not None:
        offsets = right if stated == "right" else [offset + 2 for offset in right]
        (tmp_path / "a.offsets.json").write_text(json.dumps(offsets))
    assert ("tiff-offsets-stale" in dict(list_found(check(path)))) == (stated == "stale")


def test_codecs_inside_a_stored_image_are_found(tmp_path):
    import numcodecs

    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    array = group.create_array("0", shape=(64, 64), chunks=(64, 64), dtype="uint8", compressors=numcodecs.BZ2())
    array[...] = 1
    axes = [{"name": name, "type": "space"} for name in "yx"]
    dataset = {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1]}]}
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [dataset]}]
    assert list_found(check(tmp_path / "a.zarr")) == {("zarr-codec-unsupported", ERROR), *NO_OMERO}
