"""Points that are too many: expected rows are chosen by hand from the stored ones."""

from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vitrina.errors import UnreadableError
from vitrina.gateway import point_sample
from vitrina.gateway.open import open_tree
from vitrina.model.content import Content, PointsElement
from vitrina.readers.source import Source

pytestmark = pytest.mark.anyio

PARTS = "points/tx/points.parquet"


def write_points(root, *sizes, row_group_size=7):
    folder = root / PARTS
    folder.mkdir(parents=True)
    numbers = np.arange(sum(sizes))
    for index, piece in enumerate(np.split(numbers, np.cumsum(sizes)[:-1])):
        table = pa.table({"x": piece.astype("f4"), "y": piece.astype("f4"), "gene": [f"g{n % 3}" for n in piece]})
        pq.write_table(table, folder / f"part.{index}.parquet", row_group_size=row_group_size)
    return numbers


def open_points(root, n_points):
    points = PointsElement(name="tx", path="points/tx", n_points=n_points, axes=("x", "y"), feature_key="gene")
    content = Content(format="spatialdata", container="zarr3", elements=(points,))
    return open_tree(Source(root), content, etag="e")


@pytest.fixture
def at_most_ten(monkeypatch):
    monkeypatch.setattr(point_sample, "MAX_DRAWN_POINTS", 10)


@pytest.mark.usefixtures("at_most_ten")
@pytest.mark.parametrize("sizes", [(95,), (40, 40, 15)])
async def test_an_even_sample_over_all_parts_is_served_as_the_only_part(tmp_path, sizes):
    write_points(tmp_path, *sizes)
    tree = open_points(tmp_path, 95)
    sample = pq.read_table(BytesIO(await tree.get(f"{PARTS}/part.0.parquet")))
    if len(sizes) == 1:  # 95 points, at most 10: every tenth
        assert sample["x"].to_pylist() == list(range(0, 95, 10))
    assert sample.num_rows <= 10 + len(sizes)
    assert sample.column_names == ["x", "y", "gene"]
    assert await tree.get(f"{PARTS}/part.1.parquet") is None
    assert await tree.get(PARTS) is None


async def test_points_that_are_few_enough_pass_through_unchanged(tmp_path):
    write_points(tmp_path, 95)
    tree = open_points(tmp_path, 95)
    assert await tree.get(f"{PARTS}/part.0.parquet") == (tmp_path / PARTS / "part.0.parquet").read_bytes()


@pytest.mark.usefixtures("at_most_ten")
async def test_damaged_points_are_unreadable(tmp_path):
    write_points(tmp_path, 95)
    (tmp_path / PARTS / "part.0.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(UnreadableError, match="points/tx"):
        await open_points(tmp_path, 95).get(f"{PARTS}/part.0.parquet")
