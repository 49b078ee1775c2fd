"""What columns are taken for. Expected are the meanings that the programs which write them give them."""

import pytest

from vitrina.model.content import Column
from vitrina.readers.cell_columns import is_of_genes, is_of_molecules, judge_columns


def build(**dtypes):
    return [Column(name=name, dtype=dtype) for name, dtype in dtypes.items()]


def test_mcmicro_markers_are_measurements_and_shape_is_not():
    columns = build(
        CellID="int64", DNA_6="float64", CD45="float64", X_centroid="float64", Y_centroid="float64", Area="int64",
        MajorAxisLength="float64", Solidity="float64",
    )  # fmt: skip
    found = judge_columns(columns)
    assert (found.instances, found.positions) == ("CellID", ("X_centroid", "Y_centroid"))
    assert found.measurements == ("DNA_6", "CD45")
    assert found.annotations == ("CellID", "X_centroid", "Y_centroid", "Area", "MajorAxisLength", "Solidity")
    assert found.is_about_cells


def test_cellprofiler_intensities_are_measurements_and_bookkeeping_is_not():
    columns = build(
        ImageNumber="int64", ObjectNumber="int64", AreaShape_Area="int64", Intensity_MeanIntensity_DNA="float64",
        Location_Center_X="float64", Location_Center_Y="float64", Metadata_Well="string", Number_Object_Number="int64",
        Texture_Contrast_DNA_3_00="float64",
    )  # fmt: skip
    found = judge_columns(columns)
    assert (found.instances, found.positions) == ("ObjectNumber", ("Location_Center_X", "Location_Center_Y"))
    assert found.measurements == ("Intensity_MeanIntensity_DNA", "Texture_Contrast_DNA_3_00")


def test_ids_with_fractions_or_gaps_name_no_cells():
    assert judge_columns(build(cell_id="float64", CD3="float64")).instances is None


@pytest.mark.parametrize("dtype", ["string", "category", "bool", "datetime"])
def test_only_numbers_are_measurements(dtype):
    assert judge_columns(build(label="int64", marker=dtype)).measurements == ()


def test_a_gene_at_a_position_is_a_molecule():
    assert is_of_molecules(build(gene="string", global_x="float64", global_y="float64"))
    assert not is_of_molecules(build(gene="string", logfoldchange="float64"))
    assert not is_of_molecules(build(target="float64", x="float64", y="float64"))


def test_genes_in_rows_are_known_by_the_name_of_the_first_column():
    assert is_of_genes(build(GENE="string", cell_1="int64", cell_2="int64"))
    assert not is_of_genes(build(GENE="string", cell_1="int64", chromosome="string"))
    assert not is_of_genes(build(cell="string", gene="int64"))
    assert not is_of_genes(build(gene="string"))
