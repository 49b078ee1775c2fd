"""The registries: the kinds of terms that datasets are annotated with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """One kind of terms.

    Attributes:
        name: Class name, such as ``ExperimentalFactor``.
        plural: Name of an artifact's terms of this kind, such as ``experimental_factors``.
        alias: Word that queries and tables use, such as ``assay``.
        prefixes: Of the ontology ids that its terms have in the reference, the usual one first; empty when users make
            all terms themselves.
        key_fields: Fields other than name and synonyms that identify a term, such as ``ensembl_gene_id``.
        attributes: Further fields that terms of the reference have, such as ``biotype``.
    """

    name: str
    plural: str
    alias: str
    prefixes: tuple[str, ...] = ()
    key_fields: tuple[str, ...] = ("ontology_id",)
    attributes: tuple[str, ...] = ()

    @property
    def has_reference(self) -> bool:
        """Whether an ontology or gene table knows its terms."""
        return bool(self.prefixes)


_REGISTRIES = (
    Registry(name="Organism", plural="organisms", alias="organism", prefixes=("NCBITaxon",)),
    Registry(name="Tissue", plural="tissues", alias="tissue", prefixes=("UBERON",)),
    Registry(name="CellType", plural="cell_types", alias="cell_type", prefixes=("CL",)),
    Registry(name="Disease", plural="diseases", alias="disease", prefixes=("MONDO", "PATO")),
    Registry(name="ExperimentalFactor", plural="experimental_factors", alias="assay", prefixes=("EFO",)),
    Registry(
        name="DevelopmentalStage",
        plural="developmental_stages",
        alias="developmental_stage",
        prefixes=("HsapDv", "MmusDv"),
    ),
    Registry(name="Ethnicity", plural="ethnicities", alias="ethnicity", prefixes=("HANCESTRO",)),
    Registry(name="Sex", plural="sexes", alias="sex", prefixes=("PATO",)),
    Registry(name="CellLine", plural="cell_lines", alias="cell_line", prefixes=("CVCL",)),
    Registry(
        name="Gene",
        plural="genes",
        alias="gene",
        prefixes=("ENS",),
        key_fields=("ensembl_gene_id", "symbol"),
        attributes=("biotype",),
    ),
    Registry(name="ULabel", plural="ulabels", alias="ulabel"),
    Registry(name="Project", plural="projects", alias="project"),
)

REGISTRIES: Mapping[str, Registry] = MappingProxyType({registry.name: registry for registry in _REGISTRIES})
"""By class name."""

_BY_WORD = {word: registry for registry in _REGISTRIES for word in (registry.alias, registry.plural, registry.name)}


def find_registry(word: str) -> Registry | None:
    """The registry with an alias, a plural or a class name, with or without ``bionty.`` before it."""
    return _BY_WORD.get(word.removeprefix("bionty."))


def list_words() -> tuple[str, ...]:
    """All words that ``find_registry`` knows."""
    return tuple(_BY_WORD)
