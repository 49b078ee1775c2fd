"""The images of Xenium: its morphology in one file or in a file per channel, and images aligned to it afterwards.

Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-understanding-outputs;
https://kb.10xgenomics.com/hc/en-us/articles/35386990499853 (the matrix maps pixels of the image to pixels of Xenium's)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.model.content import ImageElement, Placement
from vitrina.model.finding import Finding
from vitrina.readers.tenx.bundle import describing, tell_missing
from vitrina.readers.tenx.tiffs import (
    StackedPixels,
    describe_tiff,
    join_channels,
    open_tiff_of_bundle,
    read_channel_names,
)

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.model.content import AffineXY
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.tenx.bundle import Bundle

GLOBAL = "global"
FOCUS = "morphology_focus"
STACK = "morphology"
_SINGLE = (
    (FOCUS, "morphology_focus.ome.tif"),
    ("morphology_mip", "morphology_mip.ome.tif"),
    (STACK, "morphology.ome.tif"),
)
_STAINS = ("DAPI", "ATP1A1/CD45/E-Cadherin", "18S", "AlphaSMA/Vimentin")
"""Of the multimodal segmentation kit, in the order of its files, where these do not name them."""

_ALIGNED = ("he_image.ome.tif", "if_image.ome.tif")
_TIFF = ".ome.tif"
MAX_CHANNEL_FILES = 64
MAX_ALIGNMENT_BYTES = 2**16


def describe_images(bundle: Bundle, pixel_size_um: float, findings: list[Finding]) -> list[ImageElement]:
    """The images, those of the morphology first; what is damaged is left out and told."""
    placements = (Placement(coordinate_system=GLOBAL, affine_xy=(pixel_size_um, 0.0, 0.0, 0.0, pixel_size_um, 0.0)),)
    elements: list[ImageElement] = []
    files = list_channel_files(bundle)
    if files:
        with describing(f"{FOCUS}/", findings):
            joined, odd = _describe_channels(bundle, files, pixel_size_um, placements)
            elements.append(joined)
            findings += odd
    for name, file in _SINGLE:
        path = None if name == FOCUS and files else bundle.find(file)
        if path is not None:
            key = bundle.name(path)
            with describing(key, findings):
                element, found = describe_tiff(
                    path, name=name, element_path=key, pixel_size_um=pixel_size_um, placements=placements
                )
                elements.append(_place_planes(_name_stain(element)))
                findings += found
    if not elements:
        findings.append(tell_missing(f"{FOCUS}/", "the morphology of the tissue is not shown"))
    for path in _list_aligned(bundle):
        with describing(bundle.name(path), findings):
            elements.append(_describe_aligned(bundle, path, pixel_size_um, findings))
    return elements


def open_image_pixels(bundle: Bundle, element: ImageElement, level: int) -> PixelSource:
    """One level of an image."""
    if not element.path.endswith("/"):
        return open_tiff_of_bundle(bundle.get(element.path), element, level)
    files = list_channel_files(bundle)
    if len(files) != len(element.channels):
        raise UnreadableError(
            "bundle-file-missing",
            f"{element.path} was described with {len(element.channels)} channels, but has {len(files)} files.",
            hint="The dataset has changed since: read its content again.",
            where=str(bundle.root / FOCUS),
        )
    opened: list[PixelSource] = []
    try:
        for path in files:
            one, _ = describe_tiff(path, name="", element_path="0", pixel_size_um=None, placements=())
            opened.append(open_tiff_of_bundle(path, one, level))
    except BaseException:
        for source in opened:
            source.close()
        raise
    return StackedPixels(opened)


def list_channel_files(bundle: Bundle) -> list[Path]:
    """The files of ``morphology_focus/`` in the order of their channels."""
    folder = bundle.root / FOCUS
    if not folder.is_dir() or not bundle.is_inside(folder):
        return []
    names = sorted(path for path in folder.iterdir() if path.name.endswith(_TIFF) and not path.name.startswith("."))
    return [path for path in names if path.is_file() and bundle.is_inside(path)][:MAX_CHANNEL_FILES]


def _describe_channels(
    bundle: Bundle, files: list[Path], pixel_size_um: float, placements: tuple[Placement, ...]
) -> tuple[ImageElement, list[Finding]]:
    described = [
        describe_tiff(
            path, name=FOCUS, element_path=bundle.name(path), pixel_size_um=pixel_size_um, placements=placements
        )
        for path in files
    ]
    elements = [element for element, _ in described]
    # the files name the channels of all of them, so that one file seems to have too few
    findings = [one for _, found in described for one in found if one.code not in {"channel-count", "ome-xml-mismatch"}]
    return join_channels(elements, _name_channels(files), name=FOCUS, path=f"{FOCUS}/"), findings


def _name_channels(files: list[Path]) -> list[str]:
    """As OME-XML names them, else by the vendor's list, else by the names of the files."""
    stated = read_channel_names(files[0])
    if len(stated) == len(files) and all(stated):
        return [str(name) for name in stated]
    if len(files) in {1, len(_STAINS)} and all(path.name.startswith(FOCUS) for path in files):
        return list(_STAINS[: len(files)])
    return [path.name.removesuffix(_TIFF) for path in files]


def _place_planes(element: ImageElement) -> ImageElement:
    """Focal planes as far apart as the file says, as the third coordinate of transcripts is in micrometres too."""
    names = [axis.name for axis in element.axes]
    if "z" not in names:
        return element
    step = element.levels[0].scale[names.index("z")]
    return replace(element, placements=tuple(replace(own, scale_z=step) for own in element.placements))


def _name_stain(element: ImageElement) -> ImageElement:
    """A single channel without a name is the nuclear stain, which all of these images show."""
    if len(element.channels) != 1 or element.channels[0].name != "Channel 0":
        return element
    return replace(element, channels=(replace(element.channels[0], name=_STAINS[0]),))


def _list_aligned(bundle: Bundle) -> list[Path]:
    paths = sorted(path for path in bundle.root.iterdir() if path.name.lower().endswith(_ALIGNED))
    return [path for path in paths if path.is_file() and bundle.is_inside(path)]


def _describe_aligned(bundle: Bundle, path: Path, pixel_size_um: float, findings: list[Finding]) -> ImageElement:
    key, stem = bundle.name(path), path.name[: -len(_TIFF)]
    name = "he_image" if path.name.lower().endswith(_ALIGNED[0]) else "if_image"
    element, found = describe_tiff(path, name=name, element_path=key, pixel_size_um=None, placements=())
    findings += found
    matrix = bundle.find(
        f"{stem}alignment.csv", f"{stem}_alignment.csv", f"{name}_alignment.csv", f"{name}alignment.csv"
    )
    if matrix is None:
        findings.append(
            Finding(
                code="image-not-placed",
                severity="warning",
                path=f"{key}#",
                message=f"{key} is shown apart from the cells: there is no {stem}alignment.csv that tells how it lies.",
                fix="Export the matrix of the alignment from Xenium Explorer under this name.",
            )
        )
        return replace(element, placements=(Placement(coordinate_system=name),))
    affine = read_alignment(matrix)
    scaled: AffineXY = tuple(value * pixel_size_um for value in affine)  # type: ignore[assignment]  # six of six
    return replace(element, placements=(Placement(coordinate_system=GLOBAL, affine_xy=scaled),))


def read_alignment(path: Path) -> AffineXY:
    """The map from pixels of an aligned image to pixels of the morphology image, from three rows of three numbers.

    Raises:
        UnreadableError: The file holds something else.
    """
    with path.open("rb") as file:
        text = file.read(MAX_ALIGNMENT_BYTES).decode("utf-8-sig", "replace")
    try:
        rows = [[float(value) for value in line.split(",")] for line in text.splitlines() if line.strip()]
        (a, b, c), (d, e, f), last = rows
    except ValueError as err:
        raise UnreadableError(
            "alignment-invalid",
            f"{path} holds no matrix of three rows of three numbers: {err}.",
            hint="Export the matrix of the alignment from Xenium Explorer again.",
            where=str(path),
        ) from err
    if last != [0.0, 0.0, 1.0] or a * e == b * d:
        raise UnreadableError("alignment-invalid", f"The matrix in {path} is no affine map.", where=str(path))
    return a, b, c, d, e, f
