"""Label lists of 0.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.ngff.json_value import get_list, get_object, get_text
from vitrina.ngff.v05.image import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.ngff.json_value import JsonObject


def parse_labels(attrs: JsonObject) -> tuple[str, ...]:
    """Paths of the label images below the ``labels`` group.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.5/#labels-md
    """
    paths = get_list(get_object(attrs.get("ome"), "/ome").get("labels"), "/ome/labels")
    return tuple(get_text(path, f"/ome/labels/{i}") for i, path in enumerate(paths))


def build_labels(paths: Sequence[str]) -> dict[str, Any]:
    """The attributes of the ``labels`` group."""
    return {"ome": {"version": VERSION, "labels": list(paths)}}
