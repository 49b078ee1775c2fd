"""The images beside a slide of Visium: pictures of two sizes, the full-resolution image, what the CytAssist saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.content import ImageElement, Placement
from vitrina.model.finding import Finding
from vitrina.readers.pixels.picture import open_picture_pixels
from vitrina.readers.tenx.bundle import describing, get_number, tell_missing
from vitrina.readers.tenx.pictures import PICTURE_SUFFIXES, describe_picture
from vitrina.readers.tenx.tiffs import describe_tiff, open_tiff_of_bundle

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.tenx.bundle import Bundle

TIFF_SUFFIXES = (".tif", ".tiff", ".btf")
GLOBAL = "global"
_PICTURES = (
    ("hires_image", "tissue_hires_image", "tissue_hires_scalef"),
    ("lowres_image", "tissue_lowres_image", "tissue_lowres_scalef"),
)
_FULL_FOLDERS = ("microscope_image", "")
_FULL_STEMS = ("tissue_image", "image", "he_image", "full_image", "fullres_image")

type Images = tuple[tuple[ImageElement, ...], tuple[Finding, ...]]


def describe_slide_images(
    bundle: Bundle, folders: tuple[str, ...], factors: dict[str, Any], pixel_size_um: float | None
) -> Images:
    """The full-resolution image where it is there, then the smaller pictures.

    Args:
        bundle: The output folder.
        folders: Where the pictures may lie, in the order of preference.
        factors: ``scalefactors_json.json``.
        pixel_size_um: Of the full-resolution image, None when unknown.
    """
    elements: list[ImageElement] = []
    findings: list[Finding] = []
    full = find_full_image(bundle)
    if full is not None:
        with describing(bundle.name(full), findings):
            element, found = _describe(bundle, full, "full_image", 1.0, pixel_size_um)
            elements.append(element)
            findings += found
    for name, stem, key in _PICTURES:
        names = [f"{folder}/{stem}{suffix}" for folder in folders for suffix in PICTURE_SUFFIXES]
        path, factor = bundle.find(*names), get_number(factors, key)
        if path is None:
            findings.append(tell_missing(names[0], "the tissue is not shown at that size"))
            continue
        if factor is None:
            findings.append(_unplaced(bundle.name(path), f"scalefactors_json.json has no {key}"))
        with describing(bundle.name(path), findings):
            element, found = _describe(bundle, path, name, factor, pixel_size_um)
            elements.append(element)
            findings += found
    cytassist = bundle.find(*(f"{folder}/cytassist_image{suffix}" for folder in folders for suffix in TIFF_SUFFIXES))
    if cytassist is not None:
        with describing(bundle.name(cytassist), findings):
            element, found = _describe(bundle, cytassist, "cytassist_image", None, None)
            elements.append(element)
            findings += found
        reason = (
            "it is turned and tilted against the other images, which only feature_slice.h5 or Loupe Browser describe"
        )
        findings.append(_unplaced(bundle.name(cytassist), reason))
    return tuple(elements), tuple(findings)


def open_slide_pixels(bundle: Bundle, element: ImageElement, level: int) -> PixelSource:
    """The pixels of one of these images."""
    path = bundle.get(element.path)
    if path.suffix.lower() in TIFF_SUFFIXES:
        return open_tiff_of_bundle(path, element, level)
    return open_picture_pixels(path)


def find_full_image(bundle: Bundle) -> Path | None:
    """The image that the sample was sequenced beside, if somebody put it there under a usual name."""
    for folder in _FULL_FOLDERS:
        prefix = f"{folder}/" if folder else ""
        found = bundle.find(*(f"{prefix}{stem}{suffix}" for stem in _FULL_STEMS for suffix in TIFF_SUFFIXES))
        if found is not None:
            return found
    beside = bundle.root / _FULL_FOLDERS[0]
    if not beside.is_dir():
        return None
    files = sorted(path for path in beside.iterdir() if path.suffix.lower() in (*TIFF_SUFFIXES, *PICTURE_SUFFIXES))
    return next((path for path in files if path.is_file() and bundle.is_inside(path)), None)


def _describe(
    bundle: Bundle, path: Path, name: str, factor: float | None, pixel_size_um: float | None
) -> tuple[ImageElement, tuple[Finding, ...]]:
    key, size = bundle.name(path), None if factor is None or pixel_size_um is None else pixel_size_um / factor
    if factor is None:
        placement = Placement(coordinate_system=name)  # of its own, so that it does not cover what it does not show
    else:
        scale = (pixel_size_um or 1.0) / factor
        placement = Placement(coordinate_system=GLOBAL, affine_xy=(scale, 0.0, 0.0, 0.0, scale, 0.0))
    placements = (placement,)
    if path.suffix.lower() in TIFF_SUFFIXES:
        return describe_tiff(path, name=name, element_path=key, pixel_size_um=size, placements=placements)
    return describe_picture(path, name=name, element_path=key, pixel_size_um=size, placements=placements)


def _unplaced(key: str, reason: str) -> Finding:
    return Finding(
        code="image-not-placed",
        severity="warning",
        path=f"{key}#",
        message=f"{key} is shown apart from the spots: {reason}.",
    )
