"""An instance with a small reference, whose terms are those of the real ontologies."""

import pytest

import vitrina as vt
from vitrina.model.term import TermDraft
from vitrina.ontology.reference import Reference
from vitrina.ontology.write import write_terms
from vitrina.verbs.init import init


def build_tissue(name, number, *parents, synonyms=()):
    return TermDraft(
        registry="Tissue",
        name=name,
        ontology_id=f"UBERON:{number:07}",
        synonyms=synonyms,
        source="uberon 2026-04-01",
        parent_ids=tuple(f"UBERON:{parent:07}" for parent in parents),
    )


def build_gene(symbol, ensembl_id, organism):
    return TermDraft(
        registry="Gene",
        name=symbol,
        ontology_id=ensembl_id,
        organism=organism,
        attributes={"symbol": symbol, "ensembl_gene_id": ensembl_id, "biotype": "protein_coding"},
    )


TERMS = [
    build_tissue("organ", 62),
    build_tissue("lung", 2048, 62, synonyms=("pulmo",)),
    build_tissue("left lung", 2168, 2048),
    build_tissue("brain", 955, 62),
    TermDraft(
        registry="ExperimentalFactor",
        name="10x Xenium",
        ontology_id="EFO:0022615",
        synonyms=("Xenium Spatial Gene Expression",),
    ),
    TermDraft(registry="Organism", name="Homo sapiens", ontology_id="NCBITaxon:9606", synonyms=("human",)),
    build_gene("ACTB", "ENSG00000075624", "human"),
    build_gene("TP53", "ENSG00000141510", "human"),
    build_gene("Actb", "ENSMUSG00000029580", "mouse"),
]


@pytest.fixture(scope="session")
def reference_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("reference") / "reference.sqlite"
    write_terms(path, TERMS)
    return path


@pytest.fixture
def instance(tmp_path, reference_path):
    instance = init(tmp_path / "lab").instance
    instance.reference = Reference(shipped=reference_path)
    return instance


@pytest.fixture
def connected(instance, monkeypatch):
    """The instance that ``vt.Tissue`` and its kin work on."""
    monkeypatch.setattr("vitrina.api.connection._Connection.instance", instance)
    return instance


@pytest.fixture
def artifact(connected, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    return vt.Artifact(path).save()
