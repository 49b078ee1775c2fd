"""Fields of registry classes: the value on a record, what to put into a dtype on the class."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from vitrina.model.dtype import RegistryField
from vitrina.model.term_match import get_field

if TYPE_CHECKING:
    from vitrina.api.registry_entry import RegistryEntry


class TermField:
    """``vt.Tissue.ontology_id`` is a field that dtypes and ``validate(field=)`` take; ``lung.ontology_id`` is text.

    Args:
        doc: What it is.
    """

    def __init__(self, doc: str) -> None:
        self.__doc__ = doc
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, entry: None, owner: type[RegistryEntry]) -> RegistryField: ...
    @overload
    def __get__(self, entry: RegistryEntry, owner: type[RegistryEntry]) -> str | None: ...
    def __get__(self, entry: RegistryEntry | None, owner: type[RegistryEntry]) -> RegistryField | str | None:
        if entry is None:
            return RegistryField(registry=owner.__name__, name=self._name)
        return get_field(entry.record, self._name)
