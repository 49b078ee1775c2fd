import datetime as dt

import pytest

from vitrina.model.artifact import Artifact
from vitrina.model.content import (
    Axis,
    Channel,
    Column,
    Content,
    Embedding,
    ImageElement,
    Level,
    Matrix,
    PointsElement,
    ShapesElement,
    TableElement,
)
from vitrina.model.finding import Finding
from vitrina.verbs.describe import describe, format_bytes

MICROMETER = {"type": "space", "unit": "micrometer"}


def build_artifact(*elements, **content) -> Artifact:
    return Artifact(
        uid="0123456789abcdef0002",
        key="lab/section.zarr",
        description=None,
        kind="dataset",
        format="spatialdata",
        hash="ab" * 32,
        size_bytes=1_234_567,
        n_files=1457,
        n_observations=3,
        storage_url="file:///lab/data",
        storage_key="0123456789abcdef0002/section.zarr",
        is_folder=True,
        created_at=dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC),
        created_by="someone",
        is_latest=True,
        content=Content(format="spatialdata", elements=elements, **content),
    )


def build_image(*, unit="micrometer", scale=(1.0, 0.5, 0.5), channels=("DAPI", "CD3")) -> ImageElement:
    space = {"type": "space", "unit": unit}
    return ImageElement(
        name="he",
        path="images/he",
        axes=(Axis(name="c", type="channel"), Axis(name="y", **space), Axis(name="x", **space)),
        dtype="uint16",
        levels=(
            Level(path="0", shape=(2, 400, 300), chunk_shape=None, scale=scale, translation=(0.0, 0.0, 0.0)),
            Level(path="1", shape=(2, 200, 150), chunk_shape=None, scale=scale, translation=(0.0, 0.0, 0.0)),
        ),
        channels=tuple(Channel(name=name) for name in channels),
    )


def test_the_head_names_key_format_and_simulation():
    artifact = build_artifact(format_version="0.2", is_simulated=True)
    assert describe(artifact).splitlines()[0] == "lab/section.zarr  (SpatialData 0.2 · simulated)"
    artifact = build_artifact(is_untrusted=True)
    assert describe(artifact).splitlines()[0] == "lab/section.zarr  (SpatialData · untrusted)"


def test_an_image_tells_axes_shape_dtype_levels_and_pixel_size():
    text = describe(build_artifact(build_image()))
    assert "he  c y x 2 × 400 × 300 · uint16 · 2 levels · 0.5 µm per pixel" in text
    assert "channels  DAPI, CD3" in text


def test_pixels_that_are_not_square_are_told_per_axis():
    text = describe(build_artifact(build_image(scale=(1.0, 0.25, 0.5))))
    assert "y 0.25 µm, x 0.5 µm per pixel" in text


def test_without_a_unit_no_pixel_size_is_claimed():
    assert "per pixel" not in describe(build_artifact(build_image(unit=None)))


def test_tables_points_and_shapes_tell_their_counts():
    text = describe(
        build_artifact(
            ShapesElement(name="cells", path="shapes/cells", n_shapes=1, geometry="polygon"),
            PointsElement(name="tx", path="points/tx", n_points=1_000_000, axes=("x", "y"), feature_key="gene"),
            TableElement(
                name="table",
                path="tables/table",
                n_obs=20_000,
                n_vars=300,
                matrix=Matrix(encoding="csr", dtype="float32"),
                region=("cells",),
                obs_columns=(Column(name="type", dtype="category", n_categories=2, categories=("B", "T")),),
                embeddings=(Embedding(name="X_umap", n_dims=2),),
            ),
        )
    )
    assert "cells  1 polygon" in text
    assert "tx  1,000,000 points in x y · feature key gene" in text
    assert "table  20,000 observations × 300 variables · X csr float32 · annotates cells" in text
    assert "type  category (2) B, T" in text
    assert "obsm  X_umap (2)" in text


def test_nothing_is_cut_however_narrow_the_terminal():
    categories = tuple(f"a rather long cell type number {number}" for number in range(60))
    column = Column(name="cell_type", dtype="category", n_categories=60, categories=categories)
    table = TableElement(name="table", path="tables/table", n_obs=1, n_vars=1, obs_columns=(column,))
    lines = describe(build_artifact(table), width=72).splitlines()
    joined = " ".join(line.strip("│ ├└─") for line in lines)
    assert all(category in joined for category in categories)
    assert max(len(line) for line in lines if "── hash" not in line) <= 72  # a hash has no place to break


def test_findings_are_told_with_their_fix():
    finding = Finding(code="x", severity="warning", path="", message="No unit is given.", fix="Give one.")
    assert "warning  No unit is given. Give one." in describe(build_artifact(findings=(finding,)))


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (7.0e9, "7 GB"),
        (2e15, "2 PB"),
    ],
)
def test_sizes_are_decimal_with_three_digits(size_bytes, text):
    assert format_bytes(int(size_bytes)) == text
