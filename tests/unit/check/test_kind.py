"""Which checker a Zarr hierarchy is for, by the attributes of its root."""

import json

import pytest

from vitrina.checks.kind import find_zarr_format

# https://spatialdata.scverse.org/en/stable/design_doc.html: the root and each element have a version of their own
OWN = {"spatialdata_attrs": {"version": "0.3"}}
ATTRIBUTES = {
    "root": ({"spatialdata_attrs": {"version": "0.2", "spatialdata_software_version": "0.8.0"}}, "spatialdata"),
    "image of 0.5": ({"ome": {"version": "0.5-dev-spatialdata", "multiscales": []}, **OWN}, "ngff"),
    "image of 0.4": ({"multiscales": [], **OWN}, "ngff"),
    "list of labels": ({"ome": {"labels": ["cells"]}}, "ngff"),
}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_image_within_spatialdata_is_ome_zarr_and_the_store_around_it_is_not(name):
    attrs, expected = ATTRIBUTES[name]
    document = {"zarr_format": 3, "node_type": "group", "attributes": attrs}
    assert find_zarr_format({"zarr.json": json.dumps(document).encode()}) == expected
