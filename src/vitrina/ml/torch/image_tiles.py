"""SpatialData's ``ImageTilesDataset`` with the same arguments and results, and a fast loader over the same tiles."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from torch.utils.data import Dataset

from vitrina.errors import InputError, NotFoundError, UnsupportedError
from vitrina.ml.cells import Cells, TableRows
from vitrina.ml.layer import WholeChunks
from vitrina.ml.memory import find_region_tiles
from vitrina.ml.place import Places, plan_starts
from vitrina.ml.slide import Slide
from vitrina.ml.tiles import Tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd
    from anndata import AnnData
    from spatialdata import SpatialData

    from vitrina.pyramid.source import Pixels

NO_ARGUMENTS: Mapping[str, Any] = MappingProxyType({})


class ImageTilesDataset(Dataset[Any]):
    """Tiles around the regions of a SpatialData object, as ``spatialdata.dataloader.ImageTilesDataset`` gives them.

    Inside of the image the pixels are the same. At its border tiles are filled up with zeros instead of cut off, so
    that all tiles of one ``tile_dim_in_units`` have the same size and make batches; a centre that lies on the middle of
    a pixel does not add a row and a column. ``tiles()`` gives the same tiles in batches, hundreds of times as fast.

    Args:
        sdata: Where regions, images and the table are.
        regions_to_images: For each shapes or labels element, in which image its tiles lie.
        regions_to_coordinate_systems: For each of them, in which coordinate system positions and sizes are taken.
        tile_scale: Side of a tile as a multiple of the region's diameter; unused with ``tile_dim_in_units``.
        tile_dim_in_units: Side of all tiles in units of the coordinate system.
        rasterize: Only False.
        return_annotations: Columns of ``obs``, or variables: items are then ``(tile, values)``.
        table_name: The table that annotates the regions.
        transform: Changes each item.
        rasterize_kwargs: Only empty.

    Raises:
        UnsupportedError: Tiles are to be rasterized.
        NotFoundError: There is no such element, coordinate system, table or column.
        InputError: The arguments do not fit each other.
    """

    def __init__(  # noqa: PLR0917 the arguments of spatialdata, in their order
        self,
        sdata: SpatialData,
        regions_to_images: dict[str, str],
        regions_to_coordinate_systems: dict[str, str],
        tile_scale: float = 1.0,
        tile_dim_in_units: float | None = None,
        rasterize: bool = False,
        return_annotations: str | list[str] | None = None,
        table_name: str | None = None,
        transform: Callable[[Any], Any] | None = None,
        rasterize_kwargs: Mapping[str, Any] = NO_ARGUMENTS,
    ) -> None:
        if rasterize or rasterize_kwargs:
            raise UnsupportedError(
                "rasterize-unsupported",
                "Tiles are cut on the pixels of the image and not rasterized.",
                hint="For another pixel size: vt.Artifact.filter(...).tiles(size_um=..., pixel_size_um=...).",
                where="rasterize",
            )
        self.sdata = sdata
        self.regions = list(regions_to_coordinate_systems)
        self.transform = transform
        self._table_name = table_name
        self._names = [return_annotations] if isinstance(return_annotations, str) else return_annotations
        self._parts = find_region_tiles(
            sdata,
            regions_to_images,
            regions_to_coordinate_systems,
            tile_scale=tile_scale,
            tile_dim_in_units=tile_dim_in_units,
        )
        self._part_of = np.repeat(np.arange(len(self._parts)), [len(part.instances) for part in self._parts])
        self._y0, self._x0 = (
            np.concatenate([plan_starts(part.centre_yx_px[:, axis], part.size_px) for part in self._parts])
            for axis in (0, 1)
        )
        self._size_px = np.concatenate([part.size_px for part in self._parts])
        self._cached = [WholeChunks(part.layer.open_source()) for part in self._parts]
        self._table = None if table_name is None else self._join_table(table_name)
        if self._names is not None:
            self._values = self._read_values(self._names)

    def __len__(self) -> int:
        return len(self._part_of)

    def __getitem__(self, idx: int) -> Any:
        number = range(len(self))[idx]
        tile = self._build_tile(number)
        item = self._build_sdata(number, tile) if self._names is None else (tile, self._values[number : number + 1])
        return item if self.transform is None else self.transform(item)

    @property
    def coordinate_systems(self) -> list[str]:
        """The coordinate system of each region."""
        return [part.coordinate_system for part in self._parts]

    @property
    def dims(self) -> list[str]:
        """Axes along which tiles are cut."""
        return ["x", "y"]

    @property
    def dataset_index(self) -> pd.DataFrame:
        """Per tile the id of its region, the region's name, the image and the coordinate system."""
        import pandas as pd

        return pd.DataFrame(
            {
                "instance_id": np.concatenate([part.instances for part in self._parts]),
                **{
                    name: np.array([getattr(part, attribute) for part in self._parts])[self._part_of]
                    for name, attribute in (("cs", "coordinate_system"), ("region", "region"), ("image", "image"))
                },
            }
        )

    @property
    def tiles_coords(self) -> pd.DataFrame:
        """Per tile its centre, extent and corners in the coordinate system."""
        import pandas as pd

        centre = np.concatenate([part.centre_xy for part in self._parts])
        extent = np.concatenate([part.extent for part in self._parts])[:, None]
        columns = np.hstack([centre, extent, centre - extent / 2, centre + extent / 2])
        return pd.DataFrame(columns, columns=pd.Index(["x", "y", "extent", "minx", "miny", "maxx", "maxy"]))

    @property
    def dataset_table(self) -> AnnData | None:
        """The rows of the table, one per tile; None without a table."""
        return self._table

    def tiles(self) -> Tiles:
        """The same tiles for batches: ``dataset.tiles().batches(32)``; columns of ``obs`` that are returned come along.

        Raises:
            InputError: Tiles have different sizes, so that they make no batches.
        """
        sizes = np.unique(self._size_px)
        if len(sizes) != 1 or len({part.channels for part in self._parts}) != 1:
            raise InputError(
                "tiles-differ",
                "The tiles have different sizes or channels, so they make no batches.",
                hint="Pass tile_dim_in_units, and regions of images with the same channels.",
                where="tile_dim_in_units",
            )
        rows = np.arange(len(self), dtype=np.int64)
        columns = {}
        if self._table is not None:
            table = TableRows(table=self._table, instances=self._table.obs_names.to_numpy(), where="the object")
            columns = {name: table.read_column(name, rows) for name in self._names or () if name in self._table.obs}
        return Tiles(
            slides=tuple(Slide(name=f"{part.region}:{part.image}", image=part.layer) for part in self._parts),
            places=Places(slide_of=self._part_of.astype(np.int64), y0=self._y0, x0=self._x0, size_px=int(sizes[0])),
            rows=rows,
            instances=self.dataset_index["instance_id"].to_numpy(),
            channels=self._parts[0].channels,
            dtype=np.result_type(*(part.layer.dtype for part in self._parts)),
            columns=columns,
        )

    def _read(self, number: int) -> Pixels:
        """The pixels of a tile, channels x height x width, zeros outside of the image."""
        part = self._parts[self._part_of[number]]
        source = self._cached[self._part_of[number]]
        size, top, left = int(self._size_px[number]), int(self._y0[number]), int(self._x0[number])
        height, width = part.layer.shape_yx
        pixels: Pixels = np.zeros((part.layer.n_channels, size, size), part.layer.dtype)
        begin_y, end_y, begin_x, end_x = max(top, 0), min(top + size, height), max(left, 0), min(left + size, width)
        if begin_y < end_y and begin_x < end_x:
            inside = pixels[:, np.newaxis, begin_y - top : end_y - top, begin_x - left : end_x - left]
            for first in range(0, part.layer.n_channels, source.n_joint_channels):
                source.read_into((0, first, 0, begin_y, begin_x), inside[first : first + source.n_joint_channels])
        return pixels

    def _build_tile(self, number: int) -> Any:
        """A tile as xarray, with the coordinates and attributes of the image."""
        from xarray import DataArray

        part = self._parts[self._part_of[number]]
        pixels = self._read(number)
        size = pixels.shape[1]
        coords: dict[str, Any] = {
            "y": np.arange(size) + (self._y0[number] + 0.5),
            "x": np.arange(size) + (self._x0[number] + 0.5),
        }
        if "c" in part.axes:
            coords["c"] = part.finest.coords["c"].to_numpy()
        order = [{"c": 0, "y": 1, "x": 2}[axis] for axis in part.axes]
        data = pixels.transpose(order) if "c" in part.axes else pixels[0]
        return DataArray(
            data, dims=tuple(part.axes), coords=coords, attrs=dict(part.finest.attrs), name=part.finest.name
        )

    def _build_sdata(self, number: int, tile: Any) -> SpatialData:
        """A SpatialData object of the tile, and of its row where there is a table."""
        import dask.array
        from spatialdata import SpatialData
        from spatialdata.models import TableModel

        chunked: Any = dask.array

        part = self._parts[self._part_of[number]]
        image = tile.copy(data=chunked.from_array(tile.data, tile.shape))
        tables = {}
        if self._table is not None and self._table_name is not None:
            row = self._table[number].copy()
            row.uns.pop(TableModel.ATTRS_KEY, None)  # it would say that regions are here that are not
            tables[self._table_name] = row
        return SpatialData(images={part.image: image}, tables=tables)

    def _join_table(self, name: str) -> AnnData:
        """The rows of all tiles, in their order."""
        from spatialdata.models import get_table_keys

        if name not in self.sdata.tables:
            raise NotFoundError("table-missing", f"The SpatialData object has no table {name!r}.", where=name)
        table = self.sdata.tables[name]
        _, region_key, instance_key = get_table_keys(table)
        picked = []
        for part in self._parts:
            own = np.flatnonzero((table.obs[region_key] == part.region).to_numpy())
            rows = TableRows(table=table[own], instances=table.obs[instance_key].to_numpy()[own], where=part.region)
            kept, found = rows.match(Cells(instances=part.instances, centre_xy=part.centre_xy))
            if len(kept) < len(part.instances):
                missing = len(part.instances) - len(kept)
                raise InputError(
                    "regions-not-annotated",
                    f"{missing:,} of {part.region!r} have no row in the table {name!r}.",
                    hint="Remove them from the element, or leave out table_name.",
                    where=part.region,
                )
            picked.append(own[found])
        joined: AnnData = table[np.concatenate(picked)].copy()
        return joined

    def _read_values(self, names: Iterable[str]) -> Any:
        """What is returned of each tile, tiles x names."""
        if self._table is None:
            raise InputError("table-missing", "return_annotations needs table_name.", where="table_name")
        wanted = list(names)
        if all(name in self._table.obs for name in wanted):
            obs: Any = self._table.obs
            return obs[wanted].to_numpy()
        if all(name in self._table.var_names for name in wanted):
            values: Any = self._table[:, wanted].X
            return values.toarray() if hasattr(values, "toarray") else np.asarray(values)
        raise NotFoundError(
            "column-missing",
            f"{', '.join(wanted)} are neither all columns of obs nor all variables of the table.",
            where="return_annotations",
        )
