"""Rules for TIFF: the viewer reads OME-TIFF itself, and Vitrina serves every TIFF as OME-Zarr instead."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from vitrina.checks.viewer.codes import HEALED, build_finding
from vitrina.checks.viewer.limits import MAX_GATEWAY_FLAT_PIXELS, MIN_OFFSETS, TIFF_COMPRESSIONS
from vitrina.checks.viewer.tiff_names import COMPRESSION_NAMES, PHOTOMETRIC_NAMES
from vitrina.model.content import ImageElement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.viewer.tiff_facts import TiffFacts
    from vitrina.model.content import LabelsElement
    from vitrina.model.finding import Finding

    type Raster = ImageElement | LabelsElement

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2


def check_structure(facts: TiffFacts, rasters: tuple[Raster, ...]) -> Iterator[Finding]:
    """Whether it is OME-TIFF, and has its lower resolutions where the viewer looks for them."""
    if not facts.is_ome:
        yield build_finding(
            "tiff-not-ome", "#", f"The file has no OME-XML, without which the viewer opens no TIFF. {HEALED}"
        )
    sizes = [_get_plane(raster) for raster in rasters]
    is_own = len(sizes) > 1 and any(
        (height // 2, width // 2) == other or (-(-height // 2), -(-width // 2)) == other
        for (height, width), other in pairwise(sizes)
    )
    if is_own and facts.n_subifds == 0:
        yield build_finding(
            "tiff-no-subifds",
            "#",
            f"The file holds {len(sizes)} images, each half as large as the one before: a pyramid written as images of "
            f"their own, of which the viewer shows the first alone. {HEALED}",
            fix="Convert it with `vitrina convert --format ome-tiff`, which writes lower resolutions as SubIFDs.",
        )


def check_size(raster: Raster) -> Iterator[Finding]:
    """Whether the gateway can make lower resolutions up."""
    height, width = _get_plane(raster)
    if len(raster.levels) == 1 and height * width > MAX_GATEWAY_FLAT_PIXELS:
        yield build_finding(
            "image-not-pyramidal",
            raster.path,
            f"The image {raster.name!r} has {height:,} x {width:,} pixels and no lower resolutions; neither the viewer "
            f"nor the gateway, which reads up to {MAX_GATEWAY_FLAT_PIXELS:,} pixels, can show it.",
            fix="Convert it with `vitrina convert`, which writes lower resolutions.",
            severity="error",
        )


def check_offsets(facts: TiffFacts) -> Iterator[Finding]:
    """Whether ``offsets.json`` lies beside a file of many planes, and belongs to it."""
    if facts.stated_offsets is None:
        if facts.is_ome and len(facts.directory_offsets) >= MIN_OFFSETS:
            yield build_finding(
                "tiff-offsets-missing",
                "#",
                f"The file has {len(facts.directory_offsets)} planes and no offsets.json beside it, so the viewer "
                "walks from plane to plane. Vitrina needs none: its gateway knows where they lie.",
                fix="For other servers, `vitrina convert --format ome-tiff` writes one.",
            )
    elif facts.stated_offsets != facts.directory_offsets:
        yield build_finding(
            "tiff-offsets-stale",
            "#",
            f"The offsets.json beside the file lists {len(facts.stated_offsets)} planes at places where they are not; "
            f"the file has {len(facts.directory_offsets)}. A viewer that is given it fails. Vitrina does not use it.",
            fix="Delete it, or write it again with generate-tiff-offsets.",
        )


def check_compression(facts: TiffFacts) -> Iterator[Finding]:
    """Whether the viewer can decode it."""
    if facts.compression not in TIFF_COMPRESSIONS:
        name = COMPRESSION_NAMES.get(facts.compression, f"number {facts.compression}")
        yield build_finding(
            "tiff-compression-unsupported",
            "#",
            f"The pixels are compressed with {name}, which the viewer cannot decode. {HEALED}",
        )


def check_photometric(facts: TiffFacts) -> Iterator[Finding]:
    """Whether the viewer takes the samples for what they are."""
    if facts.photometric == _WHITE_IS_ZERO:
        yield build_finding(
            "tiff-photometric",
            "#",
            "The photometric interpretation is WhiteIsZero; the viewer draws zero in black, also through Vitrina.",
            fix="Invert the pixels and write them as BlackIsZero.",
            severity="warning",
        )
        return
    name = PHOTOMETRIC_NAMES.get(facts.photometric, f"number {facts.photometric}")
    if facts.photometric not in {_BLACK_IS_ZERO, _RGB}:
        said = f"The photometric interpretation is {name}, and the viewer draws BlackIsZero and RGB."
    elif facts.is_ome and facts.n_samples > 1:
        said = (
            f"A pixel has {facts.n_samples} samples in one directory, and the viewer looks for each channel in one of "
            "its own."
        )
    else:
        return
    yield build_finding("tiff-photometric", "#", f"{said} {HEALED}")


def check_metadata(facts: TiffFacts, rasters: tuple[Raster, ...]) -> Iterator[Finding]:
    """Pixel sizes and channel names."""
    for image, raster in zip(facts.images, rasters, strict=False):
        if not {"X", "Y"} <= image.pixel_sizes.keys():
            units = ", ".join(image.unknown_units)
            gives = f"gives pixel sizes in {units}, which is no unit" if units else "gives no pixel size"
            yield build_finding(
                "tiff-physical-size-missing",
                f"{raster.path}#",
                f"OME-XML {gives} for the image {raster.name!r}, so there is no true scale bar. {HEALED}",
                fix="Set PhysicalSizeX, PhysicalSizeY and their units in OME-XML.",
            )
        nameless = [channel for channel in image.channels if channel.name is None]
        n_channels = len(raster.channels) if isinstance(raster, ImageElement) and not raster.is_rgb else 0
        if n_channels > 1 and (nameless or not image.channels):
            yield build_finding(
                "channel-names-missing",
                f"{raster.path}#",
                f"{len(nameless) or n_channels} of {n_channels} channels of {raster.name!r} have no name; they are "
                "called Channel 0, Channel 1.",
                fix="Set Name of each Channel in OME-XML.",
            )


def _get_plane(raster: Raster) -> tuple[int, int]:
    sizes = dict(zip((axis.name for axis in raster.axes), raster.levels[0].shape, strict=False))
    return sizes.get("y", 1), sizes.get("x", 1)
