"""``Artifact.overrides``: what people know better than the file, as plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from vitrina.errors import InputError
from vitrina.model.apply_overrides import find_element
from vitrina.verbs.override_values import FIELDS, build_element_overrides

if TYPE_CHECKING:
    from typing import Any

    from vitrina.model.artifact import Artifact
    from vitrina.model.overrides import ElementOverrides


def list_overrides(artifact: Artifact) -> dict[str, dict[str, Any]]:
    """What was said, by the path of the element; empty when nothing was."""
    return {
        own.path: {name: value for name, value in asdict(own).items() if name != "path" and value is not None}
        for own in artifact.overrides.elements
    }


def parse_overrides(artifact: Artifact, given: object) -> list[ElementOverrides]:
    """What a user gave: fields by element, or fields alone for a dataset of one element; None takes everything back.

    Raises:
        InputError: It is something else, or an element or field is unknown.
    """
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise InputError(
            "overrides-malformed",
            f"Overrides are a dictionary, and not a {type(given).__name__}.",
            hint='artifact.overrides = {"pixel_size": (0.5, 0.5)}',
        )
    if given and not any(isinstance(value, Mapping) for value in given.values()):
        given = {find_element(artifact.content, None).path: given}
    for name, fields in given.items():
        if not isinstance(fields, Mapping):
            raise InputError(
                "overrides-malformed",
                f"{name!r} takes a dictionary with some of {', '.join(FIELDS)}, and not {fields!r}.",
            )
    return [
        build_element_overrides(find_element(artifact.content, str(name)).path if name else "", fields)
        for name, fields in given.items()
    ]
