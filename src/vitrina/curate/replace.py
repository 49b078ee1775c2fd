"""Values of a dataset replaced by others, in the object itself: the only part of curation that changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.curate.checked import NAMES
from vitrina.curate.part import INDEX
from vitrina.curate.parts import get_kind
from vitrina.curate.slots import EVERY, Slot, parse_slot
from vitrina.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping


def replace_values(dataset: Any, slot: str, name: str, replacements: Mapping[str, str]) -> None:
    """Replace values of a column, of a single value, or of the names that a slot is about.

    Args:
        dataset: Changed in place.
        slot: Where, as findings and ``Checked`` have it.
        name: Of the column or key; ``columns`` for the names of a slot such as ``var.T``, ``index`` for the index.
        replacements: New values by old ones; other values stay.

    Raises:
        UnsupportedError: The slot holds something else than columns, keys or names.
    """
    if not replacements:
        return
    parsed = parse_slot(slot)
    owner, attribute = _find_frame(dataset, parsed)
    if attribute is None:
        _replace_in_record(_find_record(dataset, parsed), name, replacements)
        return
    frame = getattr(owner, attribute) if owner is not None else dataset
    if name not in frame.columns and name in (NAMES, INDEX):
        frame.index = frame.index.map(lambda label: replacements.get(label, label))
    else:
        frame[name] = _replace_in_column(frame[name], replacements)


def _find_frame(dataset: Any, slot: Slot) -> tuple[Any, str | None]:
    """What has the frame and under which name; ``(None, "")`` when it is the dataset, no name when it is no frame."""
    steps = list(slot.steps)
    if not steps:
        return (None, "") if get_kind(dataset) == "DataFrame" else (None, None)
    holder = dataset
    if steps[0] == "tables" and len(steps) == 3 and EVERY not in steps:
        holder, steps = dataset.tables[steps[1]], steps[2:]
    elif len(steps) == 2 and get_kind(dataset) == "MuData" and steps[0] in dataset.mod:
        holder, steps = dataset.mod[steps[0]], steps[1:]
    return (holder, steps[0]) if steps in (["obs"], ["var"]) else (None, None)


def _find_record(dataset: Any, slot: Slot) -> MutableMapping[str, Any]:
    """The mapping that holds single values: ``attrs`` or ``uns``, or a part of one."""
    held: Any = dataset
    steps = list(slot.steps)
    if steps[:1] == ["tables"] and len(steps) > 2:
        held, steps = dataset.tables[steps[1]], steps[2:]
    if steps[:1] in (["attrs"], ["uns"]):
        held, steps = getattr(held, steps[0]), steps[1:]
    elif steps:
        raise _build_unsupported(slot)
    for step in steps:
        held = held[step]
    if not hasattr(held, "keys"):
        raise _build_unsupported(slot)
    record: MutableMapping[str, Any] = held
    return record


def _build_unsupported(slot: Slot) -> UnsupportedError:
    return UnsupportedError(
        "slot-not-replaceable",
        f"Values of the slot {str(slot)!r} cannot be replaced here.",
        hint="Change them in the object yourself.",
        where=str(slot),
    )


def _replace_in_record(record: MutableMapping[str, Any], name: str, replacements: Mapping[str, str]) -> None:
    value = record[name]
    if isinstance(value, str):
        record[name] = replacements.get(value, value)
    elif hasattr(value, "tolist") and getattr(value, "dtype", None) is not None:
        import numpy as np

        record[name] = np.asarray([replacements.get(item, item) for item in value.tolist()], dtype=value.dtype.kind)
    else:
        record[name] = [replacements.get(item, item) for item in value]


def _replace_in_column(column: Any, replacements: Mapping[str, str]) -> Any:
    """The column with other values: of categories the codes are counted anew, so that rows are not looked at."""
    import numpy as np
    import pandas as pd

    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.map(lambda value: _replace_one(value, replacements)).astype(column.dtype)
    renamed = [replacements.get(name, name) for name in column.cat.categories]
    categories = list(dict.fromkeys(renamed))
    places = {name: place for place, name in enumerate(categories)}
    new_codes = np.asarray([*(places[name] for name in renamed), -1], dtype=np.intp)
    codes = new_codes[column.cat.codes.to_numpy()]  # -1, for a missing value, is the last place
    values = pd.Categorical.from_codes(codes, categories=pd.Index(categories), ordered=column.cat.ordered)
    return pd.Series(values, index=column.index, name=column.name)


def _replace_one(value: Any, replacements: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return replacements.get(value, value)
    if isinstance(value, list | tuple):
        return type(value)(replacements.get(item, item) for item in value)
    return value
