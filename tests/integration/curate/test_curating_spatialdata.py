"""LaminDB's documented curation of SpatialData, with other imports; see ``curate_spatialdata.py`` in its documentation.

Source: https://docs.lamin.ai/curate (SpatialData); values of attrs and genes as in its example dataset
"""

from __future__ import annotations

import pytest

import vitrina as vt

GENES = ["ENSG00000139618", "ENSG00000157764", "ENSG00000999999"]
"""BRCA2, BRAF, and one that does not exist."""


@pytest.fixture
def schema(lab):
    attrs = vt.Schema([vt.Feature(name="bio", dtype=dict).save(), vt.Feature(name="tech", dtype=dict).save()]).save()
    sample = vt.Schema(
        [
            vt.Feature(name="disease", dtype="cat[bionty.Disease]", coerce=True).save(),
            vt.Feature(name="developmental_stage", dtype="cat[bionty.DevelopmentalStage]", coerce=True).save(),
        ]
    ).save()
    tech = vt.Schema([vt.Feature(name="assay", dtype="cat[bionty.ExperimentalFactor]", coerce=True).save()]).save()
    obs = vt.Schema([vt.Feature(name="sample_region", dtype="str").save()]).save()
    genes = vt.Schema(itype="bionty.Gene.ensembl_gene_id", maximal_set=True).save()
    return vt.Schema(
        name="spatialdata_blobs_schema",
        otype="SpatialData",
        slots={
            "attrs:bio": sample,
            "attrs:tech": tech,
            "attrs": attrs,
            "tables:table:obs": obs,
            "tables:table:var.T": genes,
        },
    ).save()


@pytest.fixture
def sdata():
    from spatialdata.datasets import blobs

    sdata = blobs()
    sdata.attrs["bio"] = {"disease": "Alzheimer disease", "developmental_stage": "adult stage"}
    sdata.attrs["tech"] = {"assay": "Visium Spatial Gene Expression"}
    sdata.attrs["random_int"] = 20
    table = sdata.tables["table"]
    table.var.index = GENES
    table.obs["sample_region"] = "sample region 1"
    return sdata


def keep_known_genes(sdata):
    sdata.tables["table"] = sdata.tables["table"][:, GENES[:2]].copy()


def test_the_unknown_gene_is_named(schema, sdata):
    with pytest.raises(vt.errors.ValidationError) as caught:
        vt.curators.SpatialDataCurator(sdata, schema).validate()
    assert [finding.code for finding in caught.value.findings if finding.severity == "error"] == ["term-unknown"]
    assert "'ENSG00000999999'" in str(caught.value)


def test_a_table_whose_var_was_dropped_in_place_is_refused_with_the_reason(schema, sdata):
    sdata.tables["table"].var.drop(index="ENSG00000999999", inplace=True)
    with pytest.raises(vt.errors.ValidationError) as caught:
        vt.curators.SpatialDataCurator(sdata, schema).validate()
    found = {finding.code: finding for finding in caught.value.findings}
    assert found["var-length-differs"].severity == "error"
    assert "tables/table" in found["var-length-differs"].path
    assert "3" in found["var-length-differs"].message
    assert "2" in found["var-length-differs"].message
    with pytest.raises(vt.errors.ValidationError):
        vt.Artifact.from_spatialdata(sdata, key="examples/spatialdata1.zarr", schema=schema).save()
    assert vt.Artifact.filter().count() == 0


def test_a_subset_of_the_table_is_valid_saved_and_annotated(lab, schema, sdata):
    keep_known_genes(sdata)
    report = vt.curators.SpatialDataCurator(sdata, schema).validate()
    assert report.is_valid
    artifact = vt.Artifact.from_spatialdata(sdata, key="examples/spatialdata1.zarr", schema=schema).save()
    annotations = lab.catalog.annotations.read([artifact.uid])[artifact.uid]
    assert {(label.feature, label.registry, label.name) for label in annotations.labels} == {
        ("disease", "Disease", "Alzheimer disease"),
        ("developmental_stage", "DevelopmentalStage", "adult stage"),
        ("assay", "ExperimentalFactor", "Visium Spatial Gene Expression"),
    }
    assert annotations.schema_uid == schema.uid
    assert [slot for slot, _ in annotations.slots] == sorted(schema.slots)
    assert {value.feature: value.value for value in annotations.values} == {
        "bio": {"disease": "Alzheimer disease", "developmental_stage": "adult stage"},
        "tech": {"assay": "Visium Spatial Gene Expression"},
    }
    assert artifact.schema == schema
    assert artifact.load().tables["table"].shape == (26, 2)


def test_a_synonym_in_attrs_is_standardised_where_it_stands(schema, sdata):
    keep_known_genes(sdata)
    sdata.attrs["bio"]["disease"] = "Alzheimer's disease"  # an exact synonym in MONDO:0004975
    curator = vt.curators.SpatialDataCurator(sdata, schema)
    assert curator.slots["attrs:bio"].cat.non_validated == {"disease": ["Alzheimer's disease"]}
    assert curator.slots["attrs:bio"].cat.standardize("disease") == {"Alzheimer's disease": "Alzheimer disease"}
    assert sdata.attrs["bio"]["disease"] == "Alzheimer disease"
    assert curator.validate().is_valid
