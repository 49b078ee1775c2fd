"""``vitrina curate`` and ``vitrina add --schema`` on CELLxGENE's own two example files.

Expected findings are the faults that its own validator names for the second file.
"""

from __future__ import annotations

import pytest
import samples


@pytest.fixture
def examples():
    return samples.get("h5ad-cellxgene-schema")


def test_a_file_that_fits_is_added_with_its_labels(vitrina, examples):
    ran = vitrina("add", examples / "example_valid.h5ad", "--schema", "cellxgene")
    assert (ran.code, ran.err) == (0, "")
    assert vitrina("find", "--json").json["total"] == 1
    again = vitrina("curate", "example_valid.h5ad", "--schema", "cellxgene")
    assert again.code == 0
    assert "obs tissue_ontology_term_id: lung" in again.out


def test_a_file_that_does_not_fit_is_not_added_and_told_why(vitrina, examples):
    ran = vitrina("add", examples / "example_invalid_CL.h5ad", "--schema", "cellxgene")
    assert ran.code == 1
    assert "'CL:12312' (1 row) is not a known CellType.ontology_id" in ran.err
    assert vitrina("find", "--json").json["total"] == 0


def test_an_artifact_that_does_not_fit_gives_findings_as_json(vitrina, examples):
    vitrina("add", examples / "example_invalid_CL.h5ad")
    ran = vitrina("curate", "example_invalid_CL.h5ad", "--schema", "cellxgene", "--json")
    assert ran.code == 1
    assert (ran.json["valid"], ran.json["kind"], ran.json["schema"]) == (False, "anndata", "cellxgene")
    errors = {(one["code"], one["path"]) for one in ran.json["findings"] if one["severity"] == "error"}
    assert ("column-missing", "obs#/donor_id") in errors
    assert ("term-unknown", "obs#/cell_type_ontology_term_id") in errors
    assert all(set(one) == {"code", "severity", "path", "message", "fix"} for one in ran.json["findings"])


def test_a_refused_file_gives_its_findings_as_json(vitrina, examples):
    ran = vitrina("add", examples / "example_invalid_CL.h5ad", "--schema", "cellxgene", "--json")
    assert ran.code == 1
    assert ran.json["code"] == "schema-not-satisfied"
    assert "column-missing" in {one["code"] for one in ran.json["findings"]}


def test_an_unknown_schema_is_not_found(vitrina, examples):
    vitrina("add", examples / "example_valid.h5ad")
    ran = vitrina("curate", "example_valid.h5ad", "--schema", "cellxgen")
    assert ran.code == 3
    assert "schema-not-found" in ran.err
