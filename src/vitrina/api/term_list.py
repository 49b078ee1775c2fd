"""Lists of registry entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from vitrina.api.record_list import RecordList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.api.registry_class import RegistryClass
    from vitrina.api.registry_entry import RegistryEntry
    from vitrina.model.resolution import Resolution


class TermList[T: RegistryClass](RecordList[T]):
    """Entries of one registry, some of which may not be saved yet.

    Args:
        entries: In order.
        fields: Columns of a table of them.
        unknown: Values that no entry was found for.
    """

    def __init__(self, entries: Iterable[T], fields: tuple[str, ...], unknown: Iterable[Resolution] = ()) -> None:
        super().__init__(entries, fields)
        self.unknown = tuple(unknown)

    def save(self) -> Self:
        """Register those that are not registered yet, all at once."""
        if self:
            instance = self[0].instance
            terms = instance.add_terms([entry.record for entry in self])
            for entry, term in zip(self, terms, strict=True):
                entry.record = term
        return self

    def __repr__(self) -> str:
        names = ", ".join(repr(entry) for entry in self[:10])
        more = f", and {len(self) - 10:,} more" if len(self) > 10 else ""
        return f"[{names}{more}]"


class Relatives[T: RegistryEntry](TermList[T]):
    """The direct parents of an entry, which can be added to and taken from."""

    _of: T

    @classmethod
    def of(cls, entry: T, parents: Iterable[T], fields: tuple[str, ...]) -> Self:
        """The parents of an entry."""
        relatives = cls(parents, fields)
        relatives._of = entry
        return relatives

    def add(self, *entries: T) -> None:
        """Put the entry below more parents, with all that is below it.

        Raises:
            ConflictError: A parent is below the entry.
        """
        self.set([*self, *entries])

    def remove(self, *entries: T) -> None:
        """Take the entry from below some of its parents."""
        gone = {entry.key for entry in entries}
        self.set([parent for parent in self if parent.key not in gone])

    def set(self, entries: Iterable[T]) -> None:
        """Put the entry below these parents and no others.

        Raises:
            ConflictError: A parent is below the entry.
        """
        parents = list({entry.key: entry for entry in TermList(entries, self._fields).save()}.values())
        self._of.save()
        self._of.record = self._of.instance.set_parents(self._of.saved, [parent.saved for parent in parents])
        self[:] = parents
