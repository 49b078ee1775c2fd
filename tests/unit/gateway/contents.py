"""Hand-made contents for tests of the gateway."""

from __future__ import annotations

from datetime import UTC, datetime

from vitrina.model.artifact import Artifact
from vitrina.model.content import (
    Axis,
    Channel,
    Column,
    Content,
    Embedding,
    ImageElement,
    LabelsElement,
    Level,
    Matrix,
    Placement,
    PointsElement,
    ShapesElement,
    TableElement,
)

TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
GLOBAL = (Placement(coordinate_system="global"),)


def make_levels(axes, *shapes, prefix="", scale=1.0):
    finest = shapes[0]
    return tuple(
        Level(
            path=f"{prefix}{index}",
            shape=shape,
            chunk_shape=None,
            scale=tuple(scale * f / s if a in "yx" else 1.0 for a, f, s in zip(axes, finest, shape, strict=True)),
            translation=(0.0,) * len(axes),
        )
        for index, shape in enumerate(shapes)
    )


def make_axes(axes, unit=None):
    return tuple(Axis(name=a, type=TYPES[a], unit=unit if TYPES[a] == "space" else None) for a in axes)


def make_image(axes="cyx", *shapes, name="image", path="", n_channels=2, scale=1.0, **values):
    shapes = shapes or ((n_channels, 1000, 2000), (n_channels, 500, 1000))
    prefix = f"{path}/" if path else ""
    return ImageElement(
        name=name,
        path=path,
        axes=make_axes(axes, values.pop("unit", None)),
        dtype=values.pop("dtype", "uint16"),
        levels=make_levels(axes, *shapes, prefix=prefix, scale=scale),
        channels=values.pop("channels", tuple(Channel(name=f"Channel {i}") for i in range(n_channels))),
        placements=values.pop("placements", GLOBAL),
        **values,
    )


def make_labels(name="nuclei", path="labels/nuclei", placements=GLOBAL):
    return LabelsElement(
        name=name,
        path=path,
        axes=make_axes("yx"),
        dtype="int32",
        levels=make_levels("yx", (1000, 2000), prefix=f"{path}/" if path else ""),
        placements=placements,
    )


def make_shapes(name="cells", geometry="polygon", n_shapes=100, placements=GLOBAL):
    return ShapesElement(
        name=name,
        path=f"shapes/{name}",
        n_shapes=n_shapes,
        geometry=geometry,
        extent_xy=(0.0, 0.0, 200.0, 100.0),
        placements=placements,
    )


def make_points(name="transcripts", n_points=1000, feature_key="gene"):
    return PointsElement(
        name=name,
        path=f"points/{name}",
        n_points=n_points,
        axes=("x", "y"),
        feature_key=feature_key,
        extent_xy=(-10.0, 0.0, 190.0, 90.0),
        placements=GLOBAL,
    )


def make_category(name, *categories):
    return Column(name=name, dtype="category", n_categories=len(categories), categories=categories)


def make_table(name="table", path="tables/table", **values):
    defaults = {
        "n_obs": 100,
        "n_vars": 3,
        "matrix": Matrix(encoding="csr", dtype="float32"),
        "obs_columns": (make_category("cell_type", "B cell", "T cell"),),
        "var_names": ("MT-CO1", "CD3E", "MS4A1"),
        "embeddings": (Embedding(name="X_pca", n_dims=50), Embedding(name="X_umap", n_dims=2)),
    }
    return TableElement(name=name, path=path, **(defaults | values))


def make_spatialdata(*elements, **values):
    return Content(
        format="spatialdata",
        container="zarr3",
        elements=elements,
        coordinate_systems=values.pop("coordinate_systems", ("global",)),
        **values,
    )


def make_artifact(content):
    return Artifact(
        uid="0" * 16 + "0001",
        key="lab/sample",
        description=None,
        kind="dataset",
        format=content.format,
        hash="0" * 64,
        size_bytes=1,
        n_files=1,
        n_observations=content.n_observations,
        storage_url="file:///data",
        storage_key="0/sample",
        is_folder=True,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        created_by="ada",
        is_latest=True,
        content=content,
    )
