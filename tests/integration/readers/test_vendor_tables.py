"""seqFISH by its vendor, and pairs of an expression table with a table of locations. Values are those that pandas
reads from the same files, or that the test wrote.
"""

import json

import numpy as np
import pandas as pd
import pytest
import samples
import tifffile
import vendor_bundles as bundles

from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source
from vitrina.readers.vendor.pairs import PairsReader
from vitrina.readers.vendor.seqfish.reader import SeqfishReader

SEQFISH, PAIRS = SeqfishReader(), PairsReader()
PIXEL_UM = 0.103


def write_section(folder, name, counts=((5, 0, 1), (0, 2, 0))):
    """A section of two cells and three genes in the vendor's layout."""
    folder.mkdir(exist_ok=True)
    table = pd.DataFrame(counts, index=[1, 2], columns=["Actb", "Gapdh", "Sox2"])
    table.to_csv(folder / f"{name}_CellxGene.csv")
    (folder / f"{name}_CellCoordinates.csv").write_text("label,area,center_x,center_y\n1,9.5,1.0,2.0\n2,8.5,3.0,2.5\n")
    (folder / f"{name}_TranscriptList.csv").write_text("x,y,z,name,cell\n1.1,2.1,0,Actb,1\n3.1,2.4,1,Gapdh,2\n")
    labels = np.zeros((40, 60), np.uint32)
    labels[10:30, 5:25], labels[10:30, 30:50] = 1, 2
    size = {"PhysicalSizeX": PIXEL_UM, "PhysicalSizeY": PIXEL_UM, "PhysicalSizeXUnit": "µm", "PhysicalSizeYUnit": "µm"}
    image = np.arange(2400, dtype=np.uint16).reshape(40, 60)
    tifffile.imwrite(folder / f"{name}_DAPI.tiff", image, ome=True, metadata={"axes": "YX", **size})
    tifffile.imwrite(folder / f"{name}_Segmentation.tiff", labels, ome=True, metadata={"axes": "YX", **size})
    square = [[[5, 10], [25, 10], [25, 30], [5, 30], [5, 10]]]
    features = [
        {"type": "Feature", "id": 1, "properties": {}, "geometry": {"type": "Polygon", "coordinates": square}},
        {"type": "Feature", "id": 2, "properties": {}, "geometry": None},
    ]
    document = {"type": "FeatureCollection", "features": features}
    (folder / f"{name}_Boundaries.geojson").write_text(json.dumps(document))
    return folder


def test_a_section_has_all_its_elements(tmp_path):
    path = write_section(tmp_path / "seqfish", "Roi1")
    source, content, elements = bundles.read(SEQFISH, path)
    assert find_reader(source).format == content.format == "seqfish"
    assert list(elements) == ["dapi", "cell_labels", "cells", "transcripts", "table"]
    table = SEQFISH.read_table(source, elements["table"])
    np.testing.assert_array_equal(table.X.toarray(), [[5, 0, 1], [0, 2, 0]])
    np.testing.assert_array_equal(table.obsm["spatial"], [[1.0, 2.0], [3.0, 2.5]])
    assert (list(table.obs["area"]), list(table.obs["instance_id"])) == ([9.5, 8.5], [1, 2])
    assert elements["table"].region == ("cell_labels",)
    for name in ("dapi", "cell_labels", "cells"):
        assert elements[name].placements[0].affine_xy == pytest.approx((PIXEL_UM, 0, 0, 0, PIXEL_UM, 0))
    labels = bundles.read_pixels(SEQFISH, source, elements["cell_labels"])
    assert (labels == 2).sum() == 400
    shapes = SEQFISH.read_shapes(source, elements["cells"])
    assert (list(shapes.index), list(shapes.area)) == ([1], [400.0])
    points = bundles.read_points(SEQFISH, source, elements["transcripts"])
    assert points[["x", "y", "name"]].to_numpy().tolist() == [[1.1, 2.1, "Actb"], [3.1, 2.4, "Gapdh"]]


def test_sections_in_one_folder_are_apart(tmp_path):
    write_section(tmp_path / "seqfish", "Roi1")
    path = write_section(tmp_path / "seqfish", "Roi2", counts=((1, 1, 1), (2, 2, 2)))
    source, content, elements = bundles.read(SEQFISH, path)
    assert content.coordinate_systems == ("Roi1", "Roi2")
    assert SEQFISH.read_table(source, elements["Roi2_table"]).X.sum() == 9
    assert elements["Roi2_table"].region == ("Roi2_cell_labels",)


def test_damage_to_one_file_leaves_the_others(tmp_path):
    path = write_section(tmp_path / "seqfish", "Roi1")
    (path / "Roi1_Boundaries.geojson").write_text('{"features": [{"geometry"')
    (path / "Roi1_Segmentation.tiff").write_bytes(b"II*\0")
    (path / "Roi1_TranscriptList.csv").unlink()
    _, content, elements = bundles.read(SEQFISH, path)
    assert set(elements) == {"dapi", "table"}
    assert {
        ("shapes-damaged", "Roi1_Boundaries.geojson"),
        ("tiff-damaged", "Roi1_Segmentation.tiff"),
        ("bundle-file-missing", "Roi1_TranscriptList.csv"),
    } <= bundles.list_codes(content)
    assert elements["table"].region == ()


def test_labels_of_floating_point_are_no_labels(tmp_path):
    path = write_section(tmp_path / "seqfish", "Roi1")
    tifffile.imwrite(path / "Roi1_Segmentation.tiff", np.ones((40, 60), np.float32))
    _, content, elements = bundles.read(SEQFISH, path)
    assert "cell_labels" not in elements
    assert ("labels-invalid", "Roi1_Segmentation.tiff") in bundles.list_codes(content)


def test_a_matrix_of_genes_by_cells_is_turned_and_joined_with_locations():
    folder = samples.get("seqfish-cortex-csv")
    source, content, elements = bundles.read(PAIRS, folder)
    assert find_reader(source).format == content.format == "expression-locations"
    table = PAIRS.read_table(source, elements["table"])
    counts = pd.read_csv(folder / "seqfish_field_expr.txt.gz", sep=" ")
    places = pd.read_csv(folder / "seqfish_field_locs.txt", sep=" ", index_col="cell_ID").loc[counts.columns]
    assert table.shape == (118, 1774) == (elements["table"].n_obs, elements["table"].n_vars)
    assert (list(table.obs_names), list(table.var_names)) == (list(counts.columns), list(counts.index))
    np.testing.assert_array_equal(table.X.toarray(), counts.to_numpy().T)
    np.testing.assert_array_equal(table.obsm["spatial"], places[["sdimx", "sdimy"]])
    assert ("unit-unknown", "seqfish_field_locs.txt") in bundles.list_codes(content)


def test_the_second_header_line_of_single_cell_portal_files_is_no_cell():
    folder = samples.get("vendor-micro/STARmapPLUS_small")
    source, _, elements = bundles.read(PAIRS, folder)
    table = PAIRS.read_table(source, elements["table"])
    counts = pd.read_csv(folder / "mockraw_expression_pd.csv", index_col=0)
    cells = pd.read_csv(folder / "mock_spatial.csv", index_col=0, skiprows=[1]).loc[counts.columns]
    assert list(table.obs_names) == list(counts.columns)
    np.testing.assert_array_equal(table.X.toarray(), counts.to_numpy().T)
    np.testing.assert_array_equal(table.obsm["spatial"], cells[["X", "Y"]])
    assert list(table.obs["Main_molecular_cell_type"]) == list(cells["Main_molecular_cell_type"])


def test_several_pairs_in_one_folder_are_several_tables(tmp_path):
    for name, count in (("liver", 3), ("spleen", 4)):
        (tmp_path / f"{name}_counts.csv").write_text(f"cell,A,B\nc1,{count},0\nc2,0,1\n")
        (tmp_path / f"{name}_locations.tsv").write_text("cell\tx\ty\nc2\t1\t2\nc1\t3\t4\n")
    source, _, elements = bundles.read(PAIRS, tmp_path)
    assert list(elements) == ["liver", "spleen"]
    spleen = PAIRS.read_table(source, elements["spleen"])
    assert (spleen.X[0, 0], spleen.obsm["spatial"].tolist()) == (4, [[3.0, 4.0], [1.0, 2.0]])


@pytest.mark.parametrize(
    ("expression", "locations"),
    [
        ("cell,A\nc1,1\n", "cell,x,y\nd1,1,2\nd2,1,2\n"),  # other cells
        ("cell,A\nc1,1\n", "cell,x,name\nc1,1,n\n"),  # no positions
        ("cell,A\nc1,1\n", ""),
        ("\0\0\0", "cell,x,y\nc1,1,2\n"),
        ("cell,A\nc1,1\n", "cell,x,y\nc1,1\n"),  # truncated
    ],
)
def test_tables_that_do_not_belong_together_are_no_pair(expression, locations, tmp_path):
    (tmp_path / "expression.csv").write_text(expression)
    (tmp_path / "locations.csv").write_text(locations)
    assert not PAIRS.detect(open_source(tmp_path))


def test_a_value_that_is_no_number_is_told_with_its_file(tmp_path):
    (tmp_path / "x_expression.csv").write_text("cell,A\nc1,1\nc2,many\n")
    (tmp_path / "x_locations.csv").write_text("cell,x,y\nc1,1,2\nc2,3,4\n")
    source, _, elements = bundles.read(PAIRS, tmp_path)
    from vitrina.errors import UnreadableError

    with pytest.raises(UnreadableError) as caught:
        PAIRS.read_table(source, elements["table"])
    assert caught.value.code == "table-damaged"
    assert "x_expression.csv" in caught.value.message
    assert "many" in caught.value.message


def test_very_many_cells_as_columns_are_read(tmp_path):
    n_cells = 40_000
    counts = np.random.default_rng(0).poisson(0.1, (6, n_cells))
    names = [f"cell_number_{i}" for i in range(n_cells)]
    lines = [" ".join(names), *(f"gene{i} " + " ".join(map(str, row)) for i, row in enumerate(counts.tolist()))]
    (tmp_path / "wide_expr.txt").write_text("\n".join(lines) + "\n")  # 600 KB of names, none above the genes
    places = "".join(f"{name} {i} {2 * i}\n" for i, name in enumerate(names))
    (tmp_path / "wide_locs.txt").write_text(f"cell_ID sdimx sdimy\n{places}")
    source, _, elements = bundles.read(PAIRS, tmp_path)
    table = PAIRS.read_table(source, elements["table"])
    np.testing.assert_array_equal(table.X.toarray(), counts.T)
    assert list(table.var_names) == [f"gene{i}" for i in range(6)]
    assert table.obsm["spatial"][-1].tolist() == [n_cells - 1, 2 * (n_cells - 1)]


def test_values_that_are_missing_or_infinite_count_nothing(tmp_path):
    (tmp_path / "x_expression.csv").write_text("cell,A,B\nc1,,inf\nc2,2,nan\n")
    (tmp_path / "x_locations.csv").write_text("cell,x,y\nc1,1,2\nc2,3,4\n")
    source, _, elements = bundles.read(PAIRS, tmp_path)
    assert PAIRS.read_table(source, elements["table"]).X.toarray().tolist() == [[0, 0], [2, 0]]
