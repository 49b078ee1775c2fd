"""Data checks on real datasets: what they say was looked at by hand, and there are no errors among it."""

from __future__ import annotations

import pytest
import samples

from vitrina.curate.data.check import check_data
from vitrina.curate.parts import find_parts, list_slots
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

SPATIAL = "sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip"

SAMPLES = {
    "h5ad-cellxgene-schema/example_valid.h5ad": {"categories-unused"},
    "h5ad-cellxgene-schema/example_invalid_CL.h5ad": set(),
    "h5ad-multiplex-scimap/example_data.h5ad": set(),
    # old scanpy wrote the indices of raw unsorted
    "h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad": {"sparse-unsorted"},
    "h5mu-hubmap/objects.h5mu": set(),
    "h5mu-hubmap/secondary_analysis.h5mu": set(),
    SPATIAL: {"coordinate-systems"},
    "ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif": set(),
    "ome-zarr-v04-mri/mri-stack.ome.zarr": set(),
    "ome-zarr-v04-2dt-labels/segmentation.ome.zarr.zip": set(),
    "tiff-hela-3ch/hela-cells.tif": set(),
    "tiff-mitosis-5d/xyzct-mitosis.tif": set(),
    "tiff-golgi-labels-table/segmentation.tif": set(),
}


def read(name):
    source = open_source(samples.get(name))
    return find_reader(source).read_object(source)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_real_dataset_has_no_errors(name):
    findings = check_data(read(name))
    assert [one for one in findings if one.severity == "error"] == []
    assert {one.code for one in findings} == SAMPLES[name]


@pytest.mark.parametrize("name", ["h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad", "h5mu-hubmap/objects.h5mu", SPATIAL])
def test_every_slot_of_a_real_dataset_is_found(name):
    dataset = read(name)
    for slot in list_slots(dataset):
        [part] = find_parts(dataset, slot)
        for key in part.names[:5]:
            part.get(key)


def test_ids_of_a_real_table_are_those_of_its_elements():
    dataset = read(SPATIAL)
    tables = [table for table in dataset.tables.values() if "spatialdata_attrs" in table.uns]
    assert tables
    tables[0].obs[tables[0].uns["spatialdata_attrs"]["instance_key"]] = range(10**6, 10**6 + tables[0].n_obs)
    assert "instance-missing" in {one.code for one in check_data(dataset)}
