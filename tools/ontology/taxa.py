"""Organisms of NCBI Taxonomy: those in common use and what is above them. The whole has 1.3 million."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from vitrina.model.term import TermDraft
from vitrina.ontology.normal import clean_synonyms
from vitrina.ontology.organisms import ORGANISMS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

FILE = "NCBITaxon-ontology-v2026-05-13.json.zst"
SOURCE = "ncbitaxon 2026-05-13"
CHUNK_BYTES = 8 << 20
PREFIX = "NCBITaxon:"
OPENING, BETWEEN = b'{"NCBITaxon:', b'},"NCBITaxon:'
"""What comes before the number of the first term, and of each further one: the file has no blanks."""

MODEL_ORGANISMS = (
    9615,  # dog
    9685,  # cat
    9913,  # cattle
    9940,  # sheep
    9925,  # goat
    9796,  # horse
    10141,  # guinea pig
    10029,  # Chinese hamster
    10036,  # golden hamster
    10181,  # naked mole-rat
    9669,  # ferret
    13616,  # opossum
    9031,  # chicken
    8355,  # Xenopus laevis
    8364,  # Xenopus tropicalis
    8296,  # axolotl
    8090,  # medaka
    7719,  # Ciona intestinalis
    7668,  # purple sea urchin
    45351,  # starlet sea anemone
    6087,  # Hydra vulgaris
    79327,  # Schmidtea mediterranea
    7460,  # honey bee
    7165,  # Anopheles gambiae
    9595,  # western lowland gorilla
    9555,  # olive baboon
    9545,  # pig-tailed macaque
)
"""Animals that spatial and single-cell studies are made of, beside those with a gene table."""

OUTSIDE = (
    ("NCBITaxon:2697049", "Severe acute respiratory syndrome coronavirus 2", ("SARS-CoV-2", "2019-nCoV")),
    ("NCBITaxon:32630", "synthetic construct", ("ERCC spike-in",)),
    ("NCBITaxon:562", "Escherichia coli", ("E. coli",)),
    ("NCBITaxon:4932", "Saccharomyces cerevisiae", ("baker's yeast", "brewer's yeast", "budding yeast")),
    ("NCBITaxon:4896", "Schizosaccharomyces pombe", ("fission yeast",)),
    ("NCBITaxon:3702", "Arabidopsis thaliana", ("thale cress", "mouse-ear cress")),
    ("NCBITaxon:4530", "Oryza sativa", ("rice", "Asian cultivated rice")),
    ("NCBITaxon:4577", "Zea mays", ("maize",)),
    ("NCBITaxon:44689", "Dictyostelium discoideum", ()),
    ("NCBITaxon:5833", "Plasmodium falciparum", ("malaria parasite P. falciparum",)),
)
"""Organisms that are no animals: the package has animals alone. Names as on https://www.ncbi.nlm.nih.gov/taxonomy"""


def read_taxa(package: Path) -> Iterator[TermDraft]:
    """The organisms, in the order above, then what is above them, then those that the package lacks."""
    path = package / "data" / FILE
    outside = {term_id for term_id, _, _ in OUTSIDE}
    wanted = [organism.ontology_id for organism in ORGANISMS if organism.ontology_id not in outside]
    wanted += [f"NCBITaxon:{number}" for number in MODEL_ORGANISMS]
    found = scan_terms(path, set(wanted))
    absent = [term_id for term_id in wanted if term_id not in found]
    if absent:
        raise LookupError(f"{FILE} lacks {absent}")
    above = {term_id for term in found.values() for term_id in term["ancestors"]}
    found |= scan_terms(path, above - found.keys())
    short_names = {organism.ontology_id: organism.name for organism in ORGANISMS}
    taken = {name.casefold() for term_id in wanted for name in found[term_id].get("synonyms", ())}
    taken |= {name.casefold() for name in short_names.values()}
    for term_id in [*wanted, *sorted(found.keys() - set(wanted))]:
        term = found[term_id]
        names = [short_names[term_id]] if term_id in short_names else []
        # the genus Mus is called mouse too, and so on; who writes mouse means the species
        names += [name for name in term.get("synonyms", ()) if term_id in wanted or name.casefold() not in taken]
        parents = [near for near, distance in term["ancestors"].items() if distance == 1 and near in found]
        yield TermDraft(
            registry="Organism",
            name=term["label"],
            ontology_id=term_id,
            synonyms=clean_synonyms(term["label"], names),
            source=SOURCE,
            parent_ids=tuple(parents),
        )
    for term_id, name, synonyms in OUTSIDE:
        yield TermDraft(registry="Organism", name=name, ontology_id=term_id, synonyms=synonyms, source="ncbitaxon")


def scan_terms(path: Path, wanted: Collection[str]) -> dict[str, Any]:
    """Some terms of a file that is too big to be parsed whole: 0.8 GB, of which 16 MB are in memory at a time."""
    found = {}
    with pa.input_stream(str(path), compression="zstd") as stream:
        rest = stream.read(len(OPENING)).removeprefix(OPENING)
        while chunk := stream.read(CHUNK_BYTES):
            *members, rest = (rest + chunk).split(BETWEEN)
            found |= {term_id: parse_member(text) for text in members if (term_id := get_id(text)) in wanted}
    if get_id(rest) in wanted:
        found[get_id(rest)] = parse_member(rest)
    return found


def get_id(member: bytes) -> str:
    """The id of a term whose text begins after ``PREFIX``."""
    return PREFIX + member[: member.index(b'"')].decode()


def parse_member(member: bytes) -> Any:
    """The term, whatever follows it."""
    text = member.decode("utf-8") + "}"
    return json.JSONDecoder().raw_decode(text, text.index(":{") + 1)[0]
