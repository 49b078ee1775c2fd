"""Display settings: what is missing of them, from what a reader measured and from OME-XML.

Source: https://ngff.openmicroscopy.org/0.4/#omero-md
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.ngff.json_value import find_number
from vitrina.ngff.omero import build_color, build_omero, parse_color
from vitrina.readers.ngff_image import describe_image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.checks.fix.draft import Draft
    from vitrina.checks.fix.plan import Purpose
    from vitrina.model.content import Channel, ImageElement
    from vitrina.readers.ome_xml import OmeImage

_LIMITS = ("start", "end", "min", "max")


def repair_omero(
    draft: Draft, element: ImageElement, ome_image: OmeImage | None, *, purpose: Purpose, is_color_guessed: bool
) -> None:
    """Complete the display settings of an image; what is there and usable stays.

    Args:
        draft: The group of the image.
        element: The image as a reader describes it, with windows measured on its pixels.
        ome_image: The same in OME-XML.
        purpose: Whether the model is set for the viewer too.
        is_color_guessed: Whether only its pixels say that it is a colour image.
    """
    omero = draft.block.get("omero")
    if omero is not None and not isinstance(omero, dict):
        draft.refuse("omero-invalid", reason="What stands in place of the display settings would be lost.")
        return
    if is_color_guessed and omero is None:
        reason = "It looks like a colour image, and nothing says so: name the channels r, g and b."
        draft.refuse("ngff-omero-missing", reason=reason)
        return
    channels = _name_channels(element.channels, ome_image)
    image = describe_image(replace(element, channels=channels))
    complete = build_omero(image.omero) if image.omero is not None else {}
    if omero is None:
        version = {} if draft.block is not draft.attrs else {"version": "0.4"}
        draft.block["omero"] = {**version, **complete}
        message = (
            f"Describe the {len(channels)} channels of {draft.name} in omero, with windows measured on its pixels."
        )
        draft.tell("ngff-omero-missing", message=message)
        return
    _complete_channels(draft, omero, complete)
    _complete_rdefs(draft, omero, complete, element, purpose=purpose, is_color_guessed=is_color_guessed)


def _name_channels(channels: Sequence[Channel], ome_image: OmeImage | None) -> tuple[Channel, ...]:
    """Channels with the names and colours of OME-XML where the metadata has none."""
    if ome_image is None or len(ome_image.channels) != len(channels):
        return tuple(channels)
    return tuple(
        replace(
            channel,
            name=own.name if own.name and channel.name == f"Channel {i}" else channel.name,
            color_rgb=channel.color_rgb or own.color_rgb,
        )
        for i, (channel, own) in enumerate(zip(channels, ome_image.channels, strict=True))
    )


def _complete_channels(draft: Draft, omero: dict[str, Any], complete: dict[str, Any]) -> None:
    channels, wanted = omero.get("channels"), complete["channels"]
    if not isinstance(channels, list):
        omero["channels"] = wanted
        message = f"Describe the {len(wanted)} channels of {draft.name} in omero."
        draft.tell("omero-channels-missing", "ngff-omero-channels", message=message)
        return
    if len(channels) > len(wanted):
        reason = (
            f"Nothing says which of the {len(channels)} channels in omero are those of the {len(wanted)} in the pixels."
        )
        draft.refuse("omero-channel-count", "ngff-omero-channels", reason=reason)
        return
    if len(channels) < len(wanted):
        message = f"Describe the channels of {draft.name} from number {len(channels)} on, which omero leaves out."
        draft.tell("omero-channel-count", "ngff-omero-channels", message=message)
        channels.extend(wanted[len(channels) :])
    codes: dict[str, None] = {}
    for i, full in enumerate(wanted):
        if not isinstance(channels[i], dict):
            channels[i] = full
            codes["omero-channel-invalid"] = None
        else:
            codes.update(_complete_channel(channels[i], full))
    if codes:
        draft.tell(*codes, message=f"Complete {_list_parts(codes)} of the channels of {draft.name} in omero.")


def _complete_channel(channel: dict[str, Any], full: dict[str, Any]) -> dict[str, None]:
    """Fill in what a channel lacks; the codes of what it lacked."""
    codes: dict[str, None] = {}
    color = channel.get("color")
    if not (isinstance(color, str) and len(color) == 6 and parse_color(color)):
        parsed = parse_color(color)
        channel["color"] = build_color(parsed) if parsed is not None else full["color"]
        codes["omero-color-invalid" if color is not None else "omero-color-missing"] = None
    window = channel.get("window")
    if not isinstance(window, dict):
        channel["window"] = full["window"]
        codes["omero-window-missing"] = None
    elif any(find_number(window.get(key)) is None for key in _LIMITS):
        is_partial = any(key not in window for key in _LIMITS)
        channel["window"] = _complete_window(window, full["window"])
        codes["omero-window-incomplete" if is_partial else "omero-window-invalid"] = None
    if not isinstance(channel.get("label"), str):
        label = channel.get("label")
        is_number = isinstance(label, int | float) and not isinstance(label, bool) and math.isfinite(label)
        channel["label"] = str(label) if is_number else full["label"]
        codes["omero-channel-field-invalid" if label is not None else "ngff-omero-channels"] = None
    if "active" in channel and not isinstance(channel["active"], bool):
        channel["active"] = full["active"]
        codes["omero-channel-field-invalid"] = None
    return codes


def _complete_window(window: dict[str, Any], full: dict[str, float]) -> dict[str, Any]:
    """What a window says, and the rest from what was measured, so that it does not end before it starts."""
    completed = {**window, **{key: full[key] for key in _LIMITS if find_number(window.get(key)) is None}}
    if completed["start"] >= completed["end"]:
        completed |= {"start": full["start"], "end": full["end"]}
    completed["min"] = min(completed["min"], completed["start"])
    completed["max"] = max(completed["max"], completed["end"])
    return completed


def _complete_rdefs(
    draft: Draft,
    omero: dict[str, Any],
    complete: dict[str, Any],
    element: ImageElement,
    *,
    purpose: Purpose,
    is_color_guessed: bool,
) -> None:
    rdefs = omero.get("rdefs")
    if not isinstance(rdefs, dict) and not is_color_guessed:
        omero["rdefs"] = complete["rdefs"]
        draft.tell("ngff-omero-rdefs", message=f"Add rdefs to omero of {draft.name}: the model, and where to begin.")
    elif isinstance(rdefs, dict) and purpose == "viewer" and not is_color_guessed:
        is_plain = not element.is_rgb and (len(element.channels) != 3 or element.dtype != "uint8")
        wanted = "color" if element.is_rgb else "greyscale" if is_plain else rdefs.get("model")
        if rdefs.get("model") not in {None, wanted}:
            rdefs["model"] = wanted
            draft.tell("ngff-rgb-model", message=f"Set the model in omero of {draft.name} to {wanted!r}.")


def _list_parts(codes: dict[str, None]) -> str:
    words = {"color": "colours", "window": "windows"}
    found = dict.fromkeys(next((words[word] for word in words if word in code), "names") for code in codes)
    return " and ".join(found)
