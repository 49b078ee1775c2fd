"""The registries as classes: ``vt.Tissue``, ``vt.CellType``, ``vt.Gene`` and their kin."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from vitrina.api.registry_class import RegistryClass
from vitrina.api.registry_entry import RegistryEntry
from vitrina.api.term_field import TermField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.api.registry_class import OrganismLike


class Organism(RegistryEntry):
    """An organism, of NCBI Taxonomy: ``vt.Organism.from_source(name="human")``."""


class Tissue(RegistryEntry):
    """A tissue or organ, of UBERON.

    Example:
        >>> import vitrina as vt
        >>> lung = vt.Tissue.from_source(name="lung").save()                    # doctest: +SKIP
        >>> vt.Tissue(name="tumour margin", parents=[lung]).save()              # doctest: +SKIP
    """


class CellType(RegistryEntry):
    """A cell type, of the Cell Ontology: ``vt.CellType.from_source(name="T cell")``."""


class Disease(RegistryEntry):
    """A disease, of MONDO, or ``normal`` of PATO: ``vt.Disease.from_source(name="Alzheimer disease")``."""


class ExperimentalFactor(RegistryEntry):
    """An assay, of EFO: ``vt.ExperimentalFactor.from_source(name="10x Xenium")``."""


class DevelopmentalStage(RegistryEntry):
    """A developmental stage, of HsapDv or MmusDv."""


class Ethnicity(RegistryEntry):
    """An ethnicity or ancestry, of HANCESTRO."""


class Sex(RegistryEntry):
    """A sex, of PATO: ``vt.Sex.from_source(name="female")``."""


class CellLine(RegistryEntry):
    """A cell line, of Cellosaurus: ``vt.CellLine.from_source(name="HeLa")``."""


class Gene(RegistryEntry):
    """A gene, of Ensembl.

    Args:
        symbol: Such as ``BRCA2``.
        ensembl_gene_id: Such as ``ENSG00000139618``.
        organism: Such as ``human``.
        synonyms: Other symbols.
        description: Full name or free text.
        biotype: Such as ``protein_coding``.

    Example:
        >>> import vitrina as vt
        >>> vt.Gene.from_values(["BRCA2", "TP53"], organism="human").save()     # doctest: +SKIP
        >>> vt.Gene.validate(ids, field=vt.Gene.ensembl_gene_id)                # doctest: +SKIP
    """

    FIELDS: ClassVar[tuple[str, ...]] = (
        "uid",
        "symbol",
        "ensembl_gene_id",
        "biotype",
        "organism",
        *(field for field in RegistryClass.FIELDS if field not in ("uid", "name", "ontology_id", "organism")),
    )

    _SHOWN: ClassVar = ("symbol", "ensembl_gene_id")

    symbol = TermField("Such as ``BRCA2``.")
    ensembl_gene_id = TermField("Such as ``ENSG00000139618``.")
    biotype = TermField("Such as ``protein_coding``.")

    def __init__(
        self,
        symbol: str,
        *,
        ensembl_gene_id: str | None = None,
        organism: OrganismLike = None,
        synonyms: str | Iterable[str] | None = None,
        description: str | None = None,
        biotype: str | None = None,
    ) -> None:
        from dataclasses import replace

        super().__init__(
            symbol, ontology_id=ensembl_gene_id, synonyms=synonyms, description=description, organism=organism
        )
        attributes = {"symbol": symbol, "ensembl_gene_id": ensembl_gene_id, "biotype": biotype}
        given = {name: value for name, value in attributes.items() if value is not None}
        self.record = replace(self.record, attributes=given)


class ULabel(RegistryEntry):
    """A label of your own, of any kind: ``vt.ULabel(name="batch 1").save()``."""


class Project(RegistryEntry):
    """A project that datasets belong to: ``vt.Project(name="Lung atlas").save()``."""
