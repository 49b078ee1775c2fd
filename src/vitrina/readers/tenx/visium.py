"""Visium: the ``outs`` folder of Space Ranger 1 to 4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Content, ImageElement, LabelsElement, Placement, ShapesElement, TableElement
from vitrina.model.finding import Finding
from vitrina.readers.damage import reading
from vitrina.readers.spatialdata_placement import list_coordinate_systems
from vitrina.readers.tenx.bundle import find_bundle, get_number, read_json, tell_missing
from vitrina.readers.tenx.matrix import find_matrix
from vitrina.readers.tenx.preview import read_bundle_preview
from vitrina.readers.tenx.slide_images import GLOBAL, describe_slide_images, open_slide_pixels
from vitrina.readers.tenx.spot_set import SpotSet, describe_spots, read_spot_shapes, read_spot_table
from vitrina.readers.tenx.spots import find_positions, measure_pixel_size, read_positions

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData
    from geopandas import GeoDataFrame
    from spatialdata import SpatialData

    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source
    from vitrina.readers.tenx.bundle import Bundle

FACTORS = "scalefactors_json.json"
MATRIX_STEMS = ("filtered_feature_bc_matrix", "raw_feature_bc_matrix")
THEORETICAL_SPOT_UM = 65.0
"""What ``spot_diameter_fullres`` spans. Source: https://www.10xgenomics.com/support/software/space-ranger/latest/analysis/outputs/spatial-outputs"""

_DAMAGE = "visium-damaged", "the output of Space Ranger for Visium"


class VisiumReader:
    """Reads Visium: spots with counts, and the pictures of the tissue, in micrometres."""

    format = "visium"

    def detect(self, source: Source) -> bool:
        return find_bundle(source, _is_root) is not None

    def read_content(self, source: Source) -> Content:
        with reading(source, *_DAMAGE):
            bundle = _get_bundle(source)
            factors, findings = _read_factors(bundle)
            spots, pixel_size_um, found = _plan(bundle, factors)
            elements, odd = describe_spots(spots)
            images, more = describe_slide_images(bundle, ("spatial",), factors, pixel_size_um)
            raw = spots.matrix is not None and "raw_" in spots.matrix.name
            shown = (*images, *elements)
            return Content(
                format=self.format,
                container="other",
                elements=shown,
                coordinate_systems=list_coordinate_systems(shown),
                is_simulated=bundle.is_simulated(),
                findings=(*findings, *found, *odd, *more, *(_raw(spots) if raw else ()), *bundle.check_links()),
            )

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:
        with reading(source, *_DAMAGE):
            return read_bundle_preview(self, source, content, min_side_px)

    def read_object(self, source: Source) -> SpatialData:
        from vitrina.readers.assemble_spatialdata import assemble_spatialdata

        return assemble_spatialdata(source, self.read_content(source))

    def open_object(self, source: Source) -> SpatialData:
        from vitrina.readers.assemble_spatialdata import assemble_spatialdata

        return assemble_spatialdata(source, self.read_content(source), is_lazy=True)

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        with reading(source, *_DAMAGE):
            if isinstance(element, LabelsElement):
                raise UnreadableError("bundle-file-missing", f"{source.path} has no label images.")
            return open_slide_pixels(_get_bundle(source), element, level)

    def read_table(self, source: Source, element: TableElement) -> AnnData:  # noqa: ARG002 there is one table
        with reading(source, *_DAMAGE):
            return read_spot_table(_plan_of(source))

    def read_shapes(self, source: Source, element: ShapesElement) -> GeoDataFrame:  # noqa: ARG002 there is one set
        with reading(source, *_DAMAGE):
            return read_spot_shapes(_plan_of(source))


def _is_root(folder: Path) -> bool:
    spatial = folder / "spatial"
    if not spatial.is_dir():
        return False
    names = [path.name for path in spatial.iterdir()]
    marks = (FACTORS, "tissue_positions_list.csv", "tissue_positions.csv", "tissue_positions.parquet")
    return any(name.endswith(mark) for name in names for mark in marks)


def _get_bundle(source: Source) -> Bundle:
    bundle = find_bundle(source, _is_root)
    if bundle is None:
        raise UnreadableError(
            "visium-incomplete",
            f"{source.path} has no folder spatial/ with tissue positions or scale factors, as Space Ranger writes it.",
            hint="Give the folder outs of a run of Space Ranger, with spatial.tar.gz unpacked.",
            where=str(source.path),
        )
    return bundle


def _plan_of(source: Source) -> SpotSet:
    bundle = _get_bundle(source)
    return _plan(bundle, _read_factors(bundle)[0])[0]


def _read_factors(bundle: Bundle) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    path = bundle.find(f"spatial/{FACTORS}")
    if path is not None:
        return read_json(path), ()
    consequence = "spots are drawn as large as Visium makes them, and pictures of the tissue are not placed"
    return {}, (tell_missing(f"spatial/{FACTORS}", consequence),)


def _plan(bundle: Bundle, factors: dict[str, Any]) -> tuple[SpotSet, float | None, tuple[Finding, ...]]:
    """The spots, and the size of a pixel of the full-resolution image with how it was found."""
    matrix, positions = find_matrix(bundle, *MATRIX_STEMS), find_positions(bundle)
    if positions is None:
        counts = "" if matrix is not None else f", nor {MATRIX_STEMS[0]}.h5"
        raise UnreadableError(
            "visium-incomplete",
            f"{bundle.root} has no spatial/tissue_positions.csv, tissue_positions_list.csv or "
            f"tissue_positions.parquet{counts}.",
            hint="Copy the folder spatial from the original output.",
            where=str(bundle.root),
        )
    measured = measure_pixel_size(read_positions(positions))
    stated = get_number(factors, "spot_diameter_fullres")
    size = measured or (THEORETICAL_SPOT_UM / stated if stated else None)
    scale = size or 1.0
    spots = SpotSet(
        table_name="table",
        shapes_name="spots",
        matrix=matrix,
        positions=positions,
        matrix_key=f"{MATRIX_STEMS[0]}.h5" if matrix is None else bundle.name(matrix),
        positions_key=bundle.name(positions),
        diameter_px=stated or THEORETICAL_SPOT_UM / scale,
        is_square=False,
        instance_key="spot_id",
        placements=(Placement(coordinate_system=GLOBAL, affine_xy=(scale, 0.0, 0.0, 0.0, scale, 0.0)),),
    )
    return spots, size, (_tell_size(spots.positions_key, size, is_measured=measured is not None),)


def _tell_size(key: str, size: float | None, *, is_measured: bool) -> Finding:
    if size is None:
        return Finding(
            code="pixel-size-missing",
            severity="warning",
            path=f"{key}#",
            message="Neither positions nor scalefactors_json.json tell how large a pixel is, so places are in pixels.",
        )
    how = "the distance of 100 µm between neighbouring spots" if is_measured else "the diameter of spots"
    return Finding(
        code="pixel-size-derived",
        severity="info",
        path=f"{key}#",
        message=f"Space Ranger states no pixel size for Visium; {size:.4f} µm follows from {how}.",
    )


def _raw(spots: SpotSet) -> tuple[Finding, ...]:
    return (
        Finding(
            code="matrix-unfiltered",
            severity="info",
            path=f"{spots.matrix_key}#",
            message="Only unfiltered counts are there; spots beside the tissue are in the table too, with in_tissue 0.",
        ),
    )
