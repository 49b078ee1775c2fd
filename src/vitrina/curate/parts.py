"""The slots that a dataset has, and what each holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.curate.image_fields import build_coordinate_systems, build_image_fields
from vitrina.curate.part import Part
from vitrina.curate.slots import ELEMENT_TYPES, EVERY, Slot, parse_slot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ANNDATA_SLOTS = ("obs", "var", "var.T", "uns", "obsm", "varm", "layers", "X")
_FRAMES = ("obs", "var")
_ARRAYS = ("obsm", "varm", "layers")


def get_kind(dataset: Any) -> str:
    """The class of a dataset as schemas name it (``otype``): by name, so that no library is imported to find out."""
    names = {cls.__name__ for cls in type(dataset).__mro__}
    for name in ("SpatialData", "MuData", "AnnData", "DataArray", "DataTree", "DataFrame"):
        if name in names:
            return name
    return "dict" if hasattr(dataset, "keys") else type(dataset).__name__


def find_parts(dataset: Any, text: str) -> list[Part]:
    """What a slot of the dataset holds: one part, several for ``*``, none when there is no such slot."""
    slot = parse_slot(text)
    return [part for steps in _list_steps(dataset, slot) if (part := _find_part(dataset, steps, slot)) is not None]


def list_slots(dataset: Any) -> list[str]:
    """The slots that the dataset has, except for single keys below ``obsm``, ``uns`` and such."""
    kind = get_kind(dataset)
    if kind == "SpatialData":
        slots = ["attrs", *(f"attrs:{key}" for key, value in dataset.attrs.items() if _is_mapping(value))]
        for element_type in ELEMENT_TYPES:
            for name in getattr(dataset, element_type):
                base = f"{element_type}:{name}"
                slots += [f"{base}:{inner}" for inner in ANNDATA_SLOTS] if element_type == "tables" else [base]
        return [*slots, "coordinate_systems"]
    if kind == "MuData":
        return [*ANNDATA_SLOTS[:4], "obsm", *(f"{name}:{inner}" for name in dataset.mod for inner in ANNDATA_SLOTS)]
    if kind == "AnnData":
        return [*ANNDATA_SLOTS, *(f"uns:{key}" for key, value in dataset.uns.items() if _is_mapping(value))]
    return ["image"] if kind in ("DataArray", "DataTree") else [""]


def build_record(slot: Slot, values: Mapping[Any, Any]) -> Part:
    """A part with single values by key."""
    found = list(values.values())
    return Part(slot, values, found.__getitem__, is_record=True)


def build_frame(slot: Slot, frame: Any) -> Part:
    """A part with the columns of a pandas, geopandas or dask data frame."""
    return Part(slot, frame.columns, lambda i: frame.iloc[:, i], index=frame.index)


def _list_steps(dataset: Any, slot: Slot) -> list[tuple[str, ...]]:
    """The steps of a slot, for each element when its name is ``*``."""
    steps = slot.steps
    if get_kind(dataset) == "SpatialData" and len(steps) > 1 and steps[0] in ELEMENT_TYPES and steps[1] == EVERY:
        return [(steps[0], name, *steps[2:]) for name in getattr(dataset, steps[0])]
    return [steps]


def _find_part(dataset: Any, steps: tuple[str, ...], slot: Slot) -> Part | None:
    slot = Slot(steps=steps, is_transposed=slot.is_transposed)
    kind = get_kind(dataset)
    if kind == "DataFrame":
        return _find_in_frame(dataset, slot)
    if kind in ("DataArray", "DataTree"):
        return build_record(slot, build_image_fields(dataset)) if steps == ("image",) else None
    if kind == "SpatialData":
        return _find_in_spatialdata(dataset, slot)
    if kind == "MuData" and len(steps) > 1 and steps[0] in dataset.mod:
        return _find_in_anndata(dataset.mod[steps[0]], slot, steps[1:])
    if kind in ("AnnData", "MuData"):
        return _find_in_anndata(dataset, slot, steps)
    return _find_mapping(slot, dataset, steps)


def _find_in_frame(frame: Any, slot: Slot) -> Part | None:
    if not slot.steps:
        return build_frame(slot, frame)
    return _find_mapping(slot, frame.attrs, slot.steps[1:]) if slot.steps[0] == "attrs" else None


def _find_in_spatialdata(dataset: Any, slot: Slot) -> Part | None:
    first, *rest = slot.steps or ("",)
    if first == "attrs":
        return _find_mapping(slot, dataset.attrs, rest)
    if first == "coordinate_systems" and not rest:
        return build_record(slot, build_coordinate_systems(dataset))
    if first not in ELEMENT_TYPES or not rest or rest[0] not in getattr(dataset, first):
        return None
    element = getattr(dataset, first)[rest[0]]
    if first == "tables":
        return _find_in_anndata(element, slot, rest[1:])
    return _build_element(slot, first, element) if len(rest) == 1 else None


def _build_element(slot: Slot, element_type: str, element: Any) -> Part:
    if element_type in ("images", "labels"):
        return build_record(slot, build_image_fields(element))
    if element_type == "points":
        columns = list(element.columns)
        return Part(slot, columns, lambda i: element[columns[i]])
    return build_frame(slot, element)


def _find_in_anndata(table: Any, slot: Slot, steps: Sequence[str]) -> Part | None:
    """A slot of an AnnData, or of a MuData as far as it has them."""
    first, *rest = steps or ("",)
    held = getattr(table, first, None) if first in (*_FRAMES, *_ARRAYS, "uns", "X") else None
    if held is None:
        return None
    if first == "uns":
        return _find_mapping(slot, held, rest)
    if first in _ARRAYS:
        return _find_arrays(slot, held, rest)
    if rest:
        return None
    if first == "X":
        return Part(slot, ("X",), lambda _: held, matrix=held)
    return _build_transposed(slot, table, held) if slot.is_transposed else build_frame(slot, held)


def _build_transposed(slot: Slot, table: Any, frame: Any) -> Part:
    """The names of rows as names of columns: those of ``var`` name the columns of X."""
    matrix = getattr(table, "X", None) if slot.steps[-1] == "var" else None
    return Part(slot, frame.index, lambda _: matrix, matrix=matrix)


def _find_arrays(slot: Slot, held: Mapping[str, Any], rest: list[str]) -> Part | None:
    if not rest:
        names = list(held)
        return Part(slot, names, lambda i: held[names[i]])
    if len(rest) > 1 or rest[0] not in held:
        return None
    array = held[rest[0]]
    if hasattr(array, "columns"):
        return build_frame(slot, array)
    return Part(
        slot, range(array.shape[1] if array.ndim > 1 else 1), lambda i: array[:, i] if array.ndim > 1 else array
    )


def _find_mapping(slot: Slot, held: Any, steps: Sequence[str]) -> Part | None:
    for step in steps:
        if not _is_mapping(held) or step not in held:
            return None
        held = held[step]
    return build_record(slot, held) if _is_mapping(held) else None


def _is_mapping(value: object) -> bool:
    return hasattr(value, "keys") and hasattr(value, "__getitem__") and not hasattr(value, "columns")
