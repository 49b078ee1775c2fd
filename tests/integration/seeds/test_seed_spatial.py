"""The Python code of the article on LaminDB and SpatialData, block by block, as its readers have it in their notebooks.

Changed are the import, the name of the instance, the dataset, and the two places where the article writes ``...``.

Source: https://blog.lamin.ai/spatialdata
"""

from __future__ import annotations

import warnings

import anndata
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import samples
from spatialdata import SpatialData
from spatialdata.models import Image2DModel, ShapesModel, TableModel

import vitrina as vt

QUERY, LOAD, PLOT, TABLE, CURATE, VIEW, TILES = range(7)
N_CELLS = 30
GENES = ["ENSG00000139618", "ENSG00000157764", "ENSG00000141510"]
"""BRCA2, BRAF, TP53."""


def build_section(assay="10x Xenium"):
    """Elements named as in the article's dataset: an H&E image in five scales, circles of cells, and their table."""
    rng = np.random.default_rng(0)
    image = Image2DModel.parse(
        rng.integers(0, 255, (3, 256, 256), dtype="uint8"), dims=("c", "y", "x"), scale_factors=[2, 2, 2, 2]
    )
    centres = rng.uniform(20, 236, (N_CELLS, 2))
    ids = [f"cell-{number}" for number in range(N_CELLS)]
    circles = ShapesModel.parse(centres, geometry=0, radius=4.0, index=pd.Index(ids))
    obs = pd.DataFrame(
        {
            "region": pd.Categorical(["cell_circles"] * N_CELLS),
            "cell_id": ids,
            "leiden": pd.Categorical([str(number % 3) for number in range(N_CELLS)]),
        },
        index=ids,
    )
    counts = rng.poisson(3, (N_CELLS, len(GENES))).astype("float32")
    cells = anndata.AnnData(counts, obs=obs, var=pd.DataFrame(index=GENES), obsm={"X_umap": centres.astype("float32")})
    table = TableModel.parse(cells, region="cell_circles", region_key="region", instance_key="cell_id")
    attrs = {"bio": {"disease": "normal", "developmental_stage": "adult stage"}, "tech": {"assay": assay}}
    return SpatialData(
        images={"he_image": image}, shapes={"cell_circles": circles}, tables={"table": table}, attrs=attrs
    )


def define_schema():
    bio = vt.Schema(
        [
            vt.Feature(name="disease", dtype="cat[bionty.Disease]", coerce=True).save(),
            vt.Feature(name="developmental_stage", dtype="cat[bionty.DevelopmentalStage]", coerce=True).save(),
        ]
    ).save()
    tech = vt.Schema([vt.Feature(name="assay", dtype="cat[bionty.ExperimentalFactor]", coerce=True).save()]).save()
    genes = vt.Schema(itype="bionty.Gene.ensembl_gene_id").save()
    slots = {"attrs:bio": bio, "attrs:tech": tech, "tables:table:var.T": genes}
    return vt.Schema(name="my_spatial_schema", otype="SpatialData", slots=slots).save()


def add_labelled(key, *, assay, tissue):
    artifact = vt.Artifact.from_spatialdata(build_section(assay), key=key).save()
    artifact.labels.add(vt.ExperimentalFactor.from_source(name=assay))
    artifact.labels.add(vt.Tissue.from_source(name=tissue))
    return artifact


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """An instance with three sections, one of them of a part of the lung made by Xenium."""
    root = tmp_path_factory.mktemp("seed") / "lamindata"
    vt.init(root)
    vt.connect(root)
    define_schema()
    add_labelled("lung.zarr", assay="10x Xenium", tissue="left lung")
    add_labelled("brain.zarr", assay="10x Xenium", tissue="brain")
    add_labelled("visium.zarr", assay="Visium Spatial Gene Expression", tissue="lung")
    return root


@pytest.fixture(scope="module")
def notebook(lab):
    """Runs a block after those before it, once each, in one namespace; gives the namespace."""
    blocks = samples.list_code_blocks("001")
    names: dict = {"spatialdata": build_section()}
    done = set()

    def run_until(number):
        for index in range(number + 1):
            if index not in done:
                done.add(index)
                exec(adapt(blocks[index], lab), names)  # noqa: S102 - the article's own code
        return names

    return run_until


def adapt(block, root):
    """The block with what a reader would change."""
    block = block.replace("import lamindb as ln", "import vitrina as ln").replace("laminlabs/lamindata", str(root))
    options = 'obs_embedding_paths=["tables/table/obsm/X_umap"], obs_set_paths=["tables/table/obs/leiden"]'
    block = block.replace("adata_artifact=artifact, ...", f"adata_artifact=artifact, {options}")
    views = 'vc.layout(vc.add_view("scatterplot", dataset=dataset, mapping="X_umap"))'
    return block.replace("# ... configure views ...", views)


@pytest.fixture(autouse=True)
def _connected(lab):
    vt.connect(lab)


def test_xenium_sections_of_the_lung_are_found_by_a_synonym_and_a_part_of_it(notebook):
    found = notebook(QUERY)["xenium_lung"]
    assert [artifact.key for artifact in found] == ["lung.zarr"]
    assert list(found.to_dataframe()["key"]) == ["lung.zarr"]


def test_the_section_is_loaded_whole(notebook):
    sdata = notebook(LOAD)["sdata"]
    assert sorted(name for _, name, _ in sdata.gen_elements()) == ["cell_circles", "he_image", "table"]
    np.testing.assert_array_equal(sdata.tables["table"].X, build_section().tables["table"].X)


@pytest.mark.filterwarnings("ignore:The set_bad function will be deprecated")  # spatialdata-plot 0.4.3, matplotlib 3.11
@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
def test_the_image_is_plotted_with_spatialdata_plot(notebook):
    mpl.use("agg")
    from matplotlib import pyplot as plt

    notebook(LOAD)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what spatialdata-plot imports
        import spatialdata_plot  # noqa: F401
    notebook(PLOT)
    figure = plt.gcf()
    assert [axes.get_title() for axes in figure.axes] == ["H&E image"]
    assert figure.axes[0].images[0].get_array().shape[:2] == (16, 16)  # the fifth scale of 256
    plt.close("all")


def test_the_table_is_an_anndata(notebook):
    adata = notebook(TABLE)["adata"]
    assert adata.shape == (N_CELLS, len(GENES))
    assert adata.obs["leiden"].dtype == "category"


def test_a_section_is_curated_saved_and_described(notebook, capsys):
    artifact = notebook(CURATE)["artifact"]
    printed = capsys.readouterr().out
    for words in ("xenium/my_experiment.zarr", "adult stage", "normal", "10x Xenium", "cell_circles", "he_image"):
        assert words in printed, words
    found = vt.Artifact.filter(assay="Xenium Spatial Gene Expression", disease="normal")
    assert [one.uid for one in found] == [artifact.uid]


def test_a_vitessce_dashboard_is_attached(notebook):
    names = notebook(VIEW)
    artifact = names["artifact"]
    view = artifact.views.one()
    assert (view.name, view.subject_uid) == ("Xenium Lung", artifact.uid)
    (file,) = view.config["datasets"][0]["files"]
    assert file["url"] == f"vitrina://{artifact.uid}/data/my_experiment.zarr"
    assert list(names["vc"].get_artifacts().values()) == [artifact]


def test_no_block_of_the_article_is_left_out():
    assert len(samples.list_code_blocks("001")) == TILES + 1  # tiles need torch, and are tested with training
