"""Image: a multiscale image with its display settings, the same record for every version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.ngff.axes import TCZYX, Axis, build_axes, parse_axes
from vitrina.ngff.json_value import get_list, get_object, get_text, malformed
from vitrina.ngff.level_transform import (
    LevelTransform,
    build_level_transform,
    build_unit,
    parse_level_transform,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.ngff.json_value import JsonObject
    from vitrina.ngff.omero import Omero


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One resolution level.

    Attributes:
        path: Path of the array below the image's group.
        transform: Where its pixels lie, the transforms of the whole image included; None when the metadata is silent.
    """

    path: str
    transform: LevelTransform | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A multiscale image.

    Attributes:
        name: As the metadata says it, or None.
        axes: In the order of the arrays' dimensions.
        datasets: Resolution levels, finest first.
        omero: Display settings, or None.
        is_labels: Whether the group declares itself a label image.
        n_multiscales: How many multiscale images the group lists; this is the first of them.
        downsampling: Type of the method that made the coarser levels, such as ``mean``; None when unknown.
        metadata: More about that method, as JSON; None when nothing is known.
        named_transforms: Transforms between named coordinate systems that are not part of ``datasets``, as JSON.
    """

    name: str | None
    axes: tuple[Axis, ...]
    datasets: tuple[Dataset, ...]
    omero: Omero | None = None
    is_labels: bool = False
    n_multiscales: int = 1
    downsampling: str | None = None
    metadata: Mapping[str, Any] | None = None
    named_transforms: tuple[Mapping[str, Any], ...] = ()


def get_multiscale(attrs: JsonObject, pointer: str) -> JsonObject:
    """The first entry of ``multiscales``.

    Raises:
        DataError: There is none.
    """
    multiscales = get_list(attrs.get("multiscales"), f"{pointer}/multiscales")
    if not multiscales:
        raise malformed(f"{pointer}/multiscales", multiscales, "at least one multiscale image")
    return get_object(multiscales[0], f"{pointer}/multiscales/0")


def parse_multiscale_image(attrs: JsonObject, omero: Omero | None, pointer: str) -> Image:
    """The image of 0.4 and 0.5, which differ only in where their keys lie.

    Args:
        attrs: The object that holds ``multiscales``.
        omero: Display settings, parsed already.
        pointer: Where ``attrs`` lies.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.4/#multiscale-md, https://ngff.openmicroscopy.org/0.5/#multiscale-md
    """
    multiscale = get_multiscale(attrs, pointer)
    where = f"{pointer}/multiscales/0"
    axes = _parse_axes_of_any_age(multiscale, where)
    whole, named = _split_transforms(multiscale.get("coordinateTransformations"), f"{where}/coordinateTransformations")
    after = parse_level_transform(whole, len(axes), f"{where}/coordinateTransformations")
    name = multiscale.get("name")
    return Image(
        name=name if isinstance(name, str) and name else None,
        axes=axes,
        datasets=_parse_datasets(multiscale.get("datasets"), after, f"{where}/datasets"),
        omero=omero,
        is_labels="image-label" in attrs,
        n_multiscales=len(attrs["multiscales"]),
        named_transforms=named,
    )


def build_multiscale(image: Image) -> dict[str, Any]:
    """The entry of ``multiscales``, without the version."""
    built: dict[str, Any] = {"name": image.name} if image.name else {}
    n_axes = len(image.axes)
    built["axes"] = build_axes(image.axes)
    built["datasets"] = [
        {
            "path": dataset.path,
            "coordinateTransformations": build_level_transform(dataset.transform or build_unit(n_axes)),
        }
        for dataset in image.datasets
    ]
    if image.downsampling is not None:
        built["type"] = image.downsampling
    if image.metadata is not None:
        built["metadata"] = dict(image.metadata)
    return built


def _parse_axes_of_any_age(multiscale: JsonObject, pointer: str) -> tuple[Axis, ...]:
    if "axes" not in multiscale and multiscale.get("version") in {"0.1", "0.2"}:
        return TCZYX
    return parse_axes(multiscale.get("axes"), f"{pointer}/axes")


def _split_transforms(value: object, pointer: str) -> tuple[list[Any], tuple[Mapping[str, Any], ...]]:
    """The transforms that belong to every level, and those that lead to a named coordinate system."""
    transforms = [] if value is None else get_list(value, pointer)
    named = tuple(transform for transform in transforms if isinstance(transform, dict) and "output" in transform)
    return [transform for transform in transforms if transform not in named], named


def _parse_datasets(value: object, after: LevelTransform, pointer: str) -> tuple[Dataset, ...]:
    datasets = get_list(value, pointer)
    if not datasets:
        raise malformed(pointer, datasets, "at least one resolution level")
    return tuple(_parse_dataset(dataset, after, f"{pointer}/{i}") for i, dataset in enumerate(datasets))


def _parse_dataset(value: object, after: LevelTransform, pointer: str) -> Dataset:
    dataset = get_object(value, pointer)
    path = get_text(dataset.get("path"), f"{pointer}/path")
    transforms = dataset.get("coordinateTransformations")
    if transforms is None:
        return Dataset(path=path, transform=None)
    own = parse_level_transform(transforms, len(after.scale), f"{pointer}/coordinateTransformations")
    return Dataset(path=path, transform=own.then(after))
