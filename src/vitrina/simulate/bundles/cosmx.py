"""A simulated section in the layout of NanoString CosMx.

Source: https://nanostring-biostats.github.io/CosMx-Analysis-Scratch-Space/posts/flat-file-exports/flat-files-compare.html
(names and columns of the tables of both releases); https://giottosuite.com/articles/import_utilities.html (pictures).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vitrina.simulate.bundles.imaged import build_imaged_section, writing_bundle
from vitrina.simulate.outlines import measure_areas
from vitrina.simulate.texture import find_membranes

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.bundles.imaged import ImagedSection
    from vitrina.simulate.section import SectionParameters

type Release = Literal["public", "atomx"]
"""The first public datasets, or what AtoMx exports: other names, gzip, millimetres, and local y pointing down."""

SLIDE = "Simulated"
FOV_PX = 512
ORIGIN_PX = (5_000.0, -160_000.0)
"""Global x of the left and global y of the lower edge of the section; y points up."""

COMPARTMENTS = ("None", "Nuclear", "Cytoplasm")
WHITE = 4_000.0
"""Intensity that is drawn as brightest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The section cut into fields of view.

    Attributes:
        side_px: Of a field of view.
        n_columns: Fields of view side by side.
        n_rows: One above the other; the first is uppermost.
        release: Which way local y points.
    """

    side_px: int
    n_columns: int
    n_rows: int
    release: Release

    @property
    def numbers(self) -> range:
        """Of all fields of view, row by row, from 1."""
        return range(1, self.n_columns * self.n_rows + 1)

    def find(self, xy_px: Floats) -> Ints:
        """The number of the field of view in which each place lies, in pixels from the upper left corner."""
        import numpy as np

        column, row = (np.floor(xy_px / self.side_px).astype(np.int64)).T
        return np.asarray(row.clip(0, self.n_rows - 1) * self.n_columns + column.clip(0, self.n_columns - 1) + 1)

    def get_corner(self, fov: Any) -> tuple[Any, Any]:
        """Global x and y of the lower left corner of a field of view."""
        row, column = divmod(fov - 1, self.n_columns)
        return ORIGIN_PX[0] + column * self.side_px, ORIGIN_PX[1] + (self.n_rows - 1 - row) * self.side_px

    def build_places(self, fov: Ints, xy_px: Floats, names: tuple[str, str, str, str]) -> dict[str, Floats]:
        """Local x and y and global x and y of places, under the given names."""
        corner_x, corner_y = self.get_corner(fov)
        global_x = ORIGIN_PX[0] + xy_px[:, 0]
        global_y = ORIGIN_PX[1] + self.n_rows * self.side_px - xy_px[:, 1]
        up = global_y - corner_y
        local_y = up if self.release == "public" else self.side_px - up
        return dict(zip(names, (global_x - corner_x, local_y, global_x, global_y), strict=True))

    def crop(self, pixels: Any, fov: int) -> Any:
        """The part of an image (rows and columns last) in a field of view, filled up with 0."""
        import numpy as np

        row, column = divmod(fov - 1, self.n_columns)
        side = self.side_px
        part = pixels[..., row * side : (row + 1) * side, column * side : (column + 1) * side]
        missing = [(0, 0)] * (part.ndim - 2) + [(0, side - part.shape[-2]), (0, side - part.shape[-1])]
        return np.pad(part, missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCells:
    """The cells of a section by field of view.

    Attributes:
        fov: Of each cell: that of its centre.
        number: Of each cell in its field of view, from 1.
        molecule_fov: Of each transcript.
        molecule_cell: Number of its cell; 0 outside of cells, and where its cell belongs to the next field of view.
    """

    fov: Ints
    number: Ints
    molecule_fov: Ints
    molecule_cell: Ints


def write_cosmx(
    parameters: SectionParameters,
    path: Path,
    *,
    release: Release = "public",
    fov_px: int = FOV_PX,
    slide: str = SLIDE,
) -> None:
    """Write one slide.

    Args:
        parameters: Of the section.
        path: Folder that is made.
        release: Of which the layout is.
        fov_px: Side of a field of view; the last ones are filled up with nothing.
        slide: Name that the names of tables begin with.

    Raises:
        ConflictError: There is something at the path.
        StorageError: The disk is full, or may not be written to.
    """
    height, width = parameters.shape_yx
    fields = Fields(side_px=fov_px, n_columns=-(-width // fov_px), n_rows=-(-height // fov_px), release=release)
    with writing_bundle(path, parameters) as folder:
        section = build_imaged_section(parameters)
        cells = split_cells(section, fields)
        for name, frame in (
            ("exprMat_file", _build_counts(section, cells, fields)),
            ("metadata_file", _build_metadata(section, cells, fields)),
            ("tx_file", _build_transcripts(section, cells, fields)),
            ("fov_positions_file", _build_positions(parameters, fields)),
        ):
            _write_table(frame, folder / f"{slide}_{name}.csv", release)
        _write_table(_build_outlines(section, cells, fields), folder / f"{slide}-polygons.csv", release)
        _write_pictures(section, cells, fields, folder)


def split_cells(section: ImagedSection, fields: Fields) -> FieldCells:
    """Give every cell and molecule to a field of view."""
    import numpy as np

    size_um = section.specimen.parameters.pixel_size_um
    fov = fields.find(section.specimen.cells.centre_xy / size_um)
    order = np.argsort(fov, kind="stable")
    sizes = np.bincount(fov, minlength=len(fields.numbers) + 1)
    first = np.cumsum(sizes) - sizes
    number = np.empty(fov.size, dtype=np.int64)
    number[order] = np.arange(fov.size) - first[fov[order]] + 1
    molecule_fov = fields.find(section.transcripts.xy.astype(np.float64) / size_um)
    cell = section.transcripts.cell_id
    own = cell > 0
    own[own] &= fov[cell[own] - 1] == molecule_fov[own]
    molecule_cell = np.where(own, number[np.maximum(cell, 1) - 1], 0)
    return FieldCells(fov=fov, number=number, molecule_fov=molecule_fov, molecule_cell=molecule_cell)


def _build_counts(section: ImagedSection, cells: FieldCells, fields: Fields) -> pd.DataFrame:
    """One row per cell, and a first one per field of view, cell 0, for what lies outside of all of them."""
    import numpy as np
    import pandas as pd

    n_rows = cells.fov.size + len(fields.numbers)
    fov = np.concatenate([np.array(fields.numbers), cells.fov])
    number = np.concatenate([np.zeros(len(fields.numbers), dtype=np.int64), cells.number])
    order = np.lexsort((number, fov))
    n_numbers = int(number.max()) + 1
    row_of = np.full((len(fields.numbers) + 1) * n_numbers, -1)
    row_of[fov[order] * n_numbers + number[order]] = np.arange(n_rows)
    row = row_of[cells.molecule_fov * n_numbers + cells.molecule_cell]
    pair = row * len(section.genes) + section.transcripts.gene_code
    counts = np.bincount(pair, minlength=n_rows * len(section.genes)).reshape(n_rows, -1)
    frame = pd.DataFrame(counts, columns=list(section.genes))
    frame.insert(0, "fov", fov[order])
    frame.insert(1, "cell_ID", number[order])
    return frame


def _build_metadata(section: ImagedSection, cells: FieldCells, fields: Fields) -> pd.DataFrame:
    import pandas as pd

    specimen = section.specimen
    size_um = specimen.parameters.pixel_size_um
    areas = measure_areas(specimen.outlines.cell_nkxy) / size_um**2
    names = ("CenterX_local_px", "CenterY_local_px", "CenterX_global_px", "CenterY_global_px")
    places = fields.build_places(cells.fov, specimen.cells.centre_xy / size_um, names)
    frame = pd.DataFrame({"fov": cells.fov, "cell_ID": cells.number, "Area": areas.round().astype(int), **places})
    if fields.release == "atomx":
        frame.insert(0, "cell_id", [f"c_1_{a}_{b}" for a, b in zip(cells.fov, cells.number, strict=True)])
    return frame.sort_values(["fov", "cell_ID"])


def _build_transcripts(section: ImagedSection, cells: FieldCells, fields: Fields) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    parameters, transcripts = section.specimen.parameters, section.transcripts
    names = ("x_local_px", "y_local_px", "x_global_px", "y_global_px")
    places = fields.build_places(
        cells.molecule_fov, transcripts.xy.astype(np.float64) / parameters.pixel_size_um, names
    )
    nuclear = parameters.build_rng("cosmx compartments").random(cells.molecule_fov.size) < 0.3
    compartment = np.where(cells.molecule_cell == 0, 0, np.where(nuclear, 1, 2))
    frame = pd.DataFrame(
        {
            "fov": cells.molecule_fov,
            "cell_ID": cells.molecule_cell,
            **places,
            "z": parameters.build_rng("cosmx slices").integers(0, 9, cells.molecule_fov.size),
            "target": np.array(section.genes)[transcripts.gene_code],
            "CellComp": np.array(COMPARTMENTS)[compartment],
        }
    )
    return frame.sort_values(["fov", "cell_ID"], kind="stable")


def _build_positions(parameters: SectionParameters, fields: Fields) -> pd.DataFrame:
    import pandas as pd

    corners = [fields.get_corner(fov) for fov in fields.numbers]
    name = "fov" if fields.release == "public" else "FOV"
    frame = pd.DataFrame(
        {
            name: list(fields.numbers),
            "x_global_px": [x for x, _ in corners],
            "y_global_px": [y for _, y in corners],
        }
    )
    if fields.release == "atomx":
        frame["x_global_mm"] = frame["x_global_px"] * parameters.pixel_size_um / 1000
        frame["y_global_mm"] = frame["y_global_px"] * parameters.pixel_size_um / 1000
    return frame


def _build_outlines(section: ImagedSection, cells: FieldCells, fields: Fields) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    polygons = section.specimen.outlines.cell_nkxy
    n_vertices = polygons.shape[1]
    fov = np.repeat(cells.fov, n_vertices)
    names = ("x_local_px", "y_local_px", "x_global_px", "y_global_px")
    xy_px = polygons.reshape(-1, 2) / section.specimen.parameters.pixel_size_um
    places = fields.build_places(fov, xy_px, names)
    return pd.DataFrame({"fov": fov, "cellID": np.repeat(cells.number, n_vertices), **places})


def _write_table(frame: pd.DataFrame, path: Path, release: Release) -> None:
    if release == "public":
        frame.to_csv(path, index=False)
    else:
        frame.to_csv(path.with_name(f"{path.name}.gz"), index=False, compression={"method": "gzip", "mtime": 1})


def _write_pictures(section: ImagedSection, cells: FieldCells, fields: Fields, folder: Path) -> None:
    import numpy as np
    import tifffile
    from PIL import Image

    composite = _draw_composite(section.image_cyx)
    overlay = np.where(find_membranes(section.specimen.labels_yx), np.uint8(255), composite)
    labels, nuclei = section.specimen.labels_yx, section.specimen.nuclei_yx
    fov_of, number_of = (np.concatenate([[0], own]) for own in (cells.fov, cells.number))
    for kind in ("CellComposite", "CellOverlay", "CellLabels", "CompartmentLabels"):
        (folder / kind).mkdir()
    for fov in fields.numbers:
        for kind, picture in (("CellComposite", composite), ("CellOverlay", overlay)):
            own = np.ascontiguousarray(np.moveaxis(fields.crop(picture, fov), 0, -1))
            Image.fromarray(own).save(folder / kind / f"{kind}_F{fov:03d}.jpg", quality=92)
        ids = fields.crop(labels, fov)
        own_ids = np.where(fov_of[ids] == fov, number_of[ids], 0).astype(np.uint16)
        tifffile.imwrite(folder / "CellLabels" / f"CellLabels_F{fov:03d}.tif", own_ids, metadata=None)
        parts = np.where(own_ids == 0, 0, np.where(fields.crop(nuclei, fov) > 0, 1, 2)).astype(np.uint8)
        tifffile.imwrite(folder / "CompartmentLabels" / f"CompartmentLabels_F{fov:03d}.tif", parts, metadata=None)


def _draw_composite(image_cyx: Ints) -> Any:
    """Nuclei blue, the second channel green, the third red, as 8-bit RGB."""
    import numpy as np

    light = np.clip(image_cyx[[2, 1, 0]] / WHITE, 0, 1) * 255
    return light.astype(np.uint8)
