"""The molecules: how many of which gene each cell has, and where each one lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.simulate.expression import build_rates
from vitrina.simulate.genes import NUCLEAR_GENES, PANEL
from vitrina.simulate.outlines import measure_areas
from vitrina.simulate.zones import Zone

if TYPE_CHECKING:
    import numpy as np
    import shapely

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.outlines import Outlines
    from vitrina.simulate.specimen import Specimen

BACKGROUND_SHARE = 0.07
"""Share of the transcripts that lie outside of all cells."""
GLASS_SHARE = 0.04
"""Share of those that lie outside of the tissue."""
NUCLEAR_SHARE = 0.25
NUCLEAR_SHARE_OF_NUCLEAR_GENES = 0.92
SHRINK = 0.995
"""Positions keep this much of their distance from the middle, so that rounding never puts one across an outline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcripts:
    """All molecules of a section, in Morton order: neighbours in space are neighbours in the arrays.

    Attributes:
        xy: n x 2, in micrometres.
        gene_code: Index into the panel.
        cell_id: Id of the cell that the molecule lies in, 0 outside of all cells.
        quality: Phred-scaled quality of the gene call, 20 to 40.
    """

    xy: Floats
    gene_code: Ints
    cell_id: Ints
    quality: Floats


def build_transcripts(specimen: Specimen) -> Transcripts:
    """Exactly as many molecules as the parameters ask for."""
    import numpy as np

    parameters = specimen.parameters
    rng = parameters.build_rng("transcripts")
    rates = build_rates(parameters, specimen.cells, measure_areas(specimen.outlines.cell_nkxy))
    n_background = round(parameters.n_transcripts * BACKGROUND_SHARE)
    cell, gene = _draw_molecules(rng, rates, parameters.n_transcripts - n_background)
    xy = _place_in_cells(rng, specimen.outlines, cell, gene)
    outside_xy = _place_outside(rng, specimen, n_background)
    outside_gene = rng.choice(gene, n_background)
    xy = np.concatenate((xy, outside_xy)).astype(np.float32)
    cell_id = np.concatenate((cell + 1, np.zeros(n_background, dtype=np.int64))).astype(np.int32)
    gene_code = np.concatenate((gene, outside_gene)).astype(np.int32)
    quality = np.where(cell_id > 0, rng.beta(6, 1.3, cell_id.size), rng.beta(3, 1.6, cell_id.size))
    order = np.argsort(_build_morton_codes(xy), kind="stable")
    return Transcripts(
        xy=xy[order],
        gene_code=gene_code[order],
        cell_id=cell_id[order],
        quality=np.asarray(20 + 20 * quality[order], dtype=np.float32),
    )


def count_transcripts(transcripts: Transcripts, n_cells: int, n_genes: int) -> Ints:
    """Number of transcripts of each cell (row) and gene (column)."""
    import numpy as np

    inside = transcripts.cell_id > 0
    pair = (transcripts.cell_id[inside].astype(np.int64) - 1) * n_genes + transcripts.gene_code[inside]
    return np.bincount(pair, minlength=n_cells * n_genes).reshape(n_cells, n_genes).astype(np.int32)


def _draw_molecules(rng: np.random.Generator, rates: Floats, n_molecules: int) -> tuple[Ints, Ints]:
    """Cell and gene of each molecule: given the total, Poisson counts are multinomial."""
    import numpy as np

    cumulated = np.cumsum(rates, dtype=np.float64)
    ticks = np.sort(rng.random(n_molecules)) * cumulated[-1]
    drawn = np.minimum(np.searchsorted(cumulated, ticks, side="right"), rates.size - 1)
    cell, gene = np.divmod(drawn, rates.shape[1])
    return cell, gene


def _place_in_cells(rng: np.random.Generator, outlines: Outlines, cell: Ints, gene: Ints) -> Floats:
    import numpy as np

    nuclear_share = np.where(np.isin(PANEL, NUCLEAR_GENES), NUCLEAR_SHARE_OF_NUCLEAR_GENES, NUCLEAR_SHARE)
    in_nucleus = rng.random(cell.size) < nuclear_share[gene]
    xy = np.empty((cell.size, 2))
    xy[in_nucleus] = _place_in_polygons(rng, outlines.nucleus_nkxy, outlines.nucleus_centre_nxy, cell[in_nucleus])
    xy[~in_nucleus] = _place_in_polygons(rng, outlines.cell_nkxy, outlines.cell_centre_nxy, cell[~in_nucleus])
    return xy


def _place_in_polygons(rng: np.random.Generator, polygons_nkxy: Floats, centre_nxy: Floats, polygon: Ints) -> Floats:
    """Random places, uniform in each polygon: a triangle at the polygon's centre by its area, then a place in it."""
    import numpy as np

    after = np.roll(polygons_nkxy, -1, axis=1)
    n_polygons, n_vertices, _ = polygons_nkxy.shape
    triangles = np.stack((np.broadcast_to(centre_nxy[:, None], after.shape), polygons_nkxy, after), axis=2)
    areas = measure_areas(triangles.reshape(-1, 3, 2)).reshape(n_polygons, n_vertices)
    shares = np.cumsum(areas, axis=1) / areas.sum(axis=1, keepdims=True)
    keys = (shares + np.arange(n_polygons)[:, None]).ravel()  # one sorted list for all polygons
    drawn = np.searchsorted(keys, polygon + rng.random(polygon.size), side="right")
    side = np.clip(drawn - polygon * n_vertices, 0, n_vertices - 1)
    along, across = np.sqrt(rng.random((polygon.size, 1))) * SHRINK, rng.random((polygon.size, 1))
    here, there, centre = polygons_nkxy[polygon, side], after[polygon, side], centre_nxy[polygon]
    return np.asarray(centre + along * ((1 - across) * here + across * there - centre))


def _place_outside(rng: np.random.Generator, specimen: Specimen, n_wanted: int) -> Floats:
    """Random places that lie in no cell, most of them within the tissue."""
    import numpy as np
    import shapely

    free = specimen.labels_yx == 0
    tissue = specimen.enlarge((specimen.tissue.zone_yx != Zone.GLASS).astype(np.float32)) > 0.5
    n_glass = round(n_wanted * GLASS_SHARE)
    outlines = shapely.STRtree(shapely.polygons(specimen.outlines.cell_nkxy))
    parts = [
        _place_in_pixels(rng, specimen, outlines, np.flatnonzero(pixels), n)
        for pixels, n in ((free & tissue, n_wanted - n_glass), (free & ~tissue, n_glass))
    ]
    return np.concatenate(parts)


def _place_in_pixels(
    rng: np.random.Generator, specimen: Specimen, outlines: shapely.STRtree, pixels: Ints, n_wanted: int
) -> Floats:
    """Random places in some pixels of the background. Outlines cut pixels, so places in cells are drawn anew."""
    import numpy as np
    import shapely

    places_xy = np.empty((0, 2), dtype=np.float32)
    while len(places_xy) < n_wanted:
        rows, columns = np.divmod(rng.choice(pixels, n_wanted), specimen.labels_yx.shape[1])
        within = rng.uniform(0.01, 0.99, (n_wanted, 2))
        drawn_xy = (np.column_stack((columns, rows)) + within) * specimen.parameters.pixel_size_um
        drawn_xy = drawn_xy.astype(np.float32)
        in_cell, _ = outlines.query(shapely.points(drawn_xy), predicate="intersects")
        places_xy = np.concatenate((places_xy, np.delete(drawn_xy, in_cell, axis=0)))
    return places_xy[:n_wanted]


def _build_morton_codes(xy: Floats) -> Ints:
    """Place of each point on the Z-order curve, 16 bits per axis.

    Source: https://en.wikipedia.org/wiki/Z-order_curve
    """
    import numpy as np

    spread = np.maximum(xy.max(axis=0) - xy.min(axis=0), 1e-6)
    bits_xy = ((xy - xy.min(axis=0)) / spread * 65_535).astype(np.int64)
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        bits_xy = (bits_xy | (bits_xy << shift)) & mask
    return np.asarray(bits_xy[:, 0] | (bits_xy[:, 1] << 1))
