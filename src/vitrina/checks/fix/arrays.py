"""Names of the dimensions of arrays, which Zarr 3 has and OME-Zarr 0.5 asks for.

Source: https://ngff.openmicroscopy.org/0.5/#multiscale-md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.checks.fix.draft import Draft


def repair_dimension_names(
    draft: Draft, path: str, document: dict[str, Any], axes: Sequence[str]
) -> dict[str, Any] | None:
    """The document of an array with the names of the axes; None when nothing is to be changed.

    Args:
        draft: The group of the image, which is told.
        path: Of the array, below the group.
        document: Of the array.
        axes: Names of the axes of the image.
    """
    names, shape = document.get("dimension_names"), document.get("shape")
    if not isinstance(shape, list) or len(shape) != len(axes) or names == list(axes):
        return None
    if isinstance(names, list) and set(axes) & set(map(str, names)):
        reason = (
            f"The array {path!r} names its dimensions {names}, the image its axes {list(axes)}: one of them is wrong."
        )
        draft.refuse("dimension-names-differ", reason=reason)
        return None
    code = "dimension-names-missing" if names is None else "dimension-names-differ"
    draft.tell(
        code, message=f"Name the dimensions of the array {path!r} of {draft.name} {', '.join(axes)}, as its axes."
    )
    return {**document, "dimension_names": list(axes)}
