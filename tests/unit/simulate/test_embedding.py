"""The cells in gene space."""

import numpy as np
from scipy.spatial import cKDTree

from vitrina.simulate.embedding import build_components, build_layout
from vitrina.simulate.transcripts import count_transcripts


def test_components_are_uncorrelated_and_sorted_by_variance(specimen, transcripts):
    counts = count_transcripts(transcripts, specimen.parameters.n_cells, specimen.parameters.n_genes)
    components = build_components(counts)
    assert components.shape == (900, 30)
    covariance = np.cov(components.T.astype(float))
    assert (np.diff(np.diag(covariance)) < 1e-3).all()
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-3 * covariance.max()


def test_cells_of_one_type_lie_together_in_the_layout(specimen, transcripts):
    counts = count_transcripts(transcripts, specimen.parameters.n_cells, specimen.parameters.n_genes)
    layout = build_layout(specimen.parameters, build_components(counts))
    assert layout.shape == (900, 2)
    assert np.isfinite(layout).all()
    types = specimen.cells.type_code
    _, near = cKDTree(layout).query(layout, k=6)
    by_chance = (np.bincount(types) / types.size) @ (np.bincount(types) / types.size)
    assert (types[near[:, 1:]] == types[:, None]).mean() > max(0.8, 2 * by_chance)


def test_equal_parameters_give_equal_layouts(specimen):
    points = np.random.default_rng(0).normal(size=(60, 30)).astype(np.float32)
    assert (build_layout(specimen.parameters, points) == build_layout(specimen.parameters, points)).all()
