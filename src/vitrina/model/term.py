"""Terms: the entries of registries, such as the tissue ``lung``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TermDraft:
    """What a registry is told to make a term: an entry of the reference, or a user's own.

    Attributes:
        registry: Class name of the registry, see ``registry.REGISTRIES``.
        name: The label, such as ``lung``; of a gene its symbol.
        ontology_id: Such as ``UBERON:0002048``; of a gene its Ensembl id; None for a term that no ontology has.
        synonyms: Other names, without the name itself.
        description: Definition or free text, or None.
        source: The ontology and its release, such as ``uberon 2025-08-15``; None for a user's own term.
        organism: Name of the organism it is of, where the registry has such (genes, developmental stages), else None.
        attributes: Further fields by name: of a gene ``symbol``, ``ensembl_gene_id``, ``biotype``.
        parent_ids: Keys of the direct parents: ontology ids, or uids of terms without one.
        ancestor_ids: Keys of all terms above, the parents among them, without the term itself.
        is_obsolete: Whether the ontology has withdrawn it.
    """

    registry: str
    name: str
    ontology_id: str | None = None
    synonyms: tuple[str, ...] = ()
    description: str | None = None
    source: str | None = None
    organism: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    parent_ids: tuple[str, ...] = ()
    ancestor_ids: tuple[str, ...] = ()
    is_obsolete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term that the instance has registered. Fields as in TermDraft.

    Attributes:
        uid: 16 base62 characters.
        created_at: UTC.
        created_by: Handle of the user.
    """

    uid: str
    registry: str
    name: str
    ontology_id: str | None
    synonyms: tuple[str, ...]
    description: str | None
    source: str | None
    organism: str | None
    attributes: Mapping[str, str]
    parent_ids: tuple[str, ...]
    created_at: datetime
    created_by: str

    @property
    def key(self) -> str:
        """What identifies it in hierarchies: the ontology id, or the uid where it has none."""
        return self.ontology_id or self.uid
