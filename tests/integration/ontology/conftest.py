"""The reference as set-up builds it, and small ontologies of our own."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from vitrina.ontology.reference import Reference
from vitrina.ontology.shipped import get_shipped_path

OBO = """format-version: 1.4
data-version: releases/2026-10-01
ontology: uberon
import: http://192.0.2.1/other.obo

[Term]
id: UBERON:0002048
name: lung
def: "Organ of breath." [LAB:me]
synonym: "pulmo" EXACT []
is_a: UBERON:0000171 ! respiration organ

[Term]
id: UBERON:9999999
name: lobule of the lab
synonym: "lab lobule" EXACT []
relationship: part_of UBERON:0002168 ! left lung

[Term]
id: CL:0000000
name: cell

[Typedef]
id: part_of
name: part of
"""

OWL = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="http://www.w3.org/2002/07/owl#"
  xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:obo="http://purl.obolibrary.org/obo/"
  xmlns:oboInOwl="http://www.geneontology.org/formats/oboInOwl#" xml:base="http://www.ebi.ac.uk/efo/efo.owl">
  <owl:Ontology rdf:about="http://www.ebi.ac.uk/efo/efo.owl">
    <owl:versionIRI rdf:resource="http://www.ebi.ac.uk/efo/releases/v3.99.0/efo.owl"/>
    <owl:imports rdf:resource="http://192.0.2.1/other.owl"/>
  </owl:Ontology>
  <owl:ObjectProperty rdf:about="http://purl.obolibrary.org/obo/BFO_0000050"><rdfs:label>part of</rdfs:label>
  </owl:ObjectProperty>
  <owl:Class rdf:about="http://www.ebi.ac.uk/efo/EFO_0022615"><rdfs:label>10x Xenium</rdfs:label>
    <obo:IAO_0000115>A platform.</obo:IAO_0000115>
    <oboInOwl:hasExactSynonym>Xenium of tomorrow</oboInOwl:hasExactSynonym>
    <rdfs:subClassOf rdf:resource="http://www.ebi.ac.uk/efo/EFO_0000548"/>
    <rdfs:subClassOf><owl:Restriction>
      <owl:onProperty rdf:resource="http://purl.obolibrary.org/obo/BFO_0000050"/>
      <owl:someValuesFrom rdf:resource="http://www.ebi.ac.uk/efo/EFO_0002772"/>
    </owl:Restriction></rdfs:subClassOf>
  </owl:Class>
  <owl:Class rdf:about="http://www.ebi.ac.uk/efo/EFO_0000548"><rdfs:label>instrument</rdfs:label></owl:Class>
  <owl:Class rdf:about="http://www.ebi.ac.uk/efo/EFO_0002772"><rdfs:label>assay by molecule</rdfs:label></owl:Class>
  <owl:Class rdf:about="http://purl.obolibrary.org/obo/UBERON_0002048"><rdfs:label>lung</rdfs:label></owl:Class>
</rdf:RDF>
"""


@pytest.fixture(scope="session")
def reference() -> Reference:
    """The shipped ontologies; an error that names the recipe when set-up has not built them."""
    get_shipped_path()
    return Reference()


@pytest.fixture
def obo(tmp_path):
    path = tmp_path / "uberon.obo"
    path.write_text(OBO)
    return path


@pytest.fixture
def owl(tmp_path):
    path = tmp_path / "efo.owl"
    path.write_text(OWL)
    return path


@pytest.fixture
def count_statements(reference):
    """Counts the SQL statements of a block; the reference has one connection then, which is idle before."""

    @contextmanager
    def count():
        reference.find_terms("Tissue", ["lung"])
        connections = reference._get_library().files[0]._connections
        with connections.borrow() as file:
            connection = file.connection
        statements = []
        connection.set_trace_callback(statements.append)
        try:
            yield statements
        finally:
            connection.set_trace_callback(None)

    return count
