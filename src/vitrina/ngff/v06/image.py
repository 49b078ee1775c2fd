"""Images of 0.6: axes lie in named coordinate systems, levels map to one of them by any transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.ngff.affine import parse_affine
from vitrina.ngff.axes import Axis, parse_axes
from vitrina.ngff.image import Dataset, Image, get_multiscale
from vitrina.ngff.json_value import get_list, get_object, get_text, malformed
from vitrina.ngff.level_transform import LevelTransform, has_positive_scale
from vitrina.ngff.omero import parse_omero

if TYPE_CHECKING:
    from vitrina.ngff.affine import Affine
    from vitrina.ngff.json_value import JsonObject


def parse_image(attrs: JsonObject) -> Image:
    """The image that a group's attributes describe, as far as scales and translations can tell it.

    Raises:
        DataError: The metadata is malformed, or a level is rotated or sheared against its axes.

    Source: https://ngff.openmicroscopy.org/rfc/5/index.html
    """
    ome = get_object(attrs.get("ome"), "/ome")
    multiscale = get_multiscale(ome, "/ome")
    where = "/ome/multiscales/0"
    datasets = get_list(multiscale.get("datasets"), f"{where}/datasets")
    if not datasets:
        raise malformed(f"{where}/datasets", datasets, "at least one resolution level")
    axes = _parse_intrinsic_axes(multiscale, datasets, where)
    name = multiscale.get("name")
    named = multiscale.get("coordinateTransformations")
    return Image(
        name=name if isinstance(name, str) and name else None,
        axes=axes,
        datasets=tuple(_parse_dataset(dataset, axes, f"{where}/datasets/{i}") for i, dataset in enumerate(datasets)),
        omero=parse_omero(ome.get("omero")),
        is_labels="image-label" in ome,
        n_multiscales=len(ome["multiscales"]),
        named_transforms=tuple(part for part in named if isinstance(part, dict)) if isinstance(named, list) else (),
    )


def _parse_intrinsic_axes(multiscale: JsonObject, datasets: list[Any], pointer: str) -> tuple[Axis, ...]:
    """The axes of the coordinate system that the finest level maps to; where it is not named, the first one."""
    systems = get_list(multiscale.get("coordinateSystems"), f"{pointer}/coordinateSystems")
    if not systems:
        raise malformed(f"{pointer}/coordinateSystems", systems, "at least one coordinate system")
    transforms = get_object(datasets[0], f"{pointer}/datasets/0").get("coordinateTransformations")
    wanted = _find_output_name(transforms)
    for i, system in enumerate(systems):
        system_object = get_object(system, f"{pointer}/coordinateSystems/{i}")
        if wanted is None or system_object.get("name") == wanted:
            return parse_axes(system_object.get("axes"), f"{pointer}/coordinateSystems/{i}/axes")
    raise malformed(f"{pointer}/coordinateSystems", systems, f"a coordinate system with the name {wanted!r}")


def _find_output_name(transforms: object) -> str | None:
    if not isinstance(transforms, list) or not transforms or not isinstance(transforms[0], dict):
        return None
    output = transforms[0].get("output")
    name = output.get("name") if isinstance(output, dict) else output
    return name if isinstance(name, str) else None


def _parse_dataset(value: object, axes: tuple[Axis, ...], pointer: str) -> Dataset:
    dataset = get_object(value, pointer)
    path = get_text(dataset.get("path"), f"{pointer}/path")
    where = f"{pointer}/coordinateTransformations"
    transforms = get_list(dataset.get("coordinateTransformations"), where)
    if not transforms:
        return Dataset(path=path, transform=None)
    names = [axis.name for axis in axes]
    return Dataset(path=path, transform=_build_level(parse_affine(transforms[0], names, f"{where}/0"), names, where))


def _build_level(affine: Affine, names: list[str], pointer: str) -> LevelTransform:
    mixed = [(out, in_) for out in names for in_ in names if out != in_ and affine.get_factor(out, in_)]
    scale = tuple(affine.get_factor(name, name) for name in names)
    if mixed or not has_positive_scale(scale):
        raise malformed(
            pointer, affine.rows, "a scale above zero per axis and a translation: nothing else can be drawn"
        )
    return LevelTransform(scale=scale, translation=tuple(affine.get_offset(name) for name in names))
