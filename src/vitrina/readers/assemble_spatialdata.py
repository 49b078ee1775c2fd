"""SpatialData made of the elements of any described dataset: what readers of bundles give as their object.

A reader of a bundle needs no code of its own for it; it imports this module inside its methods, since this module
asks the registry for readers:

    def read_object(self, source):
        return assemble_spatialdata(source, self.read_content(source))

    def open_object(self, source):
        return assemble_spatialdata(source, self.read_content(source), is_lazy=True)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.errors import UnsupportedError
from vitrina.model.content import ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
from vitrina.readers.elements import iterate_points, read_shapes, read_table
from vitrina.readers.lazy_pixels import open_lazy_level
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.spatialdata_link import link_table
from vitrina.readers.spatialdata_memory import read_into_memory
from vitrina.readers.spatialdata_names import choose_names
from vitrina.readers.spatialdata_placement import find_placements
from vitrina.readers.spatialdata_shapes import settle_shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spatialdata import SpatialData

    from vitrina.model.content import Content, Placement
    from vitrina.readers.source import Source

POINT_AXES = ("x", "y", "z")


def assemble_spatialdata(source: Source, content: Content, *, is_lazy: bool = False) -> SpatialData:
    """All elements of a dataset as SpatialData.

    Names are made such as SpatialData allows; of several time points there is the first. Empty shapes are left out.

    Args:
        source: The dataset.
        content: What its reader found.
        is_lazy: Whether pixels stay in the source until they are used; everything else is in memory at once.

    Raises:
        UnreadableError: The dataset is damaged.
        UnsupportedError: Elements of its format cannot be read one by one, or it has none.
    """
    import spatialdata

    if not content.elements:
        raise UnsupportedError(
            "elements-missing", f"{source.path} holds no images, shapes, points or tables.", where=str(source.path)
        )
    names, _ = choose_names(content.elements)
    made: dict[str, dict[str, Any]] = {kind: {} for kind in ("image", "labels", "points", "shapes", "table")}
    own_names: dict[str, str] = {}
    with without_format_warnings():
        for element, name in zip(content.elements, names, strict=True):
            if isinstance(element, TableElement):
                continue
            built = _build(source, content, element)
            if built is not None:
                made[element.kind][name] = built
                own_names.setdefault(element.name, name)
        for element, name in zip(content.elements, names, strict=True):
            if isinstance(element, TableElement):
                made["table"][name] = _build_table(source, content, element, own_names)
        attrs = {"vitrina": {"simulated": True}} if content.is_simulated else {}
        assembled = spatialdata.SpatialData(
            images=made["image"],
            labels=made["labels"],
            points=made["points"],
            shapes=made["shapes"],
            tables=made["table"],
            attrs=attrs,
        )
        return assembled if is_lazy else read_into_memory(assembled)


def build_transformations(placements: tuple[Placement, ...]) -> dict[str, Any]:
    """SpatialData's transformation into each coordinate system, in the simplest form that says it."""
    return {placement.coordinate_system: _build_transformation(placement) for placement in placements}


def _build_transformation(placement: Placement) -> Any:
    from spatialdata.transformations import Affine, Identity, Scale

    a, b, c, d, e, f = placement.affine_xy
    z, offset_z = placement.scale_z, placement.offset_z
    if not any((b, c, d, f, offset_z)):
        if (a, e, z) == (1, 1, 1):
            return Identity()
        return Scale([a, e], axes=("x", "y")) if z == 1 else Scale([a, e, z], axes=POINT_AXES)
    if (z, offset_z) == (1, 0):
        return Affine([[a, b, c], [d, e, f], [0, 0, 1]], input_axes=("x", "y"), output_axes=("x", "y"))
    matrix = [[a, b, 0, c], [d, e, 0, f], [0, 0, z, offset_z], [0, 0, 0, 1]]
    return Affine(matrix, input_axes=POINT_AXES, output_axes=POINT_AXES)


def _build(source: Source, content: Content, element: object) -> Any:
    match element:
        case ImageElement() | LabelsElement():
            return _build_raster(source, content, element)
        case PointsElement():
            return _build_points(source, content, element)
        case ShapesElement():
            return _build_shapes(source, content, element)
    return None


def _build_raster(source: Source, content: Content, element: ImageElement | LabelsElement) -> Any:
    """One array, or a tree of levels whose coordinates are the centres of their pixels in pixels of the finest."""
    import numpy as np
    from spatialdata.transformations import set_transformation
    from xarray import DataArray, Dataset, DataTree

    opened = [open_lazy_level(source, content, element, level) for level in range(len(element.levels))]
    dims, finest = opened[0]
    names = [channel.name for channel in element.channels] if isinstance(element, ImageElement) else []
    coords: dict[str, Any] = {"c": names} if "c" in dims and len(set(names)) == finest.shape[0] else {}
    if "c" in dims and not coords:
        coords = {"c": list(range(finest.shape[0]))}
    levels = []
    for _, array in opened:
        sizes = zip(dims, finest.shape, array.shape, strict=True)
        centres = {dim: (np.arange(n) + 0.5) * (whole / n) for dim, whole, n in sizes if dim != "c"}
        levels.append(DataArray(array, dims=dims, coords=coords | centres, name="image"))
    built: Any = levels[0]
    transformations = build_transformations(find_placements(element))
    levels[0].attrs["transform"] = dict(transformations)
    if len(levels) > 1:
        built = DataTree.from_dict({f"scale{i}": Dataset({"image": level}) for i, level in enumerate(levels)})
        for name, transformation in transformations.items():
            set_transformation(built, transformation, name)
    _get_raster_model(dims)().validate(built)
    return built


def _get_raster_model(dims: tuple[str, ...]) -> Any:
    from spatialdata.models import Image2DModel, Image3DModel, Labels2DModel, Labels3DModel

    if "c" in dims:
        return Image3DModel if "z" in dims else Image2DModel
    return Labels3DModel if "z" in dims else Labels2DModel


def _build_points(source: Source, content: Content, element: PointsElement) -> Any:
    import pyarrow as pa
    from spatialdata.models import PointsModel

    batches = list(iterate_points(source, content, element))
    if not batches:
        return None
    frame = pa.Table.from_batches(batches).unify_dictionaries().to_pandas()
    axes = dict(zip(element.axes, POINT_AXES, strict=False))
    frame = frame.rename(columns=axes)
    parse: Any = PointsModel.parse
    return parse(
        frame,
        coordinates={axis: axis for axis in axes.values()},
        feature_key=element.feature_key,
        instance_key=element.instance_key,
        transformations=build_transformations(find_placements(element)),
        npartitions=1,
    )


def _build_shapes(source: Source, content: Content, element: ShapesElement) -> Any:
    from spatialdata.models import ShapesModel

    shapes, _ = settle_shapes(read_shapes(source, content, element), element)
    if shapes.empty:
        return None
    shapes = shapes.copy()
    shapes.attrs.pop("transform", None)
    return ShapesModel.parse(shapes, transformations=build_transformations(find_placements(element)))


def _build_table(source: Source, content: Content, element: TableElement, names: Mapping[str, str]) -> Any:
    from spatialdata.models import TableModel

    table = read_table(source, content, element)
    table = table.to_memory() if table.isbacked else table
    table, _ = link_table(table, element, names)
    TableModel().validate(table)
    return table
