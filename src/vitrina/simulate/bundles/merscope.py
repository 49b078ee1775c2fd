"""A simulated section in the layout of Vizgen MERSCOPE.

Source: https://vizgen.github.io/vizgen-postprocessing/output_data_formats/ (names, columns and units of all files).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.simulate.bundles.imaged import build_imaged_section, writing_bundle
from vitrina.simulate.fluorescence import CHANNELS
from vitrina.simulate.outlines import measure_areas
from vitrina.simulate.transcripts import count_transcripts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.bundles.imaged import ImagedSection
    from vitrina.simulate.section import SectionParameters

REGION = "region_0"
ORIGIN_UM = (1_200.0, -350.0)
"""Where the section's corner lies in the coordinates of the run: x, then y."""

FIRST_ENTITY = 2_317_032_900_000_100_000
"""Ids of cells have 19 digits; cell ``i`` of the specimen has this plus ``i``."""

N_PLANES = 3
PLANE_SPACING_UM = 1.5
SHRINK = 0.9
"""Outlines above and below the middle plane are this much smaller per plane."""

N_BLANKS = 5


def write_merscope(
    parameters: SectionParameters, path: Path, *, regions: Sequence[str] = (REGION,), n_planes: int = N_PLANES
) -> None:
    """Write a run with one section per region; the section's name in the parameters gets that of its region.

    Args:
        parameters: Of the sections.
        path: Folder that is made.
        regions: Names of the folders.
        n_planes: Images and outlines of each cell.

    Raises:
        ConflictError: There is something at the path.
        StorageError: The disk is full, or may not be written to.
    """
    from dataclasses import replace

    with writing_bundle(path, parameters) as folder:
        for region in regions:
            own = parameters if len(regions) == 1 else replace(parameters, section=region)
            _write_region(build_imaged_section(own), folder / region, n_planes)


def _write_region(section: ImagedSection, folder: Path, n_planes: int) -> None:
    folder.mkdir()
    _write_counts(section, folder / "cell_by_gene.csv")
    _write_cells(section, folder / "cell_metadata.csv")
    _write_outlines(section, folder / "cell_boundaries.parquet", n_planes)
    _write_transcripts(section, folder / "detected_transcripts.csv", n_planes)
    _write_images(section, folder / "images", n_planes)


def _name_cells(section: ImagedSection) -> Ints:
    import numpy as np

    return FIRST_ENTITY + np.arange(1, section.specimen.parameters.n_cells + 1, dtype=np.int64)


def _write_counts(section: ImagedSection, path: Path) -> None:
    import numpy as np
    import pandas as pd

    parameters = section.specimen.parameters
    counts = count_transcripts(section.transcripts, parameters.n_cells, parameters.n_genes)
    blanks = np.zeros((len(counts), N_BLANKS), dtype=counts.dtype)
    names = [*section.genes, *(f"Blank-{i}" for i in range(1, N_BLANKS + 1))]
    frame = pd.DataFrame(np.hstack([counts, blanks]), index=pd.Index(_name_cells(section), name="cell"), columns=names)
    frame.to_csv(path)


def _write_cells(section: ImagedSection, path: Path) -> None:
    import pandas as pd

    polygons = section.specimen.outlines.cell_nkxy + ORIGIN_UM
    centre_xy = section.specimen.cells.centre_xy + ORIGIN_UM
    low, high = polygons.min(axis=1), polygons.max(axis=1)
    frame = pd.DataFrame(
        {
            "fov": "",
            "volume": measure_areas(polygons) * PLANE_SPACING_UM * N_PLANES,
            "center_x": centre_xy[:, 0],
            "center_y": centre_xy[:, 1],
            "min_x": low[:, 0],
            "min_y": low[:, 1],
            "max_x": high[:, 0],
            "max_y": high[:, 1],
        },
        index=pd.Index(_name_cells(section), name="EntityID"),
    )
    frame.to_csv(path)


def _write_outlines(section: ImagedSection, path: Path, n_planes: int) -> None:
    """One row per cell and plane, well-known binary, as GeoParquet."""
    import geopandas
    import numpy as np
    import shapely

    polygons = section.specimen.outlines.cell_nkxy + ORIGIN_UM
    centres = section.specimen.cells.centre_xy[:, None] + ORIGIN_UM
    entities = _name_cells(section)
    planes = np.arange(n_planes)
    outlines = [_shrink(polygons, centres, abs(int(plane) - n_planes // 2)) for plane in planes]
    geometry = [shapely.multipolygons([[own] for own in shapely.polygons(plane)]) for plane in outlines]
    frame: Any = geopandas.GeoDataFrame(
        {
            "ID": np.arange(n_planes * len(entities)),
            "EntityID": np.repeat(entities, n_planes),
            "ZIndex": np.tile(planes, len(entities)),
            "Geometry": np.stack(geometry, axis=1).ravel(),
            "Type": "cell",
            "ZLevel": np.tile((planes + 1) * PLANE_SPACING_UM, len(entities)),
            "Name": None,
            "ParentID": None,
            "ParentType": None,
        },
        geometry="Geometry",
    )
    frame.to_parquet(path)


def _shrink(polygons_nkxy: Floats, centre_n1xy: Floats, n_planes_away: int) -> Floats:
    factor: float = SHRINK**n_planes_away
    return centre_n1xy + factor * (polygons_nkxy - centre_n1xy)


def _write_transcripts(section: ImagedSection, path: Path, n_planes: int) -> None:
    import numpy as np
    import pandas as pd

    transcripts, parameters = section.transcripts, section.specimen.parameters
    rng = parameters.build_rng("merscope planes")
    xy = transcripts.xy.astype(np.float64)
    cell = np.where(transcripts.cell_id > 0, transcripts.cell_id.astype(np.int64) + FIRST_ENTITY, -1)
    frame = pd.DataFrame(
        {
            "barcode_id": transcripts.gene_code,
            "global_x": xy[:, 0] + ORIGIN_UM[0],
            "global_y": xy[:, 1] + ORIGIN_UM[1],
            "global_z": rng.integers(0, n_planes, len(xy)).astype(np.float64),
            "x": xy[:, 0] / parameters.pixel_size_um,
            "y": xy[:, 1] / parameters.pixel_size_um,
            "fov": 0,
            "gene": np.array(section.genes)[transcripts.gene_code],
            "transcript_id": [f"TX{code:08d}" for code in transcripts.gene_code],
            "cell_id": cell,
        }
    )
    frame.to_csv(path)


def _write_images(section: ImagedSection, folder: Path, n_planes: int) -> None:
    import numpy as np
    import tifffile

    folder.mkdir()
    for channel, name in enumerate(CHANNELS):
        for plane in range(n_planes):
            factor = SHRINK ** abs(plane - n_planes // 2)
            pixels = (section.image_cyx[channel] * factor).astype(np.uint16)
            tifffile.imwrite(folder / f"mosaic_{name}_z{plane}.tif", pixels, metadata=None)
    size_um = section.specimen.parameters.pixel_size_um
    matrix = [[1 / size_um, 0, -ORIGIN_UM[0] / size_um], [0, 1 / size_um, -ORIGIN_UM[1] / size_um], [0, 0, 1]]
    np.savetxt(folder / "micron_to_mosaic_pixel_transform.csv", np.array(matrix))
