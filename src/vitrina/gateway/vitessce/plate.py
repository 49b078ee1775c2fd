"""Views of plates: all fields of view as one image, which the gateway makes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.gateway.plates.known import MOSAIC
from vitrina.gateway.vitessce.image import build_image_layer, build_segmentation_layer
from vitrina.gateway.vitessce.plan import OBS_TYPE, File, ViewPlan
from vitrina.model.content import ImageElement, LabelsElement
from vitrina.readers.ngff_image import find_middle_plane

if TYPE_CHECKING:
    from vitrina.gateway.vitessce.plan import Urls
    from vitrina.model.content import Content

_NAME, _UID = "Plate", "plate"
_WINDOW = "spatialChannelWindow"


def plan_plate(content: Content, urls: Urls) -> ViewPlan:
    """The mosaic with the channels of the first field; the viewer moves its camera so that all of it is seen.

    Contrast is left to what the mosaic says of the whole plate.
    """
    first = next((one for one in content.elements if isinstance(one, ImageElement | LabelsElement)), None)
    if first is None:
        return ViewPlan()
    url = f"{urls.zarr}/{MOSAIC}"
    if isinstance(first, ImageElement):
        file = File(file_type="image.ome-zarr", url=url, coordination_values={"fileUid": _UID})
        layer = build_image_layer(replace(first, name=_NAME), _UID)
        channels = ({name: value for name, value in one.items() if name != _WINDOW} for one in layer.channels)
        layer = replace(layer, channels=tuple(channels))
    else:
        values = {"fileUid": _UID, "obsType": OBS_TYPE}
        file = File(file_type="obsSegmentations.ome-zarr", url=url, coordination_values=values)
        layer = build_segmentation_layer(_UID, _NAME, is_linked=False, backdrop=None)
    return ViewPlan(files=(file,), layers=(layer,), target_z=find_middle_plane(first) or None)
