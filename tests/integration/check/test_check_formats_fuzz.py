"""Bytes that are cut off or changed give findings or an UnreadableError, never another exception, in bounded time."""

import faulthandler
import shutil

import anndata
import numpy as np
import pandas as pd
import pytest
from formats_datasets import write_h5mu, write_spatialdata
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from test_check_formats_tiff import write_ome_tiff

from vitrina.checks.formats.anndata import check_anndata
from vitrina.checks.formats.mudata import check_mudata
from vitrina.checks.formats.ome_tiff import check_ome_tiff
from vitrina.checks.formats.points import check_points
from vitrina.checks.formats.spatialdata import check_spatialdata, check_spatialdata_here
from vitrina.errors import UnreadableError
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.source import open_source

MAX_SECONDS = 240
"""A check that takes longer hangs: the process ends with a traceback of where."""

SEVERITIES = {"error", "warning", "info"}


def write_small_h5ad(path):
    dataset = anndata.AnnData(
        sparse.csr_matrix(np.eye(4, dtype=np.float32)),
        obs=pd.DataFrame({"kind": pd.Categorical(list("abab"))}, index=list("abcd")),
    )
    with without_format_warnings():
        dataset.write_h5ad(path)


def write_points(path):
    pd.DataFrame({"x": np.arange(20.0), "y": np.arange(20.0), "gene": ["a", "b"] * 10}).to_parquet(path)


def write_plain_tiff(path):
    write_ome_tiff(path, tile=None, rowsperstrip=16)


WRITERS = {
    "cells.h5ad": (write_small_h5ad, check_anndata, 10),
    "cells.h5mu": (write_h5mu, check_mudata, 4),
    "image.ome.tif": (write_ome_tiff, check_ome_tiff, 100),
    "strips.ome.tif": (write_plain_tiff, check_ome_tiff, 40),
    "points.parquet": (write_points, check_points, 8),
}


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    for name, (write, _, _) in WRITERS.items():
        write(folder / name)
    write_spatialdata(folder / "section.zarr", 3)
    shutil.make_archive(str(folder / "section.zarr"), "zip", folder / "section.zarr")
    return folder


@pytest.fixture(autouse=True)
def _in_bounded_time():
    faulthandler.dump_traceback_later(MAX_SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@st.composite
def damages(draw):
    """Where bytes are changed to what, as parts of the whole, and what is kept of it."""
    changes = draw(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8))
    kept = draw(st.one_of(st.just(1.0), st.floats(0, 1)))
    from_start = draw(st.booleans())
    return changes, kept, from_start


def damage(content, how):
    """Changes lie near the start as often as anywhere, for metadata lies there."""
    changes, kept, from_start = how
    data = bytearray(content)
    for at, value in changes:
        reach = min(len(data), 4096) if from_start else len(data)
        data[int(at * (reach - 1))] = value
    return bytes(data[: int(kept * len(data))])


def check_survives(check, path):
    try:
        checked = check(open_source(path))
    except UnreadableError:
        return
    for finding in checked.findings:
        assert finding.severity in SEVERITIES
        assert "#" in finding.path
        assert finding.message


@pytest.mark.parametrize("name", WRITERS)
def test_damaged_files_give_findings(contents, tmp_path, name):
    _, check, n_examples = WRITERS[name]
    content = (contents / name).read_bytes()

    @settings(
        max_examples=n_examples,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=name.startswith("cells"),  # some damages take the HDF5 library a minute
    )
    @given(how=damages())
    def run(how):
        path = tmp_path / name
        path.write_bytes(damage(content, how))
        check_survives(check, path)

    run()


def list_files(folder):
    """Metadata three times as often as data: every chunk is alike."""
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    metadata = [path for path in files if path.name in {"zarr.json", "shapes.parquet"} or path.suffix == ".parquet"]
    return [*files, *metadata, *metadata]


def test_damaged_parts_of_a_hierarchy_give_findings(contents, tmp_path):
    whole = contents / "section.zarr"
    files = list_files(whole)
    path = tmp_path / "section.zarr"
    shutil.copytree(whole, path)

    @settings(max_examples=15, database=None, suppress_health_check=list(HealthCheck))
    @given(name=st.sampled_from(files), how=damages())
    def run(name, how):
        content = (whole / name).read_bytes()
        (path / name).write_bytes(damage(content, how))
        check = check_spatialdata if name.suffix == ".parquet" else check_spatialdata_here
        try:
            check_survives(check, path)
        finally:
            (path / name).write_bytes(content)

    run()


def test_a_damaged_zip_file_gives_findings(contents, tmp_path):
    content = (contents / "section.zarr.zip").read_bytes()
    path = tmp_path / "section.zarr.zip"

    @settings(max_examples=4, database=None, suppress_health_check=list(HealthCheck))
    @given(how=damages())
    def run(how):
        path.write_bytes(damage(content, how))
        check_survives(check_spatialdata, path)

    run()


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**70), st.floats(), st.text(max_size=5), st.just([]), st.just({})
)


@st.composite
def edits(draw, document):
    """The document with one of its values replaced by another, of any type."""
    import copy

    document = copy.deepcopy(document)
    place = document
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        if not keys:
            return document
        key = draw(st.sampled_from(list(keys)))
        if isinstance(place[key], dict | list) and draw(st.integers(0, 3)):
            place = place[key]
            continue
        place[key] = draw(VALUES)
        return document


def test_metadata_with_values_of_any_type_gives_findings(contents, tmp_path):
    import json

    whole = contents / "section.zarr"
    files = sorted(path.relative_to(whole) for path in whole.rglob("zarr.json"))[1:]
    path = tmp_path / "section.zarr"
    shutil.copytree(whole, path)

    @settings(max_examples=30, database=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def run(data):
        name = data.draw(st.sampled_from(files))
        content = (whole / name).read_text()
        (path / name).write_text(json.dumps(data.draw(edits(json.loads(content)))))
        try:
            check_survives(check_spatialdata_here, path)
        finally:
            (path / name).write_text(content)

    run()
