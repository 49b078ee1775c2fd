"""The cells in gene space: principal components, and a picture of their neighbourhood graph in two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.section import SectionParameters

N_COMPONENTS = 30
N_LAYOUT_COMPONENTS = 14
N_NEIGHBOURS = 12
N_REPELLING = 5
REPULSION = 2.2
N_ROUNDS = 80
COUNTS_PER_CELL = 100.0


def build_components(counts: Ints) -> Floats:
    """Principal components of log-normalised counts, scaled by gene."""
    import numpy as np

    total = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    values = np.log1p(counts * np.float32(COUNTS_PER_CELL) / total).astype(np.float32)
    values -= values.mean(axis=0)
    values /= np.maximum(values.std(axis=0), 0.1) ** 0.5  # between covariance and correlation: rare markers count too
    _, axes = np.linalg.eigh((values.T @ values).astype(np.float64))
    axes = axes[:, ::-1][:, : min(N_COMPONENTS, axes.shape[1])]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return np.asarray(values @ (axes * signs).astype(np.float32), dtype=np.float32)


def build_layout(parameters: SectionParameters, components: Floats) -> Floats:
    """A force-directed layout of the graph of nearest neighbours: n x 2.

    Neighbours attract each other, randomly drawn cells repel each other, with the forces of UMAP at ``min_dist`` about
    0.5; but edges have no weights and all cells move at once, so it is not UMAP and does not claim to be.

    Source: https://arxiv.org/abs/1802.03426 section 3.2 (the forces).
    """
    import numpy as np

    rng = parameters.build_rng("layout")
    start, end = _find_edges(components[:, :N_LAYOUT_COMPONENTS])
    xy = components[:, :2] / components[:, :2].std(axis=0) * 4
    xy += rng.normal(0, 0.3, xy.shape).astype(np.float32)
    for done in range(N_ROUNDS):
        step = np.float32(0.5 * (1 - done / N_ROUNDS) + 0.01)
        xy = xy + step * np.clip(_measure_forces(rng, xy, start, end), -4, 4)
    return np.asarray(xy - xy.mean(axis=0), dtype=np.float32)


def _find_edges(points: Floats) -> tuple[Ints, Ints]:
    """Every cell with each of its nearest neighbours, both ways."""
    import numpy as np
    from scipy.spatial import cKDTree

    n_near = min(N_NEIGHBOURS, points.shape[0] - 1)
    _, near = cKDTree(points).query(points, k=n_near + 1, eps=0.5, workers=-1)
    start, end = np.repeat(np.arange(points.shape[0]), n_near), near[:, 1:].ravel()
    pairs = np.unique(np.sort(np.column_stack((start, end)), axis=1), axis=0)
    both = np.concatenate((pairs, pairs[:, ::-1]))
    both = both[np.argsort(both[:, 0], kind="stable")]
    return both[:, 0], both[:, 1]


def _measure_forces(rng: np.random.Generator, xy: Floats, start: Ints, end: Ints) -> Floats:
    """Pull of all neighbours plus the push of a few randomly drawn cells, each standing for many."""
    import numpy as np

    step = xy[end]
    step -= xy[start]
    step /= (1 + np.einsum("ij,ij->i", step, step))[:, None]
    first = np.flatnonzero(np.diff(start, prepend=-1))  # every cell has neighbours, so there is one run per cell
    force = np.add.reduceat(step, first)
    degree = np.diff(first, append=start.size)[:, None].astype(np.float32)
    push = np.zeros_like(force)
    for _ in range(N_REPELLING):
        away = xy - xy[rng.permutation(xy.shape[0])]
        squared = np.einsum("ij,ij->i", away, away)[:, None]
        push += away / ((0.1 + squared) * (1 + squared))
    force += np.float32(REPULSION / N_REPELLING) * degree * push
    return np.asarray(force * np.float32(0.1))
