"""Points in Morton order and in tiles. Orders come from a second way to interleave bits, values from the source."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import samples
import spatialdata
from same_spatialdata import build_small
from spatialdata.models import PointsModel

from vitrina.convert.points.categories import Categories
from vitrina.convert.points.morton import encode_morton
from vitrina.convert.points.sort import plan_ranges
from vitrina.convert.points.target import PointsOptions
from vitrina.convert.points.tiles import TileWriter, build_frame
from vitrina.convert.points.write import map_genes, write_points
from vitrina.convert.spatialdata.options import SpatialDataOptions
from vitrina.errors import InputError, UnreadableError, UnsupportedError
from vitrina.model.content import Content, PointsElement, PointTiles
from vitrina.readers.registry import get_reader
from vitrina.readers.source import open_source
from vitrina.verbs.convert import convert

EXTENT = (0.0, 0.0, 65535.0, 65535.0)


def interleave(x, y):
    """The code by strings of bits, y first."""
    return int("".join(b + a for a, b in zip(f"{x:016b}", f"{y:016b}", strict=True)), 2)


def test_codes_interleave_the_bits_of_x_and_y():
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 65536, (2, 500))
    codes = encode_morton(x.astype(float), y.astype(float), EXTENT)
    assert codes.dtype == np.uint32
    assert codes.tolist() == [interleave(a, b) for a, b in zip(x, y, strict=True)]


def test_places_on_the_edge_outside_and_nowhere_have_codes():
    x = np.array([0.0, 65535.0, -5.0, 1e9, np.nan, np.inf])
    codes = encode_morton(x, np.zeros(6), EXTENT)
    edge = interleave(65535, 0)
    assert codes.tolist() == [0, edge, 0, edge, 2**32 - 1, 2**32 - 1]


def test_points_in_one_place_have_one_code():
    assert encode_morton(np.full(3, 7.0), np.full(3, 2.0), (7.0, 2.0, 7.0, 2.0)).tolist() == [0, 0, 0]


def test_ranges_hold_no_more_than_they_may_unless_one_bin_does():
    counts = np.array([3, 3, 3, 9, 0, 0, 2, 2])
    assert plan_ranges(counts, 6).tolist() == [0, 0, 1, 2, 3, 3, 3, 3]


def test_categories_of_batches_become_one_dictionary():
    categories = Categories()
    first = categories.encode(pa.array(["b", None, "a"]).dictionary_encode())
    second = categories.encode(pa.array(["c", "a"]))
    assert (list(first), list(second), list(categories.names)) == ([0, -1, 1], [2, 1], ["b", "a", "c"])
    assert categories.decode(np.array([2, -1, 0], np.int32)).to_pylist() == ["c", None, "b"]


def test_genes_that_the_table_lacks_have_a_code_past_its_end():
    assert map_genes(["B", "x", "A"], ["A", "B"]).tolist() == [1, 2, 0, 2]


def build_points(n_points, seed=1):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.gamma(2, 150, (n_points, 2)).astype("float32"), columns=["x", "y"])
    frame["gene"] = pd.Categorical.from_codes(rng.integers(0, 5, n_points), list("CABDE"))
    frame["qv"] = rng.integers(0, 40, n_points).astype("uint8")
    frame["note"] = [f"n{i % 7}" for i in range(n_points)]
    return frame


@pytest.fixture
def stored(tmp_path):
    """40,000 points and a table without the gene E, whose genes are in another order than those of the points."""
    sdata = build_small()
    sdata.points["spots"] = PointsModel.parse(build_points(40_000), feature_key="gene")
    table = sdata.tables["table"]
    table.var_names = ["A", "B", "C", "D", "Z"]
    sdata.write(tmp_path / "source.zarr", shapes_geometry_encoding="WKB")
    return tmp_path / "source.zarr"


def read_content(path):
    return get_reader("spatialdata").read_content(open_source(path))


def sort_rows(frame):
    frame = frame.astype({"gene": str})
    return frame.sort_values(list(frame.columns)).reset_index(drop=True)


@pytest.mark.parametrize("memory_bytes", [2**28, 200_000])
def test_points_are_the_same_and_in_order_in_memory_and_through_files(stored, tmp_path, memory_bytes):
    target = tmp_path / "out.points.parquet"
    done = convert(stored, target, PointsOptions(memory_bytes=memory_bytes), verifies=True)
    assert [part.size for part in done.parts] == ["40,000 points"]
    file = pq.ParquetFile(target)
    frame = file.read().to_pandas()
    said = json.loads(file.schema_arrow.metadata[b"vitrina:morton"])
    codes = encode_morton(frame["x"].to_numpy(), frame["y"].to_numpy(), said["extent_xy"])
    np.testing.assert_array_equal(codes, frame["morton_code_2d"])
    assert (np.diff(codes.astype("int64")) >= 0).all()
    expected = spatialdata.read_zarr(stored).points["spots"].compute()[["x", "y", "gene", "qv", "note"]]
    pd.testing.assert_frame_equal(
        sort_rows(frame.drop(columns="morton_code_2d")), sort_rows(expected), check_dtype=False
    )
    assert [str(dtype) for dtype in frame.dtypes[["x", "qv"]]] == ["float32", "uint8"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out.points.parquet", "source.zarr"]


def test_sorting_through_files_gives_the_same_file(stored, tmp_path):
    convert(stored, tmp_path / "a.points.parquet", PointsOptions())
    convert(stored, tmp_path / "b.points.parquet", PointsOptions(memory_bytes=150_000))
    assert pq.read_table(tmp_path / "a.points.parquet").equals(pq.read_table(tmp_path / "b.points.parquet"))


def test_row_groups_are_small_and_say_where_they_lie(stored, tmp_path):
    convert(stored, tmp_path / "out.points.parquet")
    metadata = pq.ParquetFile(tmp_path / "out.points.parquet").metadata
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    assert max(group.num_rows for group in groups) <= 50_000
    assert all(group.column(0).statistics.has_min_max for group in groups)


def test_the_copy_in_tiles_is_what_the_viewer_asks_for(stored, tmp_path):
    """Source: https://vitessce.io/docs/data-troubleshooting/#points, and what drew in it."""
    convert(stored, tmp_path / "out.sdata.zarr", SpatialDataOptions(tiles="always"))
    folder = tmp_path / "out.sdata.zarr" / "points/spots/tiles/points/spots_tiles/points.parquet"
    edge, body = (pq.ParquetFile(folder / f"part.{number}.parquet") for number in (0, 1))
    assert [str(type_) for type_ in body.schema_arrow.types] == ["float", "float", "int32", "uint32"]
    assert body.schema_arrow.names == ["x", "y", "gene_codes", "morton_code_2d"]
    assert [str(field.nullable) for field in body.schema_arrow] == ["False"] * 4
    corners, rows = edge.read().to_pandas(), body.read().to_pandas()
    data = build_points(40_000)
    frame = build_frame((data.x.min(), data.y.min(), data.x.max(), data.y.max()))
    np.testing.assert_allclose(corners[["x", "y"]].to_numpy().ravel(), frame, rtol=1e-6)
    assert corners["morton_code_2d"].tolist() == [0, 0]
    assert frame[0] <= data.x.min() - 1024
    codes = rows["morton_code_2d"].to_numpy().astype("int64")
    assert (codes[0], codes[-1], len(codes)) == (1, 2**32 - 1, 40_002)
    assert (np.diff(codes) >= 0).all()
    genes = rows["gene_codes"].to_numpy()[1:-1]
    expected = data["gene"].map({"A": 0, "B": 1, "C": 2, "D": 3, "E": 5}).astype(int)
    assert np.bincount(genes).tolist() == np.bincount(expected).tolist()


@pytest.mark.parametrize("runs", [[130_000], [70_000, 1, 59_999], [49_998], [49_999], [1]])
def test_row_groups_of_tiles_are_of_one_size(tmp_path, runs):
    """The viewer takes the size of the first row group for that of all but the last, and more than 100,000 for none."""
    with TileWriter(tmp_path / "points.parquet", "gene", (0.0, 0.0, 1.0, 1.0), 7) as tiles:
        for n_rows in runs:
            tiles.write(*(np.ones(n_rows),) * 2, np.zeros(n_rows), np.full(n_rows, 9, np.uint32))
    metadata = pq.ParquetFile(tmp_path / "points.parquet" / "part.1.parquet").metadata
    sizes = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert sum(sizes) == sum(runs) + 2
    assert all(size == min(50_000, sum(sizes)) for size in sizes[:-1] or sizes)
    assert sizes[-1] <= 50_000


def test_the_copy_is_no_element_and_adds_no_points(stored, tmp_path):
    convert(stored, tmp_path / "out.sdata.zarr", SpatialDataOptions(tiles="always"))
    sdata = spatialdata.read_zarr(tmp_path / "out.sdata.zarr")
    assert list(sdata.points) == ["spots"]
    (points,) = (one for one in read_content(tmp_path / "out.sdata.zarr").elements if one.kind == "points")
    assert points.tiles == PointTiles(store="points/spots/tiles", path="points/spots_tiles", table="tables/table")
    assert len(sdata.points["spots"]) == 40_000


def read_nothing(*batches):
    """A reader of one set of points that come in given batches."""

    class Reader:
        format = "made-up"

        def iterate_points(self, source, element):  # noqa: ARG002 the seam
            yield from batches

    return Reader()


def write_batches(tmp_path, monkeypatch, *batches, **changes):
    element = replace(
        PointsElement(name="p", path="p", n_points=None, axes=("gx", "gy"), feature_key="gene"), **changes
    )
    monkeypatch.setattr("vitrina.readers.elements.get_reader", lambda _: read_nothing(*batches))
    source = open_source(tmp_path)
    path = tmp_path / "out.parquet"
    return path, write_points(source, Content(format="made-up"), element, path, tmp_path / "scratch")


def test_columns_of_a_vendor_are_called_x_and_y_and_text_becomes_categories(tmp_path, monkeypatch):
    batch = pa.record_batch({"gx": pa.array([5, 1], pa.uint16()), "gy": [2.0, 3.0], "gene": ["b", "a"]})
    path, findings = write_batches(tmp_path, monkeypatch, batch)
    table = pq.read_table(path)
    assert table.schema.names == ["x", "y", "gene"]
    assert str(table.schema.field("x").type) == "double"
    assert pa.types.is_dictionary(table.schema.field("gene").type)
    assert table.column("x").to_pylist() == [5.0, 1.0] or table.column("x").to_pylist() == [1.0, 5.0]
    assert findings == ()


def test_points_without_a_place_are_kept_at_the_end_and_told(tmp_path, monkeypatch):
    batch = pa.record_batch({"gx": [np.nan, 1.0, 2.0], "gy": [0.0, 1.0, np.inf], "gene": ["a", None, "b"]})
    path, findings = write_batches(tmp_path, monkeypatch, batch)
    table = pq.read_table(path)
    assert table.column("x").to_pylist()[0] == 1.0
    assert table.num_rows == 3
    assert table.column("gene").to_pylist()[0] is None
    assert [finding.code for finding in findings] == ["points-without-place"]


def test_no_points_are_refused(tmp_path, monkeypatch):
    empty = pa.record_batch(
        {"gx": pa.array([], pa.float64()), "gy": pa.array([], pa.float64()), "gene": pa.array([], pa.string())}
    )
    with pytest.raises(UnsupportedError) as caught:
        write_batches(tmp_path, monkeypatch, empty)
    assert caught.value.code == "points-empty"
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize(
    ("batches", "code"),
    [
        ([{"gx": ["here"], "gy": ["there"], "gene": ["a"]}], "coordinates-malformed"),
        ([{"gx": [1.0], "gy": [1.0], "gene": ["a"]}, {"gx": [1.0], "gy": [1.0]}], "points-differ"),
        ([{"gx": [1.0], "gy": [1.0], "q": [1]}, {"gx": [1.0], "gy": [1.0], "q": ["z"]}], "points-differ"),
    ],
)  # fmt: skip
def test_points_that_make_no_sense_are_refused(tmp_path, monkeypatch, batches, code):
    with pytest.raises(UnreadableError) as caught:
        write_batches(tmp_path, monkeypatch, *(pa.record_batch(one) for one in batches))
    assert caught.value.code == code


def test_batches_that_differ_only_in_the_width_of_numbers_are_joined(tmp_path, monkeypatch):
    wide = pa.record_batch({"gx": [1.0], "gy": [1.0], "gene": ["a"], "q": pa.array([1], pa.int64())})
    narrow = pa.record_batch({"gx": [2.0], "gy": [1.0], "gene": ["b"], "q": pa.array([2], pa.int8())})
    path, _ = write_batches(tmp_path, monkeypatch, wide, narrow)
    assert sorted(pq.read_table(path).column("q").to_pylist()) == [1, 2]


def test_of_several_sets_of_points_one_is_chosen(stored, tmp_path):
    sdata = spatialdata.read_zarr(stored)
    sdata.points["others"] = PointsModel.parse(build_points(50), feature_key="gene")
    sdata.write(tmp_path / "two.zarr", shapes_geometry_encoding="WKB")
    with pytest.raises(InputError) as caught:
        convert(tmp_path / "two.zarr", tmp_path / "out.points.parquet")
    assert "--element" in caught.value.hint
    convert(tmp_path / "two.zarr", tmp_path / "out.points.parquet", element="others")
    assert pq.ParquetFile(tmp_path / "out.points.parquet").metadata.num_rows == 50


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "parquet"])
def test_plain_tables_with_positions_are_points(tmp_path, suffix):
    frame = build_points(3000).rename(columns={"x": "x_location", "y": "y_location", "gene": "feature_name"})
    frame["feature_name"] = frame["feature_name"].astype(str)
    path = tmp_path / f"spots.{suffix}"
    frame.to_parquet(path) if suffix == "parquet" else frame.to_csv(path, index=False)
    convert(path, tmp_path / "out.points.parquet")
    table = pq.read_table(tmp_path / "out.points.parquet")
    assert table.schema.names == ["x", "y", "feature_name", "qv", "note", "morton_code_2d"]
    assert pa.types.is_dictionary(table.schema.field("feature_name").type)
    found = table.to_pandas().astype({"feature_name": str}).sort_values(["x", "y"])
    expected = frame.sort_values(["x_location", "y_location"])
    np.testing.assert_allclose(found["x"], expected["x_location"], rtol=1e-6)
    assert found["feature_name"].tolist() == expected["feature_name"].tolist()


def test_a_plain_table_without_positions_has_no_points(tmp_path):
    pd.DataFrame({"sample": ["a", "b"], "age": [3, 4]}).to_csv(tmp_path / "samples.csv", index=False)
    with pytest.raises(UnsupportedError) as caught:
        convert(tmp_path / "samples.csv", tmp_path / "out.points.parquet")
    assert caught.value.code == "no-points"


def test_real_transcripts_are_all_there(tmp_path):
    archive = samples.get("sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip")
    convert(archive, tmp_path / "out.points.parquet", element="molecule_baysor")
    expected = get_reader("spatialdata").read_object(open_source(archive)).points["molecule_baysor"].compute()
    frame = pq.read_table(tmp_path / "out.points.parquet").to_pandas()
    assert len(frame) == len(expected)
    for axis in "xyz":
        np.testing.assert_array_equal(np.sort(frame[axis]), np.sort(expected[axis]))
