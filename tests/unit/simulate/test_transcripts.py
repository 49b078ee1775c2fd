"""Transcripts lie where they say, and show the genes that they should."""

import numpy as np
import shapely

from vitrina.simulate.cell_types import CODES
from vitrina.simulate.genes import HOUSEKEEPING, PANEL, PROGRAMS
from vitrina.simulate.transcripts import build_transcripts, count_transcripts


def _count(specimen, transcripts):
    return count_transcripts(transcripts, specimen.parameters.n_cells, specimen.parameters.n_genes)


def _mean(counts, of, *genes):
    return counts[of][:, [PANEL.index(gene) for gene in genes]].sum(axis=1).mean()


def test_there_are_exactly_as_many_as_asked_for(transcripts):
    assert transcripts.xy.shape == (40_000, 2)
    assert transcripts.gene_code.shape == transcripts.cell_id.shape == transcripts.quality.shape == (40_000,)


def test_every_transcript_of_a_cell_lies_in_its_polygon(specimen, transcripts):
    """Checked by GEOS."""
    inside = transcripts.cell_id > 0
    polygons = shapely.polygons(specimen.outlines.cell_nkxy)[transcripts.cell_id[inside] - 1]
    assert shapely.contains_xy(polygons, *transcripts.xy[inside].T).all()


def test_background_lies_in_no_cell_and_mostly_in_the_tissue(specimen, transcripts):
    xy = transcripts.xy[transcripts.cell_id == 0]
    assert len(xy) == 2_800  # 7 % of 40,000
    tree = shapely.STRtree(shapely.polygons(specimen.outlines.cell_nkxy))
    assert tree.query(shapely.points(xy), predicate="intersects").size == 0
    columns, rows = (xy / 2).astype(int).T
    assert (specimen.tissue.zone_yx[rows, columns] > 0).mean() > 0.85


def test_counts_are_the_transcripts_of_each_cell_and_gene(specimen, transcripts):
    """Counted one by one."""
    expected = np.zeros((specimen.parameters.n_cells, specimen.parameters.n_genes), dtype=int)
    for cell_id, gene_code in zip(transcripts.cell_id.tolist(), transcripts.gene_code.tolist(), strict=True):
        if cell_id:
            expected[cell_id - 1, gene_code] += 1
    assert (_count(specimen, transcripts) == expected).all()


def test_equal_parameters_give_equal_transcripts(specimen, transcripts):
    again = build_transcripts(specimen)
    assert (again.xy == transcripts.xy).all()
    assert (again.gene_code == transcripts.gene_code).all()


def test_markers_are_highest_in_their_own_type(specimen, transcripts):
    counts, types = _count(specimen, transcripts), specimen.cells.type_code
    for key, genes in {
        "malignant": ("ERBB2", "ESR1", "GATA3"),
        "fibroblast": ("COL1A1", "LUM", "COL3A1"),
        "macrophage": ("CD68", "CD163", "C1QA"),
        "endothelial": ("PECAM1", "VWF", "CDH5"),
        "cd4": ("CD4", "IL7R"),
        "b": ("MS4A1", "CD79A"),
    }.items():
        own = _mean(counts, types == CODES[key], *genes)
        others = [_mean(counts, types == code, *genes) for code in set(types.tolist()) - {CODES[key]}]
        assert own > 1.5 * max(others), key


def test_hypoxia_genes_fall_with_the_distance_from_necrosis(specimen, transcripts):
    counts = _count(specimen, transcripts)
    malignant = specimen.cells.type_code == CODES["malignant"]
    near, far = specimen.cells.hypoxia > 0.5, specimen.cells.hypoxia < 0.1
    genes = ("CA9", "VEGFA", "NDRG1")
    assert _mean(counts, malignant & near, *genes) > 4 * _mean(counts, malignant & far, *genes)


def test_counts_vary_more_than_poisson(specimen, transcripts):
    """A negative binomial's variance exceeds its mean."""
    counts = _count(specimen, transcripts)
    gene = counts[specimen.cells.type_code == CODES["malignant"], PANEL.index("ERBB2")]
    assert gene.var() > 1.3 * gene.mean()


def test_nuclear_rna_lies_in_nuclei():
    from vitrina.simulate.section import SectionParameters
    from vitrina.simulate.specimen import build_specimen

    parameters = SectionParameters(n_cells=200, n_genes=341, n_transcripts=20_000, width_um=200, height_um=200)
    specimen = build_specimen(parameters)
    transcripts = build_transcripts(specimen)
    inside = transcripts.cell_id > 0
    columns, rows = (transcripts.xy / 0.5).astype(int).T
    in_nucleus = specimen.nuclei_yx[rows, columns] > 0
    nuclear = np.isin(transcripts.gene_code, [PANEL.index("MALAT1"), PANEL.index("NEAT1")])
    assert in_nucleus[inside & nuclear].mean() > 0.85
    assert in_nucleus[inside & ~nuclear].mean() < 0.75


def test_neighbours_in_the_list_are_neighbours_in_space(transcripts):
    step = np.linalg.norm(np.diff(transcripts.xy, axis=0), axis=1)
    assert np.median(step) < 5  # 200 um or so in random order


def test_the_panel_names_every_gene_once():
    assert len(set(PANEL)) == len(PANEL) >= 300
    assert set(HOUSEKEEPING) < set(PANEL)


def test_programs_name_only_cell_types_that_exist():
    assert {key for program in PROGRAMS for key in program.levels} <= set(CODES)


def test_a_small_panel_still_has_the_first_marker_of_every_program():
    first = {program.genes[0] for program in PROGRAMS}
    assert first <= set(PANEL[:50])
