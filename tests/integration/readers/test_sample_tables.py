"""AnnData and plain table samples. Values are compared with anndata and pandas; sizes come from each SOURCE.md."""

import numpy as np
import pandas as pd
import pytest
import samples

from vitrina.model.content import Column, Embedding, Matrix
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source


def read(name):
    source = open_source(samples.get(name))
    reader = find_reader(source)
    assert reader is not None
    return source, reader, reader.read_content(source)


def get_column(table, name):
    return next(column for column in table.obs_columns if column.name == name)


def test_the_oldest_h5ad_is_described():
    _, _, content = read("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad")
    assert (content.format, content.container, content.is_simulated) == ("anndata", "hdf5", False)
    (table,) = content.elements
    assert (table.n_obs, table.n_vars, content.n_observations) == (700, 765, 700)
    assert table.matrix == Matrix(encoding="dense", dtype="float32", chunk_shape=(44, 96))
    assert table.embeddings == (Embedding(name="X_pca", n_dims=50), Embedding(name="X_umap", n_dims=2))
    assert [column.name for column in table.obs_columns] == [
        "bulk_labels", "n_genes", "percent_mito", "n_counts", "S_score", "G2M_score", "phase", "louvain",
    ]  # fmt: skip
    assert get_column(table, "phase") == Column(
        name="phase", dtype="category", n_categories=3, categories=("G1", "G2M", "S")
    )
    assert get_column(table, "n_genes") == Column(name="n_genes", dtype="int64")
    assert len(table.var_names) == 100
    assert table.var_names[0] == "HES4"
    assert (table.position_columns, table.extent_xy) == (None, None)
    assert [finding.code for finding in content.findings] == ["anndata-old"]


def test_the_oldest_h5ad_previews_its_umap_in_the_colours_of_its_cell_types():
    source, reader, content = read("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad")
    preview = reader.read_preview(source, content, 512)
    loaded = reader.read_object(source)
    np.testing.assert_allclose(preview.points_xy, loaded.obsm["X_umap"])
    np.testing.assert_array_equal(preview.groups, loaded.obs["bulk_labels"].cat.codes)
    assert not preview.is_spatial


def test_the_multiplexed_table_is_described_with_its_positions():
    source, reader, content = read("h5ad-multiplex-scimap/example_data.h5ad")
    (table,) = content.elements
    loaded = reader.read_object(source)
    assert (table.n_obs, table.n_vars) == loaded.shape == (3029, 33)
    assert table.matrix == Matrix(encoding="dense", dtype="float64", chunk_shape=None)
    assert table.position_columns == ("X_position", "Y_position")
    positions = loaded.obs[["X_position", "Y_position"]]
    assert table.extent_xy == pytest.approx((*positions.min(), *positions.max()))
    phenotype = get_column(table, "phenotype")
    assert (phenotype.dtype, phenotype.n_categories) == ("category", 25)
    assert list(phenotype.categories) == list(loaded.obs["phenotype"].cat.categories)
    assert list(table.var_names) == list(loaded.var_names)
    preview = reader.read_preview(source, content, 512)
    assert preview.is_spatial
    np.testing.assert_allclose(preview.points_xy, positions)
    np.testing.assert_array_equal(preview.groups, loaded.obs["phenotype"].cat.codes)


@pytest.mark.parametrize(
    ("name", "shape", "embeddings"),
    [("example_valid", (2, 7), ["X_umap"]), ("example_invalid_CL", (320, 136), ["X_pca", "X_umap"])],
)
def test_sparse_tables_are_described(name, shape, embeddings):
    _, _, content = read(f"h5ad-cellxgene-schema/{name}.h5ad")
    (table,) = content.elements
    assert (table.n_obs, table.n_vars) == shape
    assert table.matrix == Matrix(encoding="csr", dtype="float32")
    assert [embedding.name for embedding in table.embeddings] == embeddings
    assert content.format_version == "0.1.0"
    assert get_column(table, "is_primary_data").dtype == "bool"


def test_backed_handles_do_not_load_the_matrix():
    source, reader, _ = read("h5ad-multiplex-scimap/example_data.h5ad")
    backed = reader.open_object(source)
    assert backed.isbacked
    backed.file.close()


@pytest.mark.parametrize(
    "name",
    [
        "visium-mouse-brain-tiny/outs/spatial/scalefactors_json.json",
        "visium-mouse-brain-tiny/outs/spatial/tissue_positions_list.csv",  # no header
        "merscope-liver-mini/region_0/images/micron_to_mosaic_pixel_transform.csv",  # a matrix without a header
        "seqfish-cortex-csv/seqfish_field_expr.txt.gz",  # one name fewer than columns
        "LICENSES",
        "LICENSES/brainglobe+cellfinder__LICENSE.txt",
        "h5ad-pbmc68k/SOURCE.md",
    ],
)
def test_what_no_reader_reads_is_not_claimed(name):
    assert find_reader(open_source(samples.get(name))) is None


@pytest.mark.parametrize(
    ("name", "n_rows", "positions"),
    [
        ("mcmicro-exemplar001-csv/exemplar-001--unmicst_cell.csv", 11201, ("X_centroid", "Y_centroid")),
        ("cosmx-lung12-mini/Lung12/Lung12_tx_file.csv", 25825, ("x_global_px", "y_global_px")),
        ("merscope-liver-mini/region_0/detected_transcripts.csv", 5936, ("global_x", "global_y")),
        ("merscope-liver-mini/region_1/cell_metadata.csv", 997, ("center_x", "center_y")),
        ("merscope-liver-mini/region_1/cell_by_gene.csv", 997, None),
        ("ome-zarr-v04-2dt-labels/table.tsv", 3620, None),
        ("seqfish-cortex-csv/seqfish_field_locs.txt", 118, ("sdimx", "sdimy")),
        ("tiff-golgi-labels-table/table-mlj.csv", 68, ("Centroid.X", "Centroid.Y")),
        ("vendor-micro/Xenium_small/cells.csv.gz", 6, ("x_centroid", "y_centroid")),
        ("vendor-micro/STARmapPLUS_small/mock_spatial.csv", 10, None),  # the second row holds types
    ],
)
def test_text_tables_are_described(name, n_rows, positions):
    source, _, content = read(name)
    (table,) = content.elements
    expected = pd.read_csv(source.path, sep=None, engine="python")  # pandas' own guess of the delimiter
    assert (content.format, content.container, table.n_obs) == ("table", "csv", n_rows)
    assert len(expected) == n_rows
    assert [column.name for column in table.obs_columns] == list(expected.columns)
    assert table.position_columns == positions
    if positions is not None:
        points = expected[list(positions)]
        assert table.extent_xy == pytest.approx((*points.min(), *points.max()))


@pytest.mark.parametrize(
    ("name", "n_rows"),
    [
        ("visium-hd-tiny/outs/binned_outputs/square_008um/spatial/tissue_positions.parquet", 4992),
        ("merscope-liver-mini/region_1/cell_boundaries.parquet", 6490),
    ],
)
def test_parquet_tables_are_described(name, n_rows):
    source, reader, content = read(name)
    (table,) = content.elements
    loaded = reader.read_object(source)
    assert (content.container, table.n_obs, len(loaded)) == ("parquet", n_rows, n_rows)
    assert [column.name for column in table.obs_columns] == list(loaded.columns)
    assert reader.open_object(source).count_rows() == n_rows


def test_spots_of_visium_hd_put_columns_on_x():
    source, _, content = read("visium-hd-tiny/outs/binned_outputs/square_016um/spatial/tissue_positions.parquet")
    (table,) = content.elements
    expected = pd.read_parquet(source.path)[["pxl_col_in_fullres", "pxl_row_in_fullres"]]
    assert table.position_columns == tuple(expected.columns)
    assert table.extent_xy == pytest.approx((*expected.min(), *expected.max()))


def test_a_text_table_in_memory_has_all_its_values():
    source, reader, _ = read("mcmicro-exemplar001-csv/exemplar-001--unmicst_cell.csv")
    pd.testing.assert_frame_equal(reader.read_object(source), pd.read_csv(source.path))
    assert reader.open_object(source).count_rows() == 11201
