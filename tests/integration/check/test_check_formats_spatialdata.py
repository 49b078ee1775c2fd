"""SpatialData: what it writes has no errors; one broken MUST is told by the code that names it.

What must hold is taken from https://spatialdata.scverse.org/en/stable/design_doc.html and what its reader asserts.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import samples
import zarr
from formats_datasets import list_codes, list_errors, write_spatialdata, zip_folder

from vitrina.checks.formats.spatialdata import check_spatialdata, check_spatialdata_here
from vitrina.errors import UnreadableError
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.source import open_source


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spatialdata")
    for zarr_format in (2, 3):
        write_spatialdata(folder / f"section{zarr_format}.zarr", zarr_format)
    return folder


@pytest.mark.parametrize(("zarr_format", "version"), [(2, "0.1"), (3, "0.2")])
@pytest.mark.parametrize("is_metadata_only", [False, True])
def test_what_spatialdata_writes_is_valid(folder, zarr_format, version, is_metadata_only):
    source = open_source(folder / f"section{zarr_format}.zarr")
    checked = check_spatialdata(source, is_metadata_only=is_metadata_only)
    assert checked == check_spatialdata_here(source, is_metadata_only=is_metadata_only)
    assert (checked.kind, checked.version, checked.findings) == ("spatialdata", version, ())


def test_a_zip_file_is_checked_as_it_is(folder):
    assert list_codes(check_spatialdata, Path(zip_folder(folder / "section3.zarr"))) == set()


def test_a_sample_has_no_errors():
    sample = samples.get("sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip")
    assert list_errors(check_spatialdata, sample) == []


class Store:
    """A copy of a dataset whose metadata is to be changed, in either Zarr format."""

    def __init__(self, path, zarr_format):
        self.path = path
        self.zarr_format = zarr_format

    def edit(self, path, change):
        """Change the attributes of a group."""
        file = self.path / path / (".zattrs" if self.zarr_format == 2 else "zarr.json")
        document = json.loads(file.read_text())
        change(document if self.zarr_format == 2 else document["attributes"])
        file.write_text(json.dumps(document))

    def edit_image(self, path, change):
        """Change the part of the attributes that is OME-Zarr's."""
        self.edit(path, lambda attrs: change(attrs.get("ome", attrs)))

    def forget(self, path):
        """Remove the metadata of a group."""
        for name in (".zattrs", ".zgroup", "zarr.json"):
            (self.path / path / name).unlink(missing_ok=True)

    def drop_copy(self):
        (self.path / ".zmetadata").unlink(missing_ok=True)
        if self.zarr_format == 3:
            file = self.path / "zarr.json"
            document = json.loads(file.read_text())
            document.pop("consolidated_metadata", None)
            file.write_text(json.dumps(document))

    def open(self):
        return zarr.open_group(self.path, mode="r+", use_consolidated=False)


def update(path, **values):
    return lambda store: store.edit(path, lambda attrs: attrs.update(values))


def update_own(path, **values):
    return lambda store: store.edit(path, lambda attrs: attrs["spatialdata_attrs"].update(values))


def remove(path, key):
    return lambda store: store.edit(path, lambda attrs: attrs.pop(key))


def set_transforms(path, change):
    return lambda store: store.edit(path, lambda attrs: change(attrs["coordinateTransformations"]))


def set_image_transforms(change):
    return lambda store: store.edit_image(
        "images/he", lambda attrs: change(attrs["multiscales"][0]["coordinateTransformations"])
    )


def flatten_scale(transforms):
    transforms[0] = {**transforms[0], "type": "scale", "scale": [0.0, 1.0]}


def rewrite_points(change):
    """The points with another table."""

    def rewrite(store):
        path = store.path / "points/transcripts/points.parquet/part.0.parquet"
        change(pd.read_parquet(path)).to_parquet(path)

    return rewrite


def rewrite_shapes(name, change, geo=None):
    """The shapes with another table or other GeoParquet metadata."""

    def rewrite(store):
        path = store.path / f"shapes/{name}/shapes.parquet"
        old = pq.read_table(path)
        table, metadata = change(old), dict(old.schema.metadata)
        if geo is not None:
            document = json.loads(metadata[b"geo"])
            geo(document)
            metadata[b"geo"] = json.dumps(document).encode()
        pq.write_table(table.replace_schema_metadata(metadata), path)

    return rewrite


def lose_geo(store):
    path = store.path / "shapes/cells/shapes.parquet"
    pq.write_table(pq.read_table(path).replace_schema_metadata({}), path)


def truncate(path):
    def change(store):
        file = store.path / path
        file.write_bytes(file.read_bytes()[:-20])

    return change


def set_codes(store):
    """The rows name an element that region does not."""
    region = store.open()["tables/table/obs/region"]
    region["categories"][:] = np.array(["cells"], dtype=region["categories"][:].dtype)


def set_ids(values):
    def change(store):
        store.open()["tables/table/obs/id"][:] = np.array(values)

    return change


def delete(path):
    return lambda store: shutil.rmtree(store.path / path)


def unlist(store):
    store.edit("tables/table/obs", lambda attrs: attrs["column-order"].remove("id"))
    shutil.rmtree(store.path / "tables/table/obs/id")


def set_region(value, *, own=True):
    def change(store):
        store.edit("tables/table", lambda attrs: attrs.update(region=value))
        if own:
            group = store.open()["tables/table/uns/spatialdata_attrs"]
            group["region"][...] = value

    return change


BROKEN = {
    "no version": (update("", spatialdata_attrs={}), "spatialdata-version"),
    "unknown version": (update_own("", version="9.9"), "spatialdata-version"),
    "version that is no text": (update_own("", version=["0.1"]), "spatialdata-version"),
    "points of unknown version": (update_own("points/transcripts", version="7"), "element-version"),
    "shapes without version": (remove("shapes/cells", "spatialdata_attrs"), "element-version"),
    "table without version": (remove("tables/table", "version"), "element-version"),
    "shapes among points": (update("points/transcripts", **{"encoding-type": "ngff:shapes"}), "element-type-differs"),
    "table of another type": (update("tables/table", **{"spatialdata-encoding-type": "x"}), "element-type-differs"),
    "image without multiscales": (
        lambda store: store.edit_image("images/he", lambda attrs: attrs.pop("multiscales")), "element-type-differs"
    ),
    "labels without image-label": (
        lambda store: store.edit_image("labels/nuclei", lambda attrs: attrs.pop("image-label")), "image-label-missing"
    ),
    "element without metadata": (lambda store: store.forget("shapes/cells"), "element-metadata-missing"),
    "folder without metadata": (lambda store: store.forget("shapes"), "element-metadata-missing"),
    "list of labels that are gone": (
        lambda store: store.edit_image("labels", lambda a: a.update(labels=["nuclei", "cells"])), "labels-list-stale"
    ),
    "names for too many channels": (
        lambda store: store.edit_image("images/he", lambda a: a["omero"]["channels"].append({"label": "x"})),
        "channels-differ",
    ),
    "axes z": (update("points/transcripts", axes=["z", "y"]), "axes-invalid"),
    "no transformation": (remove("shapes/cells", "coordinateTransformations"), "coordinate-system-missing"),
    "no transformation of an image": (set_image_transforms(list.clear), "coordinate-system-missing"),
    "transformation to nowhere": (
        set_transforms("shapes/cells", lambda t: t[0].pop("output")), "coordinate-system-unnamed"
    ),
    "two ways to one system": (set_transforms("shapes/cells", lambda t: t.append(t[0])), "coordinate-system-repeated"),
    "unknown transformation": (
        set_transforms("points/transcripts", lambda t: t[0].update(type="rotate")), "transformation-malformed"
    ),
    "scale of text": (
        set_image_transforms(lambda t: t[0].update(type="scale", scale=["a", "b", "c"])), "transformation-malformed"
    ),
    "scale of 0": (set_transforms("shapes/circles", flatten_scale), "transformation-not-invertible"),
    "no parquet": (delete("points/transcripts/points.parquet"), "parquet-missing"),
    "truncated points": (truncate("points/transcripts/points.parquet/part.0.parquet"), "parquet-unreadable"),
    "truncated shapes": (truncate("shapes/cells/shapes.parquet"), "parquet-unreadable"),
    "points without y": (rewrite_points(lambda frame: frame.drop(columns="y")), "coordinate-missing"),
    "x that is text": (rewrite_points(lambda frame: frame.assign(x="here")), "coordinate-dtype"),
    "x that is missing": (
        rewrite_points(lambda frame: frame.assign(x=pd.array([None, *range(49)], dtype="Int64"))), "coordinate-null"
    ),
    "feature key that is no column": (update_own("points/transcripts", feature_key="probe"), "feature-key-missing"),
    "instance key that is no column": (update_own("points/transcripts", instance_key="cell"), "instance-key-missing"),
    "no GeoParquet metadata": (lose_geo, "geoparquet-metadata"),
    "geometry elsewhere": (
        rewrite_shapes("cells", lambda table: table.rename_columns(["outline"])), "geometry-missing"
    ),
    "no primary column": (
        rewrite_shapes("cells", lambda table: table, lambda geo: geo.pop("primary_column")), "geoparquet-metadata"
    ),
    "unknown geometry encoding": (
        rewrite_shapes("cells", lambda table: table, lambda geo: geo["columns"]["geometry"].update(encoding="XYZ")),
        "geoparquet-metadata",
    ),
    "lines": (
        rewrite_shapes("cells", lambda table: table, lambda g: g["columns"]["geometry"].update(geometry_types=["L"])),
        "geometry-type",
    ),
    "no radius": (rewrite_shapes("circles", lambda table: table.drop(["radius"])), "radius-missing"),
    "radius of 0": (
        rewrite_shapes("circles", lambda table: table.set_column(1, "radius", [[1.0, 0.0, 2.0]])), "radius-invalid"
    ),
    "region that is not there": (set_region("somewhere"), "region-element-missing"),
    "region that is an image": (set_region("he"), "region-not-annotatable"),
    "region said in two ways": (set_region("cells", own=False), "table-link-differs"),
    "rows of another region": (set_codes, "region-differs"),
    "region key that is no column": (lambda store: set_key(store, "region_key", "area"), "region-key-missing"),
    "instance key column gone": (unlist, "instance-key-missing"),
    "ids that shapes do not have": (set_ids([0, 1, 77]), "instance-missing"),
    "ids that repeat": (set_ids([0, 1, 1]), "instance-repeated"),
    "no instance key": (lambda store: drop_key(store, "instance_key"), "table-link-incomplete"),
    "table with a broken matrix": (
        lambda store: store.edit("tables/table/X", lambda attrs: attrs.pop("encoding-type")), "encoding-missing"
    ),
}  # fmt: skip

FOLLOWS = {
    "region that is not there": {"region-differs"},  # its rows are of the old one
    "region that is an image": {"region-differs"},
}


def set_key(store, key, value):
    store.edit("tables/table", lambda attrs: attrs.update({key: value}))
    store.open()["tables/table/uns/spatialdata_attrs"][key][...] = value


def drop_key(store, key):
    store.edit("tables/table", lambda attrs: attrs.update({key: None}))
    shutil.rmtree(store.path / f"tables/table/uns/spatialdata_attrs/{key}")


@pytest.mark.parametrize("name", BROKEN)
def test_one_broken_must_is_told_by_the_code_that_names_it(folder, tmp_path, name):
    zarr_format = 2 + len(name) % 2  # half of them in each format
    change, code = BROKEN[name]
    path = tmp_path / "broken.zarr"
    shutil.copytree(folder / f"section{zarr_format}.zarr", path)
    store = Store(path, zarr_format)
    store.drop_copy()
    with without_format_warnings():
        change(store)
    errors = {found for found, _ in list_errors(check_spatialdata_here, path)}
    assert errors - FOLLOWS.get(name, set()) == {code}


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_copy_of_the_metadata_that_is_out_of_date_is_told(folder, tmp_path, zarr_format):
    path = tmp_path / "stale.zarr"
    shutil.copytree(folder / f"section{zarr_format}.zarr", path)
    shutil.rmtree(path / "shapes/cells")
    assert {code for code, _ in list_errors(check_spatialdata_here, path)} == {"consolidated-stale"}
    shutil.copytree(path / "shapes/circles", path / "shapes/more")
    assert "consolidated-incomplete" in list_codes(check_spatialdata_here, path)


def test_a_version_in_the_wrong_zarr_format_is_told(folder, tmp_path):
    path = tmp_path / "wrong.zarr"
    shutil.copytree(folder / "section2.zarr", path)
    store = Store(path, 2)
    store.drop_copy()
    update_own("", version="0.2")(store)
    assert list_errors(check_spatialdata_here, path) == [("spatialdata-zarr-format", "#/spatialdata_attrs/version")]


def test_what_is_no_zarr_cannot_be_read(tmp_path):
    with pytest.raises(UnreadableError):
        check_spatialdata(open_source(tmp_path))
    (tmp_path / "file.zip").write_bytes(b"PK\x03\x04 truncated")
    with pytest.raises(UnreadableError):
        check_spatialdata(open_source(tmp_path / "file.zip"))
