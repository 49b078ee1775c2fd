"""A section on disk is what SpatialData, Zarr and Parquet read back."""

import numpy as np
import pytest
import shapely
import spatialdata
import zarr
from pyarrow import parquet
from spatialdata.models import get_table_keys
from spatialdata.transformations import get_transformation

from vitrina.errors import ConflictError, StorageError
from vitrina.simulate import spatialdata as simulated
from vitrina.simulate.section import SectionParameters
from vitrina.simulate.spatialdata import build_section, write_section

PARAMETERS = SectionParameters(n_cells=400, n_transcripts=12_000, width_um=320, height_um=288, pixel_size_um=0.5)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("simulated") / "section.zarr"
    steps = []
    write_section(PARAMETERS, path, progress=lambda done, total: steps.append((done, total)))
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
    return path


@pytest.fixture(scope="module")
def section(path):
    return spatialdata.read_zarr(path)


def test_all_elements_are_there_and_valid(section):
    """Reading validates every element against its model."""
    assert set(section.images) == {"he", "fluorescence"}
    assert set(section.labels) == {"cell_labels", "nucleus_labels"}
    assert set(section.shapes) == {"cells", "nuclei"}
    assert set(section.points) == {"transcripts"}
    assert set(section.tables) == {"table"}
    assert section.coordinate_systems == ["global"]


def test_it_says_that_it_is_simulated(section):
    own = section.attrs["vitrina"]
    assert own["simulated"] is True
    assert SectionParameters(**own["parameters"]) == PARAMETERS
    assert section["table"].uns["vitrina"]["simulated"]


def test_pixels_lie_in_micrometres(section):
    for name in ("he", "fluorescence", "cell_labels", "nucleus_labels"):
        matrix = get_transformation(section[name], "global").to_affine_matrix(("x", "y"), ("x", "y"))
        assert matrix.tolist() == [[0.5, 0, 0], [0, 0.5, 0], [0, 0, 1]]
    extent = spatialdata.get_extent(section["he"])
    assert extent == {"x": (0.0, 320.0), "y": (0.0, 288.0)}


def test_coarser_levels_cover_the_same_ground(section):
    fine, coarse = (section["he"][level]["image"] for level in ("scale0", "scale1"))
    assert (fine.shape, coarse.shape) == ((3, 576, 640), (3, 288, 320))
    matrix = get_transformation(coarse, "global").to_affine_matrix(("x", "y"), ("x", "y"))
    assert matrix.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_the_table_annotates_the_polygons(section):
    region, region_key, instance_key = get_table_keys(section["table"])
    assert (region, region_key, instance_key) == ("cells", "region", "cell_id")
    shapes, joined = spatialdata.join_spatialelement_table(
        sdata=section, spatial_element_names="cells", table_name="table", how="inner"
    )
    assert len(shapes["cells"]) == joined.n_obs == 400
    np.testing.assert_allclose(joined.obs["area_um2"], shapes["cells"].area, rtol=1e-5)


def test_the_table_counts_the_transcripts_inside_the_polygons(section):
    """Aggregated by SpatialData, by geometry alone."""
    counted = spatialdata.aggregate(
        values=section["transcripts"], by=section["cells"], value_key="gene", agg_func="count"
    )["table"]
    expected = counted[:, section["table"].var_names].X.toarray()
    assert (section["table"].X.toarray() == expected).all()
    assert section["table"].X.sum() + (section["transcripts"]["cell_id"] == 0).sum().compute() == 12_000


def test_labels_show_the_polygons(section):
    labels_yx = section["cell_labels"]["scale0"]["image"].to_numpy()
    polygons = section["cells"]
    inside = [shapely.point_on_surface(polygon) for polygon in polygons.geometry]
    columns, rows = (np.array([(point.x, point.y) for point in inside]) / 0.5).astype(int).T
    assert labels_yx[rows, columns].tolist() == polygons.index.tolist()


def test_gene_codes_are_the_positions_of_the_names(section):
    frame = section["transcripts"].compute()
    assert frame["gene_codes"].dtype == np.int32
    names = section["table"].var_names[frame["gene_codes"]]
    assert (names == frame["gene"].astype(str)).all()


def test_categories_are_text_and_no_column_is_nullable(path):
    """What Vitessce can read; see the reader's notes on categories and on nullable columns."""
    obs = zarr.open_group(path / "tables" / "table" / "obs", mode="r")
    encodings = {name: obs[name].attrs["encoding-type"] for name in obs.attrs["column-order"]}
    assert set(encodings.values()) <= {"array", "categorical", "string-array"}
    for name in ("cell_type", "niche", "donor", "region"):
        assert encodings[name] == "categorical"
        assert obs[name]["categories"].dtype == "object" or "str" in str(obs[name]["categories"].dtype).lower()


def test_image_chunks_hold_one_channel(path):
    array = zarr.open_group(path / "images" / "fluorescence", mode="r")["s0"]
    assert array.shape == (4, 576, 640)
    assert array.chunks == (1, 512, 512)


def test_consolidated_metadata_is_that_of_the_arrays(path):
    consolidated = zarr.open_consolidated(path)
    plain = zarr.open_group(path, mode="r", use_consolidated=False)
    for name in ("images/he/s0", "labels/cell_labels/s0", "tables/table/obs/area_um2"):
        assert consolidated[name].metadata == plain[name].metadata


def test_transcripts_lie_in_small_row_groups(path, monkeypatch, tmp_path):
    monkeypatch.setattr(simulated, "ROWS_PER_GROUP", 5_000)
    target = tmp_path / "grouped.zarr"
    write_section(PARAMETERS, target)
    (file,) = sorted((target / "points" / "transcripts" / "points.parquet").glob("*.parquet"))
    groups = parquet.ParquetFile(file).metadata
    assert [groups.row_group(index).num_rows for index in range(groups.num_row_groups)] == [5_000, 5_000, 2_000]
    again = spatialdata.read_zarr(target)["transcripts"].compute()
    assert again.equals(spatialdata.read_zarr(path)["transcripts"].compute())


def test_what_exists_is_not_overwritten(path):
    with pytest.raises(ConflictError) as caught:
        write_section(PARAMETERS, path)
    assert caught.value.code == "path-exists"


def test_nothing_is_left_behind_when_the_disk_refuses(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parquet, "write_table", refuse)
    with pytest.raises(StorageError, match="No space left"):
        write_section(PARAMETERS, tmp_path / "full.zarr")
    assert list(tmp_path.iterdir()) == []


def test_a_section_in_memory_equals_the_one_on_disk(section):
    built = build_section(PARAMETERS)
    for name in ("he", "fluorescence", "cell_labels"):
        here, there = (one[name]["scale1"]["image"].to_numpy() for one in (built, section))
        assert (here == there).all()
    assert (built["table"].X != section["table"].X).nnz == 0
    assert (built["table"].obsm["X_force_layout"] == section["table"].obsm["X_force_layout"]).all()
