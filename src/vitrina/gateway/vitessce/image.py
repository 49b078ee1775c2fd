"""Views of images, whatever they are stored in: the gateway serves them as OME-Zarr."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from vitrina.gateway.images.plan import CHUNK_PX, MAX_FLAT_PIXELS
from vitrina.gateway.placing import find_key
from vitrina.gateway.vitessce.extent import WIDE_VIEW_PX, join_extents, measure_level, measure_pixels
from vitrina.gateway.vitessce.plan import OBS_TYPE, File, Layer, Urls, ViewPlan
from vitrina.model.content import ImageElement, LabelsElement
from vitrina.model.finding import Finding
from vitrina.readers.contrast import complete_window
from vitrina.readers.ngff_image import find_middle_plane
from vitrina.readers.palette import choose_color
from vitrina.readers.standard_axes import AXES

if TYPE_CHECKING:
    from vitrina.model.content import Content

MAX_LISTED_CHANNELS = 6
"""Viv draws at most six channels at once. Source: https://viv.gehlenborglab.org (``MAX_CHANNELS``)."""

MAX_VISIBLE_CHANNELS = 4

MAX_OUTLINES = 5_000
"""Outlines are drawn segment by segment: on a machine without a graphics card, 20,000 of them took minutes per frame
where as many filled polygons took seconds. In such numbers they are hairlines anyway."""

MAX_IMAGES = 4

_OUTLINE_PX = 2.0
"""Width of the outlines of labels in pixels of the screen, when all of them are seen; thinner ones have gaps."""

_MAX_OUTLINE_STEPS = 4.0
"""Outlines grow with what lies below when one zooms in, so that those of large images are thin at first."""


def plan_image(content: Content, urls: Urls) -> ViewPlan:
    """Images on top of each other, only the first visible, with their label images as outlines."""
    images = [element for element in content.elements if isinstance(element, ImageElement)]
    labels = [element for element in content.elements if isinstance(element, LabelsElement)]
    rasters: list[ImageElement | LabelsElement] = [*images, *labels]
    too_large = [e for e in rasters if content.container not in {"zarr2", "zarr3"} and not _has_enough_levels(e)]
    if too_large:
        return ViewPlan(findings=tuple(_describe_too_large(element) for element in too_large))
    shown: list[ImageElement | LabelsElement] = [*images[:MAX_IMAGES], *labels[:1]]
    files = []
    layers = []
    for index, element in enumerate(shown):
        uid = f"{element.kind}-{index}"
        path = quote(find_key(element))
        url = f"{urls.zarr}/{path}" if path else urls.zarr
        options = _build_placement(element)
        if isinstance(element, ImageElement):
            values = {"fileUid": uid}
            files.append(File(file_type="image.ome-zarr", url=url, options=options, coordination_values=values))
            layers.append(build_image_layer(element, uid, is_visible=index == 0))
        else:
            values = {"fileUid": uid, "obsType": OBS_TYPE}
            file_type = "obsSegmentations.ome-zarr"
            files.append(File(file_type=file_type, url=url, options=options, coordination_values=values))
            backdrop = images[0] if images else None
            width = compute_outline_width(element, content.container)
            layers.append(
                build_segmentation_layer(uid, element.name, is_linked=False, backdrop=backdrop, outline_width=width)
            )
    left_out = [element.name for element in content.elements if element not in shown]
    return ViewPlan(
        files=tuple(files),
        layers=tuple(layers),
        extent_xy=join_extents(measure_level(element.axes, element.levels[0]) for element in shown),
        target_z=(find_middle_plane(shown[0]) or None) if shown else None,
        findings=(describe_left_out(left_out),) if left_out else (),
    )


def _build_placement(element: ImageElement | LabelsElement) -> dict[str, object] | None:
    """File options that let a stack begin at zero along z: the camera does not see a plane that lies elsewhere.

    Source: https://vitessce.io/docs/data-file-types/#imageome-zarr
    """
    shifts = dict(zip((axis.name for axis in element.axes), element.levels[0].translation, strict=True))
    if not shifts.get("z"):
        return None
    back = [-shifts["z"] if name == "z" else 0.0 for name in AXES if name in shifts]
    return {"coordinateTransformations": [{"type": "translation", "translation": back}]}


def _has_enough_levels(element: ImageElement | LabelsElement) -> bool:
    extent = measure_pixels(element.axes, element.levels[0])
    return len(element.levels) > 1 or extent is None or extent[2] * extent[3] <= MAX_FLAT_PIXELS


def _describe_too_large(element: ImageElement | LabelsElement) -> Finding:
    return Finding(
        code="view-image-too-large",
        severity="error",
        path=element.path,
        message=f"{element.name} has no pyramid and more than {MAX_FLAT_PIXELS:,} pixels, too many to make one up.",
        fix="Convert it to OME-Zarr with `vitrina convert`, and add the result.",
    )


def build_image_layer(image: ImageElement, file_uid: str, *, is_visible: bool = True) -> Layer:
    """The layer of one image with its names, colours and windows; colour images need no channels."""
    is_rgb = draws_as_rgb(image)
    values = {
        "fileUid": file_uid,
        "spatialLayerLabel": image.name,
        "photometricInterpretation": "RGB" if is_rgb else "BlackIsZero",
        "spatialLayerVisible": is_visible,
        "spatialLayerOpacity": 1.0,
    }
    channels = tuple(
        {
            "spatialTargetC": index,
            "spatialChannelColor": list(choose_color(channel, index, len(image.channels))),
            "spatialChannelVisible": index < MAX_VISIBLE_CHANNELS,
            "spatialChannelOpacity": 1.0,
            "spatialChannelWindow": list(complete_window(channel, image.dtype)),
        }
        for index, channel in enumerate(image.channels[:MAX_LISTED_CHANNELS])
    )
    return Layer(kind="imageLayer", values=values, channels=() if is_rgb else channels)


def draws_as_rgb(image: ImageElement) -> bool:
    """Whether the viewer can show it as a colour image: three channels of eight bits; it ignores windows there."""
    return image.is_rgb and image.dtype == "uint8" and len(image.channels) == 3


def compute_outline_width(labels: LabelsElement, container: str) -> float:
    """What makes the viewer draw outlines of labels ``_OUTLINE_PX`` wide.

    A pixel belongs to the outline if another label lies nearby, and how near is told as a part of a tile:
    150 / 2048 times the width that is given, in the finest level.
    Source: https://github.com/vitessce/vitessce/blob/main/packages/gl/src/bitmask-layer-beta-shaders.js
    """
    extent = measure_pixels(labels.axes, labels.levels[0])
    side_px = max(extent[2:]) if extent else 0.0
    steps = min(max(side_px / WIDE_VIEW_PX[0], 1.0), _MAX_OUTLINE_STEPS)
    return _OUTLINE_PX * steps / _find_tile_px(labels, container) * 2048 / 150


def _find_tile_px(labels: LabelsElement, container: str) -> int:
    """Side of the tiles that the viewer loads: the shorter of a stored chunk's, or what the gateway makes."""
    chunk = labels.levels[0].chunk_shape
    return min(chunk[-2:]) if chunk and container in {"zarr2", "zarr3"} else CHUNK_PX


def build_segmentation_layer(
    file_uid: str,
    name: str,
    *,
    is_linked: bool,
    backdrop: ImageElement | None,
    n_shapes: int | None = None,
    outline_width: float = 1.0,
) -> Layer:
    """A layer of labels or polygons.

    Filled by cell set or gene when linked to a table; outlined on a colour image, whose texture must stay visible, as
    long as they are few; outlined on any image when there is no table to take colours from.

    Args:
        file_uid: The file that holds them.
        name: Shown in the list of layers.
        is_linked: Whether a table annotates them.
        backdrop: The visible image below, if any.
        n_shapes: Number of polygons, None for labels.
        outline_width: Of polygons in pixels of the screen; of labels see ``compute_outline_width``.
    """
    is_crowded = (n_shapes or 0) > MAX_OUTLINES
    is_filled = backdrop is None or is_crowded or (is_linked and not draws_as_rgb(backdrop))
    channel: dict[str, object] = {
        "spatialTargetC": 0,
        "obsType": OBS_TYPE,
        "spatialChannelVisible": True,
        "spatialChannelOpacity": 0.6 if is_filled and backdrop is not None else 1.0,
        "spatialChannelColor": [255, 255, 255],
        "spatialSegmentationFilled": is_filled,
        "spatialSegmentationStrokeWidth": outline_width,
    }
    if not is_linked:
        channel["obsColorEncoding"] = "spatialChannelColor"
    values = {
        "fileUid": file_uid,
        "spatialLayerLabel": name,
        "spatialLayerVisible": True,
        "spatialLayerOpacity": 1.0,
    }
    return Layer(kind="segmentationLayer", values=values, channels=(channel,), is_linked=is_linked)


def describe_left_out(names: list[str]) -> Finding:
    """Tells which elements the automatic view does not show."""
    return Finding(
        code="view-elements-left-out",
        severity="info",
        path="",
        message=f"The automatic view leaves out {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}.",
        fix="Build a view of your own with vitessce-python to show them.",
    )
