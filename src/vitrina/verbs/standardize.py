"""Bring a dataset's values to what registries call them, or its new values into the registries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.curate.replace import replace_values
from vitrina.errors import InputError, NotFoundError
from vitrina.model.dtype import parse_dtype
from vitrina.model.term import TermDraft
from vitrina.verbs.terms import add_terms

if TYPE_CHECKING:
    from vitrina.curate.checked import Checked, CheckedFeature
    from vitrina.model.term import Term
    from vitrina.verbs.instance import Instance


def standardize_values(dataset: Any, checked: Checked, slot: str, name: str) -> dict[str, str]:
    """Replace synonyms, other cases and other identifiers in a column by what its feature asks for.

    Args:
        dataset: Changed in place.
        checked: What checking the same dataset gave.
        slot: Slot of the column.
        name: Name of the column.

    Returns:
        The values that were replaced, with what they are now.

    Raises:
        NotFoundError: There is no such column among those of categories.
    """
    found = get_category(checked, slot, name)
    replacements = {
        one.value: one.standard for one in found.resolutions if one.standard is not None and one.standard != one.value
    }
    replace_values(dataset, slot, name, replacements)
    return replacements


def add_new_terms(instance: Instance, checked: Checked, slot: str, name: str) -> tuple[Term, ...]:
    """Register the values of a column that nothing knows, as terms of the instance's own.

    Args:
        instance: Whose registry.
        checked: What checking the dataset gave.
        slot: Slot of the column.
        name: Name of the column.

    Raises:
        NotFoundError: There is no such column among those of categories.
        InputError: The column holds identifiers, which are made by ontologies and not here.
    """
    found = get_category(checked, slot, name)
    unknown = [one.value for one in found.resolutions if one.term is None]
    if not unknown:
        return ()
    if found.feature is None or (dtype := parse_dtype(found.feature.dtype)).field != "name":
        raise InputError(
            "identifiers-not-made",
            f"{', '.join(map(repr, unknown[:3]))} in {name!r} are identifiers, which no registry makes.",
            hint="Correct them, or add the terms with their names and identifiers to the registry.",
            where=name,
        )
    return add_terms(instance, [TermDraft(registry=dtype.registries[0], name=value) for value in unknown])


def list_known_names(instance: Instance, checked: Checked, slot: str, name: str, *, public: bool) -> tuple[str, ...]:
    """The names that the values of a column may have: registered ones, and with ``public`` those of the reference."""
    found = get_category(checked, slot, name)
    if found.feature is None:
        return ()
    names: list[str] = []
    for registry in parse_dtype(found.feature.dtype).registries:
        names += instance.catalog.terms.list_names(registry)
        if public:
            names += instance.reference.list_names(registry)
    return tuple(dict.fromkeys(names))


def get_category(checked: Checked, slot: str, name: str) -> CheckedFeature:
    """What was found of a column whose values are terms.

    Raises:
        NotFoundError: ``column-missing``, with the columns that there are.
    """
    columns = {one.name: one for one in checked.features if one.slot == slot and _is_category(one)}
    if name in columns:
        return columns[name]
    raise NotFoundError(
        "column-missing",
        f"{slot or 'The data frame'} has no column {name!r} whose values are terms.",
        hint=f"There are: {', '.join(columns)}." if columns else "It has none at all.",
        where=name,
    )


def _is_category(one: CheckedFeature) -> bool:
    return one.feature is None or parse_dtype(one.feature.dtype).is_category
