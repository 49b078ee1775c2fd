"""Label lists of 0.4: the ``labels`` group lists the label images below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.ngff.json_value import get_list, get_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.ngff.json_value import JsonObject


def parse_labels(attrs: JsonObject) -> tuple[str, ...]:
    """Paths of the label images below the ``labels`` group.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.4/#labels-md
    """
    paths = get_list(attrs.get("labels"), "/labels")
    return tuple(get_text(path, f"/labels/{i}") for i, path in enumerate(paths))


def build_labels(paths: Sequence[str]) -> dict[str, Any]:
    """The attributes of the ``labels`` group."""
    return {"labels": list(paths)}
