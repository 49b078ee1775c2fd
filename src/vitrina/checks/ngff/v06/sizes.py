"""How many dimensions a transformation maps from and to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Sizes(NamedTuple):
    """Numbers of dimensions; None where they are not known."""

    input: int | None
    output: int | None


def find_output_size(transform: object, n_inputs: int | None) -> int | None:
    """The number of dimensions after a transformation of ``n_inputs`` dimensions; None where it cannot be told."""
    if not isinstance(transform, Mapping):
        return None
    match transform.get("type"):
        case "identity" | "rotation" | "mapAxis" | "displacements" | "bijection":
            return n_inputs
        case "scale" | "translation" as type_:
            vector = transform.get(type_)
            return n_inputs if n_inputs is not None or not isinstance(vector, list) else len(vector)
        case "affine":
            rows = transform.get("affine")
            return len(rows) if isinstance(rows, list) else None
        case "projectAxis" if n_inputs is not None:
            created, dropped = transform.get("createdOutputs"), transform.get("droppedInputs")
            n_created = len(created) if isinstance(created, list) else 0
            return n_inputs + n_created - (len(dropped) if isinstance(dropped, list) else 0)
    return None
