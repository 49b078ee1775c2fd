"""Views of plates: all fields of view as one image, which the gateway makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.gateway.plates.known import MOSAIC
from vitrina.gateway.vitessce.extent import measure_level
from vitrina.gateway.vitessce.image import build_image_layer, build_segmentation_layer
from vitrina.gateway.vitessce.plan import OBS_TYPE, File, ViewPlan
from vitrina.model.content import ImageElement, LabelsElement
from vitrina.readers.ngff_image import find_middle_plane

if TYPE_CHECKING:
    from vitrina.gateway.vitessce.plan import Urls
    from vitrina.model.content import Content

_UID = "plate"


def plan_plate(content: Content, urls: Urls) -> ViewPlan:
    """The mosaic, seen whole.

    Args:
        content: The plate; its element is the mosaic where that is known, else the first field.
        urls: Where the viewer finds the bytes.
    """
    shown = next((one for one in content.elements if isinstance(one, ImageElement | LabelsElement)), None)
    if shown is None:
        return ViewPlan()
    values = {"fileUid": _UID}
    if isinstance(shown, ImageElement):
        file_type, layer = "image.ome-zarr", build_image_layer(shown, _UID)
    else:
        values["obsType"] = OBS_TYPE
        file_type = "obsSegmentations.ome-zarr"
        layer = build_segmentation_layer(_UID, shown.name, is_linked=False, backdrop=None)
    return ViewPlan(
        files=(File(file_type=file_type, url=f"{urls.zarr}/{MOSAIC}", coordination_values=values),),
        layers=(layer,),
        extent_xy=measure_level(shown.axes, shown.levels[0]) if shown.path == MOSAIC else None,
        target_z=find_middle_plane(shown) or None,
    )
