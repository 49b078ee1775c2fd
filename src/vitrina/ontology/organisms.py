"""Organisms that gene tables and developmental stages are of, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organism:
    """One organism.

    Attributes:
        ontology_id: In NCBI Taxonomy.
        name: The short name by which genes and stages say which organism they are of, as LaminDB has it: ``human``.
        scientific_name: The label of its term in the registry Organism.
    """

    ontology_id: str
    name: str
    scientific_name: str


# https://www.ncbi.nlm.nih.gov/taxonomy; the short names are those of https://www.ensembl.org/info/about/species.html
ORGANISMS = (
    Organism("NCBITaxon:9606", "human", "Homo sapiens"),
    Organism("NCBITaxon:10090", "mouse", "Mus musculus"),
    Organism("NCBITaxon:10116", "rat", "Rattus norvegicus"),
    Organism("NCBITaxon:7955", "zebrafish", "Danio rerio"),
    Organism("NCBITaxon:7227", "fruit fly", "Drosophila melanogaster"),
    Organism("NCBITaxon:6239", "roundworm", "Caenorhabditis elegans"),
    Organism("NCBITaxon:9823", "pig", "Sus scrofa"),
    Organism("NCBITaxon:9986", "rabbit", "Oryctolagus cuniculus"),
    Organism("NCBITaxon:9544", "rhesus macaque", "Macaca mulatta"),
    Organism("NCBITaxon:9541", "crab-eating macaque", "Macaca fascicularis"),
    Organism("NCBITaxon:9598", "chimpanzee", "Pan troglodytes"),
    Organism("NCBITaxon:9593", "gorilla", "Gorilla gorilla"),
    Organism("NCBITaxon:9483", "marmoset", "Callithrix jacchus"),
    Organism("NCBITaxon:30608", "mouse lemur", "Microcebus murinus"),
    Organism("NCBITaxon:2697049", "SARS-CoV-2", "Severe acute respiratory syndrome coronavirus 2"),
    Organism("NCBITaxon:32630", "synthetic construct", "synthetic construct"),
)

_BY_TEXT = {
    text.casefold(): organism.name
    for organism in ORGANISMS
    for text in (organism.ontology_id, organism.scientific_name, organism.name)
}


def get_short_name(text: str) -> str:
    """The short name of an organism by any of its names, in any case; of an unknown one the text itself."""
    return _BY_TEXT.get(text.casefold().replace("_", " "), text)
