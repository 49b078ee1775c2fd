"""SpatialData objects that hold their values in memory and know no path to write to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spatialdata import SpatialData


def read_into_memory(lazy: SpatialData) -> SpatialData:
    """A copy whose images, labels and points are computed, without a stored path."""
    import spatialdata

    return spatialdata.SpatialData(
        images={name: _load_raster(image) for name, image in lazy.images.items()},
        labels={name: _load_raster(labels) for name, labels in lazy.labels.items()},
        points={name: _load_points(points) for name, points in lazy.points.items()},
        shapes=dict(lazy.shapes.items()),
        tables=dict(lazy.tables.items()),
        attrs=dict(lazy.attrs),
    )


def _load_raster(lazy: Any) -> Any:
    """The same levels with all their chunks in memory; SpatialData accepts no plain NumPy arrays."""
    loaded = lazy.persist()
    loaded.attrs.update(lazy.attrs)
    return loaded


def _load_points(lazy: Any) -> Any:
    """One partition in memory; SpatialData accepts no plain pandas data frame."""
    import dask.dataframe

    from_pandas: Any = dask.dataframe.from_pandas
    frame = lazy.compute()
    frame.attrs = {}  # transformations belong to the points; Parquet, which cannot hold them, would warn of them
    loaded = from_pandas(frame, npartitions=1)
    loaded.attrs.update(lazy.attrs)
    return loaded
