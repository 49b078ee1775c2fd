"""References, read with fsspec and zarr-python; expected values are what tifffile, h5py or anndata read or wrote."""

from __future__ import annotations

import json

import anndata
import fsspec
import h5py
import numpy as np
import pytest
import samples
import scipy.sparse
import tifffile
import zarr
from pyramids import make_pixels
from zarr.storage import FsspecStore

from vitrina.convert.reference.document import Document, plan_rows
from vitrina.convert.reference.options import ReferenceOptions
from vitrina.errors import InputError, UnreadableError, UnsupportedError
from vitrina.verbs.convert import convert

PIXELS = make_pixels((1, 2, 3, 150, 130), "uint16")[0]


def open_references(path):
    """The hierarchy behind a document, as any reader that knows fsspec opens it."""
    document = json.loads(path.read_text())
    source = str(path.parent / document["templates"]["source"])
    filesystem = fsspec.filesystem(
        "reference", fo=document, template_overrides={"source": source}, remote_protocol="file", asynchronous=True
    )
    return zarr.open_group(FsspecStore(filesystem, read_only=True), mode="r", zarr_format=2)


def write_tiff(path, array=PIXELS, axes="CZYX", **options):
    tifffile.imwrite(path, array, ome=True, metadata={"axes": axes}, **options)
    return path


@pytest.mark.parametrize(
    "options",
    [
        {"tile": (64, 64)},
        {"tile": (64, 64), "compression": "zlib"},
        {"tile": (64, 64), "compression": "zstd"},
        {"rowsperstrip": 50, "compression": "zlib"},
        {"rowsperstrip": 40},
        {"tile": (64, 64), "bigtiff": True, "byteorder": ">"},
        {},
    ],
)
def test_every_pixel_of_a_tiff_is_read_in_place(tmp_path, options):
    source = write_tiff(tmp_path / "source.ome.tif", **options)
    done = convert(source, tmp_path / "out" / "source.reference.json")
    assert done.format == "reference"
    group = open_references(tmp_path / "out" / "source.reference.json")
    np.testing.assert_array_equal(group["0"][...], PIXELS)
    assert done.size_bytes < PIXELS.nbytes


def test_a_pyramid_is_ome_zarr_with_names_and_sizes(tmp_path):
    with tifffile.TiffWriter(tmp_path / "p.ome.tif", ome=True) as file:
        metadata = {
            "axes": "CYX",
            "PhysicalSizeX": 0.5,
            "PhysicalSizeXUnit": "µm",
            "PhysicalSizeY": 0.25,
            "PhysicalSizeYUnit": "µm",
            "Channel": {"Name": ["DAPI", "CD3"]},
        }
        finest = PIXELS[:, 0]
        file.write(finest, subifds=1, tile=(64, 64), compression="zlib", metadata=metadata)
        file.write(finest[:, ::2, ::2], subfiletype=1, tile=(64, 64), compression="zlib")
    convert(tmp_path / "p.ome.tif", tmp_path / "p.reference.json")
    group = open_references(tmp_path / "p.reference.json")
    np.testing.assert_array_equal(group["1"][...], finest[:, ::2, ::2])
    (multiscale,) = group.attrs["multiscales"]
    assert [axis["name"] for axis in multiscale["axes"]] == ["c", "y", "x"]
    assert multiscale["datasets"][0]["coordinateTransformations"][0]["scale"] == [1.0, 0.25, 0.5]
    assert [channel["label"] for channel in group.attrs["omero"]["channels"]] == ["DAPI", "CD3"]


def test_samples_in_planes_of_their_own_and_beside_each_other_are_read(tmp_path):
    rgb = np.random.default_rng(3).integers(0, 255, (3, 128, 64), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "planes.tif", rgb, photometric="rgb", planarconfig="separate", tile=(64, 64))
    convert(tmp_path / "planes.tif", tmp_path / "planes.reference.json")
    np.testing.assert_array_equal(open_references(tmp_path / "planes.reference.json")["0"][...], rgb)
    tifffile.imwrite(tmp_path / "beside.tif", np.moveaxis(rgb, 0, -1), photometric="rgb", tile=(64, 64))
    done = convert(tmp_path / "beside.tif", tmp_path / "beside.reference.json")
    assert "reference-channels-last" in {finding.code for finding in done.findings}
    group = open_references(tmp_path / "beside.reference.json")
    np.testing.assert_array_equal(group["0"][...], np.moveaxis(rgb, 0, -1))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"compression": "lzw"}, "LZW"),
        ({"compression": "zlib", "predictor": True}, "predictor 2"),
        ({"compression": "jpeg", "tile": (64, 64)}, "JPEG"),
        ({"compression": "zlib", "rowsperstrip": 40}, "last strip is shorter"),
    ],
)
def test_what_plain_zarr_readers_cannot_decode_is_refused_with_the_reason(tmp_path, options, why):
    pixels = PIXELS.astype("uint8")
    source = write_tiff(tmp_path / "source.ome.tif", pixels, photometric="minisblack", **options)
    with pytest.raises(UnsupportedError, match=why) as raised:
        convert(source, tmp_path / "out.reference.json")
    assert "vitrina convert" in raised.value.hint
    assert {path.name for path in tmp_path.iterdir()} == {"source.ome.tif"}


def test_a_truncated_file_is_refused(tmp_path):
    source = write_tiff(tmp_path / "source.ome.tif", tile=(64, 64))
    whole = source.read_bytes()
    source.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableError):
        convert(source, tmp_path / "out.reference.json")
    with pytest.raises(UnreadableError, match="ends at 11"):
        Document("x", 10).add_chunk("0", [0], 1, 10)


@pytest.fixture
def cells():
    rng = np.random.default_rng(5)
    return anndata.AnnData(
        X=scipy.sparse.csr_matrix(rng.poisson(0.3, (300, 40)).astype("float32")),
        obs={"cell_type": np.array(["B", "T", "NK"])[rng.integers(0, 3, 300)], "n": np.arange(300)},
        var={"symbol": [f"Gene {i}" for i in range(40)]},
        obsm={"X_umap": rng.normal(size=(300, 2)), "big": rng.normal(size=(300, 400))},
        uns={"title": "ü", "number": 3, "flag": True},
    )


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_an_h5ad_is_read_in_place_by_anndata(tmp_path, cells, compression):
    cells.obs["cell_type"] = cells.obs["cell_type"].astype("category")
    cells.layers["dense"] = cells.X.toarray()
    cells.write_h5ad(tmp_path / "cells.h5ad", compression=compression)
    convert(tmp_path / "cells.h5ad", tmp_path / "cells.reference.json")
    found = anndata.io.read_elem(open_references(tmp_path / "cells.reference.json"))
    whole = anndata.read_h5ad(tmp_path / "cells.h5ad")
    assert (found.X != whole.X).nnz == 0
    np.testing.assert_array_equal(found.layers["dense"], whole.layers["dense"])
    np.testing.assert_array_equal(found.obsm["big"], whole.obsm["big"])
    assert list(found.obs["cell_type"]) == list(whole.obs["cell_type"])
    assert list(found.obs_names) == list(whole.obs_names)
    assert list(found.var["symbol"]) == list(whole.var["symbol"])
    assert (found.uns["title"], found.uns["number"], found.uns["flag"]) == ("ü", 3, True)


def test_chunks_with_shuffle_and_checksums_are_read_and_unknown_codecs_left_out(tmp_path, cells):
    cells.write_h5ad(tmp_path / "cells.h5ad")
    numbers = np.arange(5000, dtype=">i4").reshape(100, 50)
    with h5py.File(tmp_path / "cells.h5ad", "a") as file:
        extra = file["uns"].create_group("extra")
        options = {"chunks": (30, 20), "compression": "gzip", "shuffle": True, "fletcher32": True}
        extra.create_dataset("numbers", data=numbers, **options)
        extra.create_dataset("lzf", data=numbers, chunks=(30, 20), compression="lzf")
        extra.create_dataset("nowhere", (10, 10), "f4", chunks=(5, 5), fillvalue=7.5)
    done = convert(tmp_path / "cells.h5ad", tmp_path / "cells.reference.json")
    assert [(finding.code, finding.path) for finding in done.findings if finding.code == "reference-left-out"] == [
        ("reference-left-out", "uns/extra/lzf#")
    ]
    group = open_references(tmp_path / "cells.reference.json")["uns/extra"]
    np.testing.assert_array_equal(group["numbers"][...], numbers)
    np.testing.assert_array_equal(group["nowhere"][...], np.full((10, 10), 7.5, "f4"))
    assert "lzf" not in group


def test_an_h5ad_that_leads_into_another_file_is_refused(tmp_path, cells):
    cells.write_h5ad(tmp_path / "cells.h5ad")
    with h5py.File(tmp_path / "cells.h5ad", "a") as file:
        file["uns/elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")
    with pytest.raises(UnreadableError, match="ExternalLink"):
        convert(tmp_path / "cells.h5ad", tmp_path / "cells.reference.json")


def test_real_files_are_read_in_place(tmp_path):
    table = next(samples.get("h5ad-multiplex-scimap").glob("*.h5ad"))
    convert(table, tmp_path / "table.reference.json")
    group = open_references(tmp_path / "table.reference.json")
    n_compared = 0
    with h5py.File(table) as file:
        for name, array in group.members(max_depth=None):
            if isinstance(array, zarr.Array) and file[name].dtype.kind in "biuf":
                np.testing.assert_array_equal(array[...], file[name][()])
                n_compared += 1
    assert n_compared > 3
    image = next(samples.get("tiff-mitosis-5d").glob("*.tif"))
    convert(image, tmp_path / "image.reference.json")
    stored = open_references(tmp_path / "image.reference.json")["0"][...]
    np.testing.assert_array_equal(stored, tifffile.imread(image))


def test_the_document_names_the_source_as_asked(tmp_path):
    source = write_tiff(tmp_path / "source.ome.tif", tile=(64, 64))
    convert(source, tmp_path / "deep" / "out.reference.json")
    document = json.loads((tmp_path / "deep" / "out.reference.json").read_text())
    assert (document["version"], document["templates"]) == (1, {"source": "../source.ome.tif"})
    url = "https://lab.example/source.ome.tif"
    convert(source, tmp_path / "url.reference.json", ReferenceOptions(source_url=url))
    assert json.loads((tmp_path / "url.reference.json").read_text())["templates"] == {"source": url}


def test_what_needs_no_reference_or_has_nothing_to_verify_is_refused(tmp_path):
    source = write_tiff(tmp_path / "source.ome.tif", tile=(64, 64))
    convert(source, tmp_path / "source.ome.zarr")
    with pytest.raises(UnsupportedError, match="TIFF and HDF5"):
        convert(tmp_path / "source.ome.zarr", tmp_path / "out.reference.json")
    with pytest.raises(InputError, match="no pixels of their own"):
        convert(source, tmp_path / "out.reference.json", verifies=True)
    assert not (tmp_path / "out.reference.json").exists()


@pytest.mark.parametrize(("n_rows", "row_bytes", "rows"), [(1000, 1_000_000, 4), (7, 10, 7), (13, 2**23, 1), (1, 1, 1)])
def test_bands_of_rows_divide_the_plane(n_rows, row_bytes, rows):
    assert plan_rows(n_rows, row_bytes) == rows
