"""Lists of label images, and the mark by which a label image is known.

Source: https://ngff.openmicroscopy.org/0.4/#label-md, https://ngff.openmicroscopy.org/0.5/#labels-md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.checks.fix.draft import Draft


def repair_label_list(draft: Draft, there: Sequence[str], *, zarr_format: int, is_spatialdata: bool) -> None:
    """List the label images that are there.

    Args:
        draft: The group ``labels``.
        there: Names of the label images in it.
        zarr_format: Version of Zarr.
        is_spatialdata: Whether it is the folder of elements of SpatialData, which needs no list.
    """
    listed = draft.block.get("labels")
    if listed is None:
        if there and not is_spatialdata:
            if zarr_format == 3:
                draft.attrs["ome"] = {"version": "0.5", **draft.attrs.get("ome", {}), "labels": list(there)}
            else:
                draft.attrs["labels"] = list(there)
            draft.tell("labels-without-list", message=f"List the label images {', '.join(there)} in {draft.name}.")
        return
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        draft.refuse("labels-invalid", reason="What stands in place of the list would be lost.")
        return
    once = list(dict.fromkeys(listed))
    if once != listed:
        draft.tell("labels-repeated", message=f"List each label image of {draft.name} once.")
    folders = {name.strip("/").split("/")[0] for name in once}
    unlisted = [name for name in there if name not in folders]
    if unlisted:
        message = f"Add {', '.join(unlisted)} to the list of label images in {draft.name}."
        draft.tell("labels-unlisted", "labels-list-incomplete", message=message)
    draft.block["labels"] = [*once, *unlisted]
    reason = "A label image that is listed and not there may have been lost, so the list is kept."
    draft.refuse("label-image-missing", "labels-list-stale", reason=reason)


def repair_mark(draft: Draft) -> None:
    """Mark an image that lies among labels as a label image."""
    if "image-label" not in draft.block:
        draft.block["image-label"] = {} if draft.block is not draft.attrs else {"version": "0.4"}
        message = f"Mark {draft.name} as a label image with image-label."
        draft.tell("label-image-unmarked", "image-label-missing", message=message)
