"""Image and label elements from OME-Zarr metadata; OME-Zarr and SpatialData describe their rasters alike."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, cast, get_args

from vitrina.errors import UnreadableError
from vitrina.model.content import Axis, AxisType, Channel, ImageElement, LabelsElement, Level
from vitrina.model.finding import Finding
from vitrina.ngff.axes import SPACE_UNITS, TIME_UNITS
from vitrina.ngff.level_transform import LevelTransform
from vitrina.readers.contrast import choose_window, measure_windows, read_sample
from vitrina.readers.label_guess import guess_labels
from vitrina.readers.plane import PlaneReader, find_channel_axis
from vitrina.readers.rgb_guess import guess_is_rgb

if TYPE_CHECKING:
    from vitrina.ngff.image import Image
    from vitrina.ngff.omero import OmeroChannel
    from vitrina.readers.zarr_tree import ArrayInfo, ZarrTree


@dataclass(frozen=True, slots=True, kw_only=True)
class NgffElement:
    """An element and what was odd about it."""

    element: ImageElement | LabelsElement
    findings: tuple[Finding, ...]


def read_ngff_element(
    zarr_tree: ZarrTree, path: str, image: Image, name: str, *, may_guess: bool = True
) -> NgffElement:
    """Describe the image whose group lies at ``path``, with contrast windows measured on its coarsest level.

    Args:
        zarr_tree: The hierarchy.
        path: Path of the image's group.
        image: Its parsed metadata.
        name: Name of the element.
        may_guess: Whether an image that looks like labels is taken for labels.

    Raises:
        UnreadableError: An array is missing or does not fit the metadata.
    """
    labels = _read_raster(zarr_tree, path, image, name)
    findings = [*_check_axes(image, path), *_check_transforms(image, path)]
    if image.is_labels:
        return NgffElement(element=labels, findings=tuple(findings))
    coarsest = labels.levels[-1]
    plane = PlaneReader(array=zarr_tree.open_array(coarsest.path), shape=coarsest.shape, axes=labels.axes)
    guessed = guess_labels(plane, labels.dtype, path) if may_guess and image.omero is None else None
    if guessed is not None:
        return NgffElement(element=labels, findings=(*findings, guessed))
    element, more = _build_image(labels, image, plane)
    return NgffElement(element=element, findings=(*findings, *more))


def outline_ngff_element(zarr_tree: ZarrTree, path: str, image: Image, name: str) -> ImageElement:
    """Describe the image whose group lies at ``path`` by its metadata alone: no pixel is read.

    Args:
        zarr_tree: The hierarchy.
        path: Path of the image's group.
        image: Its parsed metadata.
        name: Name of the element.

    Raises:
        UnreadableError: An array is missing or does not fit the metadata.
    """
    raster = _read_raster(zarr_tree, path, image, name)
    axis = find_channel_axis(raster.axes)
    n_channels = 1 if axis is None else raster.levels[0].shape[axis]
    declared = image.omero.channels[:n_channels] if image.omero is not None else ()
    own = [*declared, *[None] * (n_channels - len(declared))]
    channels = tuple(_build_channel(i, channel, None, raster.dtype) for i, channel in enumerate(own))
    return ImageElement(
        name=name, path=path, axes=raster.axes, dtype=raster.dtype, levels=raster.levels, channels=channels
    )


def _read_raster(zarr_tree: ZarrTree, path: str, image: Image, name: str) -> LabelsElement:
    """The image without channels."""
    arrays = [zarr_tree.get_array(_join(path, dataset.path)) for dataset in image.datasets]
    _check_arrays(image, arrays, path, zarr_tree)
    axes = tuple(_build_axis(axis.name, axis.type, axis.unit) for axis in image.axes)
    levels = tuple(
        Level(
            path=_join(path, dataset.path),
            shape=info.shape,
            chunk_shape=info.chunk_shape,
            scale=transform.scale,
            translation=transform.translation,
        )
        for dataset, info, transform in zip(image.datasets, arrays, _complete(image, arrays), strict=True)
    )
    return LabelsElement(name=name, path=path, axes=axes, dtype=arrays[0].dtype, levels=levels)


def _build_image(raster: LabelsElement, image: Image, plane: PlaneReader) -> tuple[ImageElement, list[Finding]]:
    declared = image.omero.channels if image.omero is not None else ()
    sample = read_sample(plane) if 0 not in plane.shape else None
    is_rgb, is_guess = guess_is_rgb(raster.dtype, plane.n_channels, declared, sample)
    measured = measure_windows(sample) if sample is not None and not is_rgb else []
    pairs = list(zip_longest(declared, measured))[: plane.n_channels]
    pairs += [(None, None)] * (plane.n_channels - len(pairs))
    channels = tuple(_build_channel(i, own, window, raster.dtype) for i, (own, window) in enumerate(pairs))
    if is_rgb:
        channels = tuple(Channel(name=channel.name, color_rgb=channel.color_rgb) for channel in channels)
    findings = []
    if is_guess:
        findings.append(_rgb_guessed(raster.path))
    if declared and len(declared) != plane.n_channels:
        findings.append(_channel_count(raster.path, len(declared), plane.n_channels))
    element = ImageElement(
        name=raster.name,
        path=raster.path,
        axes=raster.axes,
        dtype=raster.dtype,
        levels=raster.levels,
        channels=channels,
        is_rgb=is_rgb,
    )
    return element, findings


def _build_channel(
    index: int, declared: OmeroChannel | None, measured: tuple[float, float] | None, dtype: str
) -> Channel:
    window = None
    if declared is not None and declared.window is not None:
        is_whole = (declared.window.start, declared.window.end) == (declared.window.min, declared.window.max)
        window = None if is_whole and measured is not None else (declared.window.start, declared.window.end)
    return Channel(
        name=(declared.label if declared is not None else None) or f"Channel {index}",
        color_rgb=declared.color_rgb if declared is not None else None,
        window=choose_window(window, measured, dtype),
    )


def _check_arrays(image: Image, arrays: list[ArrayInfo], path: str, zarr_tree: ZarrTree) -> None:
    where = f"{zarr_tree.source.path}, group {path!r}" if path else str(zarr_tree.source.path)
    if len(image.axes) < 2:
        raise UnreadableError("axes-mismatch", f"The image in {where} has fewer than two axes.", where=where)
    for dataset, info in zip(image.datasets, arrays, strict=True):
        if len(info.shape) != len(image.axes):
            axes = ", ".join(axis.name for axis in image.axes)
            raise UnreadableError(
                "axes-mismatch",
                f"The metadata of {where} names the axes {axes}, but the array {dataset.path!r} has "
                f"{len(info.shape)} dimensions.",
                where=where,
            )


def _complete(image: Image, arrays: list[ArrayInfo]) -> list[LevelTransform]:
    """The transform of each level; where the metadata is silent, pixels of a coarser level are as large as they fit."""
    finest = arrays[0].shape
    return [
        dataset.transform
        or LevelTransform(
            scale=tuple(full / size if size else 1.0 for full, size in zip(finest, info.shape, strict=True)),
            translation=tuple(
                (full / size - 1) / 2 if size else 0.0 for full, size in zip(finest, info.shape, strict=True)
            ),
        )
        for dataset, info in zip(image.datasets, arrays, strict=True)
    ]


def _build_axis(name: str, type_: str | None, unit: str | None) -> Axis:
    known_type = cast("AxisType", type_) if type_ in get_args(AxisType.__value__) else None
    return Axis(name=name, type=known_type, unit=unit if unit in SPACE_UNITS | TIME_UNITS else None)


def _check_axes(image: Image, path: str) -> list[Finding]:
    known = SPACE_UNITS | TIME_UNITS
    findings = [
        Finding(
            code="unit-unknown",
            severity="info" if unit in {"pixel", "unit"} else "warning",
            path=f"{path}#/multiscales/0/axes",
            message=f"The axes have the unit {unit!r}, which is no physical unit, so sizes are given in pixels.",
            fix="Store the pixel size with a unit such as micrometer.",
        )
        for unit in sorted({axis.unit for axis in image.axes if axis.unit and axis.unit not in known})
    ]
    if image.n_multiscales > 1:
        findings.append(
            Finding(
                code="multiscales-several",
                severity="info",
                path=f"{path}#/multiscales",
                message=f"The group lists {image.n_multiscales} multiscale images; only the first is shown.",
            )
        )
    return findings


def _check_transforms(image: Image, path: str) -> list[Finding]:
    if all(dataset.transform is not None for dataset in image.datasets):
        return []
    return [
        Finding(
            code="transform-missing",
            severity="warning",
            path=f"{path}#/multiscales/0/datasets",
            message="The metadata does not say how large the pixels are, so sizes are given in pixels.",
            fix="Add a scale to coordinateTransformations of each dataset.",
        )
    ]


def _rgb_guessed(path: str) -> Finding:
    return Finding(
        code="rgb-guessed",
        severity="info",
        path=f"{path}#",
        message="The image has three unnamed 8-bit channels on a bright background, so it is taken for a colour image.",
        fix="Name the channels r, g and b.",
    )


def _channel_count(path: str, declared: int, n_channels: int) -> Finding:
    return Finding(
        code="channel-count",
        severity="warning",
        path=f"{path}#/omero/channels",
        message=f"The metadata names {declared} channels, but the image has {n_channels}.",
    )


def _join(*parts: Any) -> str:
    return "/".join(part for part in parts if part)
