"""Valid stores by many writers have no error, and what checking one costs."""

import json
import subprocess
import sys
import warnings
import zipfile

import numpy as np
import pytest
import samples
import spatialdata
import tifffile
from ngff_stores import (
    MemoryTree,
    Store,
    build_collection,
    build_scene,
    find_codes,
    make_pixels,
    write_image_by_ngff_zarr,
    write_image_by_ome_zarr_py,
    write_plate_by_ome_zarr_py,
)
from spatialdata.models import Image2DModel, Labels2DModel
from spatialdata.transformations import Affine

from vitrina.checks.ngff.check import check_attributes, check_ngff
from vitrina.convert.ome_zarr import OmeZarrOptions
from vitrina.convert.options import PyramidOptions
from vitrina.readers.source import FolderTree, Source, ZipTree
from vitrina.readers.zarr_tree import find_zarr_tree
from vitrina.verbs.convert import convert

SMALL = PyramidOptions(chunk_zyx=(1, 32, 32), min_size_px=32, n_threads=1)


@pytest.fixture(scope="module")
def tiff(tmp_path_factory):
    path = tmp_path_factory.mktemp("tiff") / "image.ome.tif"
    metadata = {"axes": "CZYX", "PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "µm", "Channel": {"Name": ["a", "b"]}}
    tifffile.imwrite(path, make_pixels()[0], ome=True, metadata=metadata)
    return path


def has_no_error(root):
    zarr_tree = find_zarr_tree(Source(root))
    assert zarr_tree is not None
    checked = check_ngff(zarr_tree.tree)
    assert find_codes(checked) == set()
    assert find_codes(check_ngff(zarr_tree.tree, is_metadata_only=True)) == set()
    return checked


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_images_by_ome_zarr_py(tmp_path, version):
    checked = has_no_error(write_image_by_ome_zarr_py(tmp_path / "image.zarr", version))
    assert (checked.kind, checked.version) == ("image", version)


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_plates_by_ome_zarr_py(tmp_path, version):
    checked = has_no_error(write_plate_by_ome_zarr_py(tmp_path / "plate.zarr", version))
    assert (checked.kind, checked.version) == ("plate", version)


@pytest.mark.parametrize("version", ["0.4", "0.5", "0.6"])
def test_images_by_ngff_zarr(tmp_path, version):
    checked = has_no_error(write_image_by_ngff_zarr(tmp_path / "image.zarr", version))
    assert (checked.kind, checked.version) == ("image", version)
    assert find_codes(checked, "warning") == set()


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_images_of_our_own(tmp_path, tiff, version):
    target = tmp_path / "image.ome.zarr"
    convert(tiff, target, OmeZarrOptions(version=version, pyramid=SMALL))
    has_no_error(target)


def test_elements_of_spatialdata(tmp_path):
    transformation = Affine([[1, 2, 3], [4, 5, 6], [0, 0, 1]], ("x", "y"), ("x", "y"))
    pixels = make_pixels("uint8", (3, 64, 64))
    image = Image2DModel.parse(
        pixels,
        dims=("c", "y", "x"),
        scale_factors=[2],
        c_coords=["r", "g", "b"],
        transformations={"slide": transformation},
    )
    labels = Labels2DModel.parse(pixels[0].astype("int32"), dims=("y", "x"), scale_factors=[2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spatialdata.SpatialData(images={"he": image}, labels={"cells": labels}).write(tmp_path / "s.zarr")
    for path in ("images/he", "labels/cells"):
        checked = check_ngff(FolderTree(tmp_path / "s.zarr" / path))
        assert find_codes(checked) == set()
        assert "version-draft" in find_codes(checked, "warning")


@pytest.mark.parametrize(
    "name",
    [
        "ome-zarr-v04-2dt-labels/image.ome.zarr.zip",
        "ome-zarr-v04-2dt-labels/segmentation.ome.zarr.zip",
        "ome-zarr-v06-draft/affine.zarr",
        "ome-zarr-v06-draft/anisotropic_rotation.zarr",
        "ome-zarr-v06-draft/scale.zarr",
        *(f"ome-zarr-conformance/valid/image-0{number}.zarr" for number in range(1, 5)),
    ],
)
def test_samples(name):
    has_no_error(samples.get(name))


def test_the_empty_list_of_transformations_that_the_schema_refuses_is_the_only_error_of_the_mri_sample():
    checked = check_ngff(FolderTree(samples.get("ome-zarr-v04-mri/mri-stack.ome.zarr")))
    assert find_codes(checked) == {"scale-missing"}


def test_labels_of_a_draft_with_a_missing_array_are_wrong_all_the_same(tmp_path):
    store = Store.read(write_image_by_ome_zarr_py(tmp_path / "image.zarr", "0.5"), "0.5")
    store.block()["version"] = "0.6.dev3"
    store.delete("s1")
    assert "array-missing" in find_codes(store.check())


OLD = {
    "0.1": {"datasets": [{"path": "0"}], "version": "0.1"},
    "0.2": {"datasets": [{"path": "0"}], "version": "0.2"},
    "0.3": {"datasets": [{"path": "0"}], "version": "0.3", "axes": ["t", "c", "z", "y", "x"]},
}


@pytest.mark.parametrize("version", OLD)
def test_images_of_old_versions(version):
    array = {"zarr_format": 2, "shape": [1, 1, 1, 8, 8], "chunks": [1, 1, 1, 8, 8], "dtype": "<u2", "compressor": None}
    array |= {"fill_value": 0, "order": "C", "filters": None, "dimension_separator": "." if version == "0.1" else "/"}
    names = {"_ARRAY_DIMENSIONS": ["t", "c", "z", "y", "x"]} if version == "0.3" else {}
    store = {
        ".zgroup": {"zarr_format": 2},
        ".zattrs": {"multiscales": [OLD[version]]},
        "0/.zarray": array,
        "0/.zattrs": names,
    }
    checked = check_ngff(MemoryTree(store))
    assert (checked.kind, checked.version) == ("image", version)
    assert {finding.code for finding in checked.findings} == {"multiscale-field-missing"}
    array["shape"], array["chunks"] = [8, 8], [8, 8]
    assert find_codes(check_ngff(MemoryTree(store))) == {"array-dimensions"}
    if version != "0.1":
        array["dimension_separator"] = "."
        assert "dimension-separator" in find_codes(check_ngff(MemoryTree(store)), "warning")


def test_a_store_in_a_zip_file_is_the_same(tmp_path):
    root = write_image_by_ngff_zarr(tmp_path / "image.zarr", "0.5")
    with zipfile.ZipFile(tmp_path / "image.zarr.zip", "w") as archive:
        for path in root.rglob("*"):
            archive.write(path, path.relative_to(root))
    assert has_no_error(tmp_path / "image.zarr.zip") == check_ngff(FolderTree(root))


def test_documents_that_unpack_to_more_than_any_metadata_are_told(tmp_path):
    path = tmp_path / "bomb.zarr.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zarr.json", b" " * (65 * 2**20))
    checked = check_ngff(ZipTree(path))
    assert find_codes(checked) == {"metadata-unreadable"}


def test_a_tree_that_cannot_list_gives_the_same(tmp_path):
    store = Store.read(write_plate_by_ome_zarr_py(tmp_path / "plate.zarr", "0.5"), "0.5")
    collection = build_collection(
        Store.read(write_image_by_ngff_zarr(tmp_path / "i.zarr", "0.5"), "0.5"), with_series=False
    )
    scene = build_scene(Store.read(write_image_by_ngff_zarr(tmp_path / "s.zarr", "0.6"), "0.6"))
    for one in (store, collection, scene):
        mute = check_ngff(MemoryTree(one.documents, can_list=False))
        assert mute == one.check()
        assert find_codes(mute) == set()


def test_metadata_alone_reads_the_documents_of_the_root_only(tmp_path):
    root = write_image_by_ome_zarr_py(tmp_path / "image.zarr", "0.5")
    reads = []

    class Counting(FolderTree):
        def get(self, key):
            reads.append(key)
            return super().get(key)

    check_ngff(Counting(root), is_metadata_only=True)
    assert {key for key in reads if "/" in key} == set()
    assert len(reads) <= 4
    reads.clear()
    check_ngff(Counting(root))
    assert len(reads) <= 16


def test_checking_imports_neither_numpy_nor_zarr():
    code = "import sys, vitrina.checks.ngff.check; print(sorted({'numpy', 'zarr', 'jsonschema'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_stale_consolidated_metadata_is_a_warning(tmp_path):
    root = write_image_by_ngff_zarr(tmp_path / "image.zarr", "0.5")
    document = json.loads((root / "zarr.json").read_text())
    children = {path: json.loads((root / path / "zarr.json").read_text()) for path in ("scale0", "scale0/image")}
    document["consolidated_metadata"] = {"kind": "inline", "must_understand": False, "metadata": children}
    (root / "zarr.json").write_text(json.dumps(document))
    assert "zarr-consolidated-stale" not in find_codes(check_ngff(FolderTree(root)), "warning")
    children["scale0/image"]["shape"] = [1, 1, 1]
    (root / "zarr.json").write_text(json.dumps(document))
    assert "zarr-consolidated-stale" in find_codes(check_ngff(FolderTree(root)), "warning")


def test_crates_of_the_ngff_challenge_are_valid():
    paths = sorted((samples.SHARED / "conformance/ro-crate-examples").glob("*.json"))
    for path in paths:
        checked = check_ngff(MemoryTree({"ro-crate-metadata.json": path.read_bytes()}))
        assert checked.kind == "ro-crate"
        assert find_codes(checked) == set()


BROKEN_CRATES = {
    "ro-crate-invalid": [{"@context": "https://w3id.org/ro/crate/1.1/context"}, {"@context": "x", "@graph": []}],
    "ro-crate-descriptor": [{"@context": "x", "@graph": [{"@id": "./", "@type": "Dataset"}]}],
    "ro-crate-root": [
        {
            "@context": "x",
            "@graph": [{"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}}],
        }
    ],
    "ro-crate-entity": [{"@context": "x", "@graph": [{"@type": "Dataset"}]}],
}


@pytest.mark.parametrize(
    ("code", "crate"), [(code, crate) for code, crates in BROKEN_CRATES.items() for crate in crates]
)
def test_crates_that_are_none(code, crate):
    assert code in find_codes(check_ngff(MemoryTree({"ro-crate-metadata.json": crate})))


def test_numpy_values_of_attributes_are_not_taken_for_numbers_of_json():
    checked = check_attributes({"multiscales": [{"version": "0.4", "axes": np.array([1]), "datasets": []}]})
    assert "axes-invalid" in find_codes(checked)
