"""Rules for the metadata of OME-Zarr images, also inside SpatialData."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.viewer.codes import HEALED, build_finding
from vitrina.ngff.detect import find_kind, find_version, get_block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.model.finding import Finding

    type Json = Mapping[str, Any]

_READ = ("0.1", "0.2", "0.3", "0.4", "0.5")
"""The first digits of the versions that the shipped viewer drew in the trials."""


def check_omero(attrs: Json, element: ImageElement) -> Iterator[Finding]:
    """Whether the display settings that the viewer insists on are there; the gateway fills them in.

    Args:
        attrs: Of the image's group.
        element: What the reader made of it.
    """
    block = get_block(attrs)
    pointer = f"{element.path}#/{'omero' if block is attrs else 'ome/omero'}"
    omero = block.get("omero")
    if not isinstance(omero, Mapping):
        yield build_finding(
            "ngff-omero-missing",
            pointer,
            f"The image {element.name!r} has no omero block, without which the viewer does not open OME-Zarr. {HEALED}",
        )
        return
    channels = omero.get("channels")
    lacking = _find_lacking(channels, len(element.channels))
    if lacking:
        yield build_finding(
            "ngff-omero-channels",
            f"{pointer}/channels",
            f"The omero block of the image {element.name!r} {lacking}. {HEALED}",
        )
    if not isinstance(omero.get("rdefs"), Mapping):
        yield build_finding(
            "ngff-omero-rdefs",
            f"{pointer}/rdefs",
            f"The omero block of the image {element.name!r} has no rdefs, so nothing says which plane and which model "
            f"to begin with. {HEALED}",
        )


def _find_lacking(channels: object, n_channels: int) -> str | None:
    """What is wrong with ``channels``, None when all is well."""
    if not isinstance(channels, list):
        return "has no list of channels"
    if len(channels) != n_channels:
        return f"describes {len(channels)} channels, and the image has {n_channels}"
    objects = [channel if isinstance(channel, Mapping) else {} for channel in channels]
    lacking = [name for name in ("label", "color", "window") if any(name not in channel for channel in objects)]
    return f"lacks {', '.join(lacking)} of channels" if lacking else None


def check_rgb_model(attrs: Json, element: ImageElement) -> Iterator[Finding]:
    """Whether the rendering model says what the pixels are: ``color`` makes one colour image of three channels."""
    block = get_block(attrs)
    omero = block.get("omero")
    rdefs = omero.get("rdefs") if isinstance(omero, Mapping) else None
    model = rdefs.get("model") if isinstance(rdefs, Mapping) else None
    pointer = f"{element.path}#/{'omero' if block is attrs else 'ome/omero'}/rdefs/model"
    said = None
    if element.is_rgb and model is not None and model != "color":
        said = f"The colour image {element.name!r} says that its model is {model!r}, and viewers then add channels up."
    elif not element.is_rgb and model == "color" and (len(element.channels) != 3 or element.dtype != "uint8"):
        said = (
            f"The image {element.name!r} of {len(element.channels)} channels of {element.dtype} says that its model is "
            "'color', which the viewer takes for red, green and blue."
        )
    if said is not None:
        shown = "Vitrina tells the viewer what the pixels are, so it is shown right."
        yield build_finding("ngff-rgb-model", pointer, f"{said} {shown}", fix=_model_fix(element))


def _model_fix(element: ImageElement) -> str:
    return f"Set omero.rdefs.model to {'color' if element.is_rgb else 'greyscale'!r}."


def check_version(attrs: Json) -> Iterator[Finding]:
    """Whether the viewer knows the version of OME-Zarr."""
    version = find_version(attrs)
    if version is None or version.startswith(_READ):
        return
    yield build_finding(
        "ngff-version-unsupported-by-viewer",
        "#/multiscales/0/version" if get_block(attrs) is attrs else "#/ome/version",
        f"The image is OME-Zarr {version}; the viewer reads 0.1 to 0.5. {HEALED}",
        fix=_VERSION_FIX,
    )


_VERSION_FIX = "Convert it with `vitrina convert --format ome-zarr`, which writes 0.4 or 0.5."


def check_collections(attrs: Json, labels: tuple[LabelsElement, ...]) -> Iterator[Finding]:
    """Plates, wells and label images: the viewer opens one image, so each must be named by its own address."""
    kind = find_kind(attrs)
    if kind in {"plate", "well"}:
        shown = "all fields of view as one image" if kind == "plate" else "the first field of view all the same"
        yield build_finding(
            "ngff-labels-hcs-unsupported",
            f"#/{kind}",
            f"The viewer opens no {kind}, only the images inside it. Vitrina shows {shown}, through its gateway.",
        )
    elif labels:
        names = ", ".join(element.name for element in labels[:4])
        yield build_finding(
            "ngff-labels-hcs-unsupported",
            "labels#",
            f"The viewer does not find the label images of an image by itself ({names}). Vitrina shows the first of "
            "them all the same, through its gateway.",
        )


def check_transforms(attrs: Json, n_axes: int, path: str = "") -> Iterator[Finding]:
    """Whether scales and translations have one number per dimension of the array.

    Source: https://ngff.openmicroscopy.org/0.4/#trafo-md
    """
    multiscales = get_block(attrs).get("multiscales")
    multiscale = multiscales[0] if isinstance(multiscales, list) and multiscales else None
    if not isinstance(multiscale, Mapping):
        return
    datasets = [one for one in multiscale.get("datasets") or () if isinstance(one, Mapping)]
    listed = [multiscale.get("coordinateTransformations"), *(one.get("coordinateTransformations") for one in datasets)]
    for transforms in listed:
        for transform in transforms if isinstance(transforms, list) else ():
            yield from check_transform_length(transform, n_axes, path)


def check_transform_length(transform: object, n_axes: int, path: str = "") -> Iterator[Finding]:
    """One scale or translation; others have no length of their own."""
    if not isinstance(transform, Mapping):
        return
    for name in ("scale", "translation"):
        values = transform.get(name)
        if transform.get("type") == name and isinstance(values, list) and len(values) != n_axes:
            yield build_finding(
                "transform-length",
                f"{path}#/coordinateTransformations",
                f"A {name} of {len(values)} numbers belongs to an image of {n_axes} dimensions, so the viewer cannot "
                "place it.",
                fix=f"Give the {name} one number per dimension, in the order of the axes.",
            )
