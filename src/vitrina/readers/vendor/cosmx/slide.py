"""What all elements of a slide share: where its fields of view lie, read from its files once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.model.finding import Finding
from vitrina.readers.vendor.cosmx.frame import (
    Frame,
    find_spacing,
    guess_pixel_size,
    measure_pixel_size,
    plan_origins,
)
from vitrina.readers.vendor.cosmx.tiles import measure_tile, read_tile
from vitrina.readers.vendor.text import iterate_rows, open_rows, to_numpy
from vitrina.readers.vendor.transcripts import require_columns

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from vitrina.readers.vendor.cosmx.files import SlideFiles
    from vitrina.readers.vendor.cosmx.tiles import TileShape
    from vitrina.readers.vendor.text import RowFile

TRANSCRIPT_COLUMNS = (
    "fov", "cell_ID", "x_global_px", "y_global_px", "x_local_px", "y_local_px", "z", "target", "CellComp",
)  # fmt: skip
POSITION_COLUMNS = ("fov", "x_global_px", "y_global_px")
"""Source: https://nanostring-biostats.github.io/CosMx-Analysis-Scratch-Space/posts/flat-file-exports/flat-files-compare.html"""

FOV_NAMES = ("fov", "FOV")
CELL_NAMES = ("cell_ID", "cellID", "CellId", "cell_id")

MAX_PAIRS = 200_000
MIN_MATCH = 0.5
"""Share of transcripts in cells that must meet the label of their cell for a picture to count as placed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The frame of a slide and how sure it is."""

    frame: Frame
    rows_run: int
    findings: tuple[Finding, ...]


class Slide:
    """The files of one slide.

    Args:
        root: Folder of the bundle.
        files: Of the slide.
        system: Coordinate system in which it lies.
    """

    def __init__(self, root: Path, files: SlideFiles, system: str) -> None:
        self.root = root
        self.system = system
        self.files = files
        self._measured: dict[str, tuple[dict[int, tuple[Path, TileShape]], list[Finding]]] = {}

    def open(self, key: str, documented: tuple[str, ...] = ()) -> RowFile:
        """One of its tables."""
        return open_rows(self.root / key, key, documented)

    @cached_property
    def placed(self) -> Placed:
        """Where its fields of view lie; what cannot be read is told, and guessed instead."""
        findings: list[Finding] = []
        positions, size_um = self._read_positions(findings)
        pairs = self._read_pairs()
        origins, sign_x, sign_y = plan_origins(positions, pairs)
        if size_um is None:
            size_um = self._guess_size(positions, pairs, findings)
        is_laid_out = not origins
        if is_laid_out:
            origins = self._lay_out(findings)
        frame = Frame(origins=origins, sign_x=sign_x, sign_y=sign_y, pixel_size_um=size_um, is_laid_out=is_laid_out)
        rows_run = self._measure_rows(pairs, -1 if sign_y > 0 else 1, findings)
        return Placed(frame=frame, rows_run=rows_run, findings=tuple(findings))

    def measure_pictures(self, kind: str) -> tuple[dict[int, tuple[Path, TileShape]], list[Finding]]:
        """Path and shape of all readable pictures of a kind, and which are not.

        Where labels say which part of a field of view they are, pictures of the same size are taken for the same part.
        """
        shapes, findings = self._measure(kind)
        if kind != "CellLabels":
            cut = {fov: shape for fov, (_, shape) in self._measure("CellLabels")[0].items() if shape.tiepoint_xy}
            for fov, (path, shape) in shapes.items():
                if shape.tiepoint_xy is None and fov in cut and _have_one_size(shape, cut[fov]):
                    shapes[fov] = (path, replace(shape, tiepoint_xy=cut[fov].tiepoint_xy))
        return shapes, findings

    def _measure(self, kind: str) -> tuple[dict[int, tuple[Path, TileShape]], list[Finding]]:
        if kind not in self._measured:
            self._measured[kind] = self._measure_all(kind)
        shapes, findings = self._measured[kind]
        return dict(shapes), list(findings)

    def _measure_all(self, kind: str) -> tuple[dict[int, tuple[Path, TileShape]], list[Finding]]:
        shapes: dict[int, tuple[Path, TileShape]] = {}
        findings = []
        for fov, key in self.files.pictures.get(kind, {}).items():
            try:
                shapes[fov] = (self.root / key, measure_tile(self.root / key))
            except VitrinaError as err:
                findings.append(
                    Finding(
                        code=err.code,
                        severity="error",
                        path=f"{key}#",
                        message=f"{err.message} Field of view {fov} is black there.",
                        fix=err.hint,
                    )
                )
        return shapes, findings

    def _read_positions(self, findings: list[Finding]) -> tuple[dict[int, tuple[float, float]], float | None]:
        key = self.files.positions
        if key is None:
            return {}, None
        try:
            file = self.open(key, POSITION_COLUMNS)
            findings.extend(file.findings)
            (fov,) = require_columns(file, FOV_NAMES)
            px, mm = _find_pair(file, ("global_px", "px")), _find_pair(file, ("global_mm", "mm"))
            if px is None and mm is None:
                raise _build_unplaced_error(file)
            columns = _read_numbers(file, [fov, *(px or ()), *(mm or ())])
        except VitrinaError as err:
            findings.append(_told(key, err, "where fields of view lie is taken from the transcripts or cells"))
            return {}, None
        size_um = measure_pixel_size(columns[px[0]], columns[mm[0]]) if px is not None and mm is not None else None
        if px is None and mm is not None:
            size_um = self._guess_size({}, None, findings)
            columns = columns.assign(x=columns[mm[0]] * 1000 / (size_um or 1), y=columns[mm[1]] * 1000 / (size_um or 1))
            px = ("x", "y")
        rows = columns.dropna(subset=[fov])
        places = zip(rows[fov], rows[px[0]], rows[px[1]], strict=True)  # type: ignore[index]  # one pair is there
        return {int(number): (float(x), float(y)) for number, x, y in places}, size_um

    def _read_pairs(self) -> pd.DataFrame | None:
        """Local and global coordinates of the first transcripts, else of the cells; with the cell of each."""
        choices = (
            (self.files.cells, ("CenterX_local_px",), ("CenterY_local_px",), ("CenterX_global_px",),
             ("CenterY_global_px",), None),
            (self.files.transcripts, ("x_local_px",), ("y_local_px",), ("x_global_px",), ("y_global_px",), MAX_PAIRS),
        )  # fmt: skip
        order = choices if self.files.positions is None else choices[::-1]
        for key, lx, ly, gx, gy, n_rows in order:
            if key is None:
                continue
            try:
                file = self.open(key, TRANSCRIPT_COLUMNS if n_rows is not None else ())
                names = require_columns(file, FOV_NAMES, CELL_NAMES, lx, ly, gx, gy)
                read = _read_numbers(file, list(names), n_rows)
            except VitrinaError:
                continue  # told where that element is described
            read.columns = ["fov", "cell", "lx", "ly", "gx", "gy"]
            pairs: pd.DataFrame = read.dropna()
            return pairs
        return None

    def _guess_size(
        self, positions: dict[int, tuple[float, float]], pairs: pd.DataFrame | None, findings: list[Finding]
    ) -> float | None:
        shapes = (shape for kind in self.files.pictures for _, shape in self.measure_pictures(kind)[0].values())
        first = next(shapes, None)
        sides = [] if first is None else [float(first.width), float(first.height)]
        origins = positions.values() if positions else plan_origins({}, pairs)[0].values()
        size_um = guess_pixel_size([*sides, *find_spacing(origins)])
        findings.append(_tell_size(self.files.positions or self.files.folder, size_um))
        return size_um

    def _lay_out(self, findings: list[Finding]) -> dict[int, tuple[float, float]]:
        fovs = sorted({fov for found in self.files.pictures.values() for fov in found})
        if not fovs:
            return {}
        shapes = [shape for kind in self.files.pictures for _, shape in self.measure_pictures(kind)[0].values()]
        width = max((shape.width for shape in shapes), default=1)
        findings.append(
            Finding(
                code="fov-positions-missing",
                severity="warning",
                path=f"{self.files.folder}#",
                message="Nothing says where the fields of view lie, so they are put side by side in one row.",
                fix="Copy the file *_fov_positions_file.csv from the original output folder.",
            )
        )
        return {fov: (float(i * width), 0.0) for i, fov in enumerate(fovs)}

    def _measure_rows(self, pairs: pd.DataFrame | None, expected: int, findings: list[Finding]) -> int:
        """Whether rows of pictures run along the local y axis (1) or against it (-1), by the labels of the cells."""
        labels, _ = self.measure_pictures("CellLabels")
        if pairs is None or not labels:
            return expected
        inside = pairs[(pairs["cell"] > 0) & pairs["fov"].isin(list(labels))]
        if inside.empty:
            return expected
        fov = int(inside["fov"].iloc[0])
        path, shape = labels[fov]
        rows = inside[inside["fov"] == fov]
        try:
            shares = {run: _match_labels(path, shape, rows, run) for run in (expected, -expected)}
        except VitrinaError:
            return expected  # told where the labels are described
        best = max(shares, key=lambda run: shares[run])
        if shares[best] >= MIN_MATCH:
            return best
        findings.append(_tell_mismatch(self.files.pictures["CellLabels"][fov], shares[expected]))
        return expected


def _have_one_size(one: TileShape, other: TileShape) -> bool:
    return (one.height, one.width) == (other.height, other.width)


def _match_labels(path: Path, shape: TileShape, rows: pd.DataFrame, run: int) -> float:
    """Share of transcripts that meet the label of their cell."""
    import numpy as np

    labels = read_tile(path, shape)[0]
    first_x, first_y = shape.tiepoint_xy or (0.0, float(shape.height) if run < 0 else 0.0)
    column = np.floor(rows["lx"].to_numpy() - first_x).astype(np.int64)
    row = np.floor(run * (rows["ly"].to_numpy() - first_y)).astype(np.int64)
    inside = (column >= 0) & (column < shape.width) & (row >= 0) & (row < shape.height)
    if not inside.any():
        return 0.0
    return float((labels[row[inside], column[inside]] == rows["cell"].to_numpy()[inside]).mean())


def _find_pair(file: RowFile, suffixes: tuple[str, ...]) -> tuple[str, str] | None:
    for suffix in suffixes:
        x, y = file.find(f"x_{suffix}"), file.find(f"y_{suffix}")
        if x is not None and y is not None:
            return x, y
    return None


def _build_unplaced_error(file: RowFile) -> UnreadableError:
    message = f"{file.key} has neither x_global_px and y_global_px nor x_global_mm and y_global_mm."
    return UnreadableError("columns-missing", message, where=str(file.path))


def _read_numbers(file: RowFile, names: list[str], n_rows: int | None = None) -> Any:
    """The first rows of some columns as numbers."""
    import pandas as pd
    import pyarrow as pa

    parts, n_read = [], 0
    for batch in iterate_rows(file, names, dict.fromkeys(names, pa.float64())):
        parts.append(pd.DataFrame({name: to_numpy(batch.column(i)) for i, name in enumerate(names)}))
        n_read += batch.num_rows
        if n_rows is not None and n_read >= n_rows:
            break
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names, dtype=float)


def _told(key: str, err: VitrinaError, consequence: str) -> Finding:
    return Finding(
        code=err.code, severity="error", path=f"{key}#", message=f"{err.message} So {consequence}.", fix=err.hint
    )


def _tell_size(key: str, size_um: float | None) -> Finding:
    if size_um is None:
        return Finding(
            code="pixel-size-unknown",
            severity="warning",
            path=f"{key}#",
            message="No file says how large a pixel is, and the fields of view have no known size; global coordinates "
            "are in pixels.",
            fix="State the pixel size.",
        )
    return Finding(
        code="pixel-size-guessed",
        severity="info",
        path=f"{key}#",
        message=f"No file says how large a pixel is; by the size of the fields of view it is {size_um} um.",
    )


def _tell_mismatch(key: str, share: float) -> Finding:
    return Finding(
        code="labels-misplaced",
        severity="warning",
        path=f"{key}#",
        message=f"Only {share:.0%} of the transcripts of cells lie on the label of their cell in {key}; pictures may "
        "be in the wrong place.",
    )
