"""One entry of a registry: the base of ``vt.Tissue`` and its kin."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from vitrina.api.registry_class import RegistryClass, _get_organism_name
from vitrina.api.term_field import TermField
from vitrina.api.term_list import Relatives, TermList
from vitrina.errors import InputError
from vitrina.model.registry import REGISTRIES
from vitrina.model.term import Term, TermDraft

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from vitrina.api.artifact import Artifact
    from vitrina.api.query import ArtifactQuery
    from vitrina.api.registry_class import OrganismLike
    from vitrina.verbs.instance import Instance
    from vitrina.verbs.term_hierarchy import Relation

_LOGGER = logging.getLogger("vitrina")


class RegistryEntry(RegistryClass):
    """A term that datasets are annotated with, registered or about to be.

    Args:
        name: The label.
        ontology_id: Such as ``UBERON:0002048``; leave it away for a term of your own.
        parents: Entries that it is below.
        synonyms: Other names: a list, or text with ``|`` between them.
        description: Free text.
        organism: Where the registry has such.
    """

    name = TermField("The label.")
    ontology_id = TermField("Such as ``UBERON:0002048``; None of a term of your own.")

    _SHOWN: ClassVar = ("name", "ontology_id")

    def __init__(
        self,
        name: str,
        *,
        ontology_id: str | None = None,
        parents: Iterable[RegistryEntry] = (),
        synonyms: str | Iterable[str] | None = None,
        description: str | None = None,
        organism: OrganismLike = None,
    ) -> None:
        self.instance = self._get_instance()
        self._new_parents = tuple(parents)
        self.record = TermDraft(
            registry=type(self).__name__,
            name=name,
            ontology_id=ontology_id,
            synonyms=split_synonyms(synonyms),
            description=description,
            organism=_get_organism_name(organism),
        )

    @classmethod
    def _wrap(cls, instance: Instance, record: Term | TermDraft) -> Self:
        entry = cls.__new__(cls)
        entry.instance = instance
        entry.record = record
        entry._new_parents = ()
        return entry

    def save(self) -> Self:
        """Register it, with its parents; an entry that is registered already is taken as it is.

        A term of your own whose name the reference knows is told, because ``from_source`` would give it a place in the
        hierarchy.
        """
        if isinstance(self.record, TermDraft):
            draft = self.record
            parents = TermList(self._new_parents, self.FIELDS).save()
            keys = tuple(parent.key for parent in parents)
            if draft.ontology_id is None and not keys:
                self._tell_known(draft)
            (self.record,) = self.instance.add_terms([replace(draft, parent_ids=(*draft.parent_ids, *keys))])
            self._new_parents = ()
        return self

    def delete(self) -> None:
        """Take it out of the registry.

        Raises:
            ConflictError: Artifacts are labelled with it, or entries are below it.
        """
        self.instance.delete_term(self.saved)

    def add_synonym(self, synonym: str | Iterable[str]) -> None:
        """Add other names."""
        self._set_synonyms((*self.record.synonyms, *split_synonyms(synonym)))

    def remove_synonym(self, synonym: str | Iterable[str]) -> None:
        """Take other names away."""
        gone = set(split_synonyms(synonym))
        self._set_synonyms(tuple(text for text in self.record.synonyms if text not in gone))

    def rename(self, name: str) -> Self:
        """Give it another name.

        Raises:
            ConflictError: Another entry has the name.
        """
        self.record = self.instance.update_term(self.saved, name=name)
        return self

    @property
    def saved(self) -> Term:
        """The record of a registered entry.

        Raises:
            InputError: It is not saved yet.
        """
        if isinstance(self.record, TermDraft):
            raise InputError(
                "term-not-saved", f"{type(self).__name__} {self.record.name!r} is not saved yet.", hint="Call .save()."
            )
        return self.record

    @property
    def key(self) -> str:
        """What identifies it: the ontology id, else the uid, else, not saved yet, the name."""
        return self.record.key if isinstance(self.record, Term) else self.record.ontology_id or self.record.name

    @property
    def uid(self) -> str:
        """16 characters."""
        return self.saved.uid

    @property
    def synonyms(self) -> str | None:
        """Other names, with ``|`` between them; None without any."""
        return "|".join(self.record.synonyms) or None

    @property
    def description(self) -> str | None:
        """Definition or free text."""
        return self.record.description

    @property
    def organism(self) -> str | None:
        """Name of the organism it is of, where the registry has such."""
        return self.record.organism

    @property
    def source(self) -> str | None:
        """The ontology and its release; None of a term of your own."""
        return self.record.source

    @property
    def created_at(self) -> datetime | None:
        """UTC; None when it is not saved yet."""
        return self.record.created_at if isinstance(self.record, Term) else None

    @property
    def created_by(self) -> str | None:
        """Handle of the user; None when it is not saved yet."""
        return self.record.created_by if isinstance(self.record, Term) else None

    @property
    def parents(self) -> Relatives[Self]:
        """The entries directly above, in registry and reference; ``.add(...)`` and ``.remove(...)`` change them."""
        parents: list[Any] = [*self._new_parents, *self._list_related("parents")]
        return Relatives.of(self, parents, self.FIELDS)

    @property
    def children(self) -> TermList[Self]:
        """The entries directly below, in registry and reference."""
        return self._list_related("children")

    @property
    def ancestors(self) -> TermList[Self]:
        """All entries above, in registry and reference."""
        return self._list_related("ancestors")

    @property
    def descendants(self) -> TermList[Self]:
        """All entries below, in registry and reference."""
        return self._list_related("descendants")

    def query_parents(self) -> TermList[Self]:
        """``ancestors``, as LaminDB calls them."""
        return self.ancestors

    def query_children(self) -> TermList[Self]:
        """``descendants``, as LaminDB calls them."""
        return self.descendants

    @property
    def artifacts(self) -> ArtifactQuery[Artifact]:
        """The artifacts that are labelled with it or an entry below it."""
        from vitrina.api.artifact import Artifact

        bound: Any = type("Artifact", (Artifact,), {"_bound": self.instance})
        query: ArtifactQuery[Artifact] = bound.filter(**{REGISTRIES[type(self).__name__].alias: self.saved})
        return query

    def _list_related(self, relation: Relation) -> TermList[Self]:
        related = self.instance.list_related(self.record, relation)
        return TermList((self._wrap(self.instance, record) for record in related), self.FIELDS)

    def _set_synonyms(self, synonyms: tuple[str, ...]) -> None:
        if isinstance(self.record, Term):
            self.record = self.instance.update_term(self.record, synonyms=synonyms)
        else:
            self.record = replace(self.record, synonyms=tuple(dict.fromkeys(synonyms)))

    def _tell_known(self, draft: TermDraft) -> None:
        if not REGISTRIES[draft.registry].has_reference:
            return
        known = self.instance.resolve_values(draft.registry, [draft.name], organism=draft.organism)[draft.name].term
        if isinstance(known, TermDraft):
            _LOGGER.warning(
                "%s %r is kept as a term of your own; %s.from_source(ontology_id=%r) is %r of the reference.",
                draft.registry,
                draft.name,
                draft.registry,
                known.ontology_id,
                known.name,
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RegistryEntry) and (self.record.registry, self.key) == (
            other.record.registry,
            other.key,
        )

    def __hash__(self) -> int:
        return hash((self.record.registry, self.record.name))

    def __repr__(self) -> str:
        name, id_name = self._SHOWN
        shown: dict[str, Any] = {name: self.record.name, id_name: self.record.ontology_id}
        if isinstance(self.record, Term):
            shown = {"uid": self.record.uid, **shown}
        if self.record.organism:
            shown["organism"] = self.record.organism
        fields = ", ".join(f"{name}={value!r}" for name, value in shown.items() if value is not None)
        state = "" if isinstance(self.record, Term) else ", not saved"
        return f"{type(self).__name__}({fields}{state})"


def split_synonyms(synonyms: str | Iterable[str] | None) -> tuple[str, ...]:
    """Synonyms given as a list, or as text with ``|`` between them."""
    parts = synonyms.split("|") if isinstance(synonyms, str) else synonyms or ()
    return tuple(dict.fromkeys(stripped for part in parts if (stripped := part.strip())))
