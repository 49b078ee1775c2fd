"""Visium HD: bins of 2, 8 and 16 µm, and the cells that Space Ranger 4 segments.

Bins are squares that tile the slide, as spatialdata-io has them: a bin is a square, and circles would leave a fifth of
the tissue to none. Unlike there, squares are turned as the slide lies under the image, so that neighbours touch.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Content, ImageElement, LabelsElement, Placement, ShapesElement, TableElement
from vitrina.model.finding import Finding
from vitrina.readers.damage import reading
from vitrina.readers.spatialdata_placement import list_coordinate_systems
from vitrina.readers.tenx.bundle import describing, find_bundle, get_number, read_json, tell_missing
from vitrina.readers.tenx.hd_cells import CELLS_TABLE, describe_cells, read_cell_shapes, read_cell_table
from vitrina.readers.tenx.matrix import find_matrix
from vitrina.readers.tenx.preview import read_bundle_preview
from vitrina.readers.tenx.slide_images import GLOBAL, describe_slide_images, open_slide_pixels
from vitrina.readers.tenx.spot_set import SpotSet, describe_spots, read_spot_shapes, read_spot_table
from vitrina.readers.tenx.spots import find_positions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anndata import AnnData
    from geopandas import GeoDataFrame
    from spatialdata import SpatialData

    from vitrina.model.content import Element
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source
    from vitrina.readers.tenx.bundle import Bundle

FACTORS = "scalefactors_json.json"
MATRIX_STEMS = ("filtered_feature_bc_matrix", "raw_feature_bc_matrix")
_BIN = re.compile(r"square_(\d{3})um")
_BINNED = "binned_outputs"
_SEGMENTED = "segmented_outputs"
_DAMAGE = "visium-hd-damaged", "the output of Space Ranger for Visium HD"

_LEFT_OUT = {
    "feature_slice.h5": "it repeats the counts of 2 µm bins as pictures, and tells how the CytAssist image lies",
    "barcode_mappings.parquet": "it tells which bins belong to which cell",
    "molecule_info.h5": "it lists the single reads",
    "cloupe.cloupe": "it is for Loupe Browser",
}


class VisiumHdReader:
    """Reads Visium HD: a table and squares for each size of bins, and segmented cells where they are there."""

    format = "visium-hd"

    def detect(self, source: Source) -> bool:
        return find_bundle(source, _is_root) is not None

    def read_content(self, source: Source) -> Content:
        with reading(source, *_DAMAGE):
            bundle = _get_bundle(source)
            elements: list[Element] = []
            findings: list[Finding] = []
            factors = _read_factors(bundle)
            size = get_number(factors, "microns_per_pixel")
            folders = ("spatial", *(f"{folder}/spatial" for folder in _list_bin_folders(bundle, largest_first=True)))
            images, found = describe_slide_images(bundle, folders, factors, size)
            elements += images
            findings += [*_check_size(size), *found]
            for folder in _list_bin_folders(bundle):
                with describing(folder, findings):
                    bins, odd = _describe_bins(bundle, folder, size)
                    elements += bins
                    findings += odd
            with describing(_SEGMENTED, findings):
                cells, odd = describe_cells(bundle, _SEGMENTED, _place(size))
                elements += cells
                findings += odd
            if not any(isinstance(element, ShapesElement | TableElement) for element in elements):
                raise _incomplete(bundle, findings)
            return Content(
                format=self.format,
                container="other",
                elements=tuple(elements),
                coordinate_systems=list_coordinate_systems(elements),
                is_simulated=bundle.is_simulated(),
                findings=(*findings, *_tell_left_out(bundle), *bundle.check_links()),
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

    def read_table(self, source: Source, element: TableElement) -> AnnData:
        with reading(source, *_DAMAGE):
            bundle = _get_bundle(source)
            if element.name == CELLS_TABLE:
                return read_cell_table(bundle, _SEGMENTED)
            return read_spot_table(_find_bins(bundle, element.name))

    def read_shapes(self, source: Source, element: ShapesElement) -> GeoDataFrame:
        with reading(source, *_DAMAGE):
            bundle = _get_bundle(source)
            if element.path.endswith(".geojson"):
                return read_cell_shapes(bundle.get(element.path))
            return read_spot_shapes(_find_bins(bundle, element.name.removeprefix("bins_")))


def _is_root(folder: Path) -> bool:
    if any((folder / name).is_dir() for name in (_BINNED, _SEGMENTED)):
        return True
    return any(_BIN.fullmatch(child.name) and (child / "spatial").is_dir() for child in folder.iterdir())


def _get_bundle(source: Source) -> Bundle:
    bundle = find_bundle(source, _is_root)
    if bundle is None:
        raise UnreadableError(
            "visium-hd-incomplete",
            f"{source.path} has neither {_BINNED}/ nor {_SEGMENTED}/, as Space Ranger writes them for Visium HD.",
            hint="Give the folder outs of a run of Space Ranger, with its archives unpacked.",
            where=str(source.path),
        )
    return bundle


def _list_bin_folders(bundle: Bundle, *, largest_first: bool = False) -> list[str]:
    """Folders of bins below the root, by size."""
    parents = [bundle.root / _BINNED, bundle.root]
    found = {
        child.name: bundle.name(child)
        for parent in reversed(parents)
        if parent.is_dir() and bundle.is_inside(parent)
        for child in parent.iterdir()
        if _BIN.fullmatch(child.name) and child.is_dir() and bundle.is_inside(child)
    }
    return [found[name] for name in sorted(found, reverse=largest_first)]


def _read_factors(bundle: Bundle) -> dict[str, Any]:
    """Those of the whole slide, which every folder of bins repeats."""
    folders = [f"{_SEGMENTED}/spatial", *(f"{folder}/spatial" for folder in _list_bin_folders(bundle)), "spatial"]
    path = bundle.find(*(f"{folder}/{FACTORS}" for folder in folders))
    return {} if path is None else read_json(path)


def _place(size: float | None) -> tuple[Placement, ...]:
    scale = size or 1.0
    return (Placement(coordinate_system=GLOBAL, affine_xy=(scale, 0.0, 0.0, 0.0, scale, 0.0)),)


def _describe_bins(bundle: Bundle, folder: str, size: float | None) -> tuple[list[Element], list[Finding]]:
    bins = _plan_bins(bundle, folder, size)
    elements, findings = describe_spots(bins)
    return list(elements), list(findings)


def _find_bins(bundle: Bundle, name: str) -> SpotSet:
    folder = next((folder for folder in _list_bin_folders(bundle) if folder.rsplit("/", 1)[-1] == name), None)
    if folder is None:
        raise UnreadableError("bundle-file-missing", f"{bundle.root} has no bins {name!r} any more.")
    return _plan_bins(bundle, folder, get_number(_read_factors(bundle), "microns_per_pixel"))


def _plan_bins(bundle: Bundle, folder: str, size: float | None) -> SpotSet:
    """The bins of one folder; the side of a bin is what the name of the folder says where scale factors are missing."""
    name = folder.rsplit("/", 1)[-1]
    matrix = find_matrix(bundle, *(f"{folder}/{stem}" for stem in MATRIX_STEMS))
    positions = find_positions(bundle, f"{folder}/spatial")
    if positions is None:
        raise UnreadableError(
            "visium-hd-incomplete",
            f"{folder}/spatial has no tissue_positions.parquet, so nothing tells where its bins are.",
            hint="Copy the folder from the original output.",
            where=folder,
        )
    path = bundle.find(f"{folder}/spatial/{FACTORS}")
    factors = {} if path is None else read_json(path)
    match = _BIN.fullmatch(name)
    side_um = get_number(factors, "bin_size_um") or float(match[1] if match else 0)
    side = get_number(factors, "spot_diameter_fullres") or (side_um / size if size else side_um)
    return SpotSet(
        table_name=name,
        shapes_name=f"bins_{name}",
        matrix=matrix,
        positions=positions,
        matrix_key=f"{folder}/{MATRIX_STEMS[0]}.h5" if matrix is None else bundle.name(matrix),
        positions_key=bundle.name(positions),
        diameter_px=side,
        is_square=True,
        instance_key="location_id",
        placements=_place(size),
    )


def _check_size(size: float | None) -> Iterator[Finding]:
    if size is None:
        consequence = "places are in pixels, since nothing else tells how large a pixel is"
        yield tell_missing(f"{FACTORS} with microns_per_pixel", consequence)


def _tell_left_out(bundle: Bundle) -> Iterator[Finding]:
    """Files that are there and say nothing that is shown."""
    for name, what in _LEFT_OUT.items():
        path = bundle.find(name)
        if path is not None:
            yield Finding(
                code="bundle-file-unused",
                severity="info",
                path=f"{bundle.name(path)}#",
                message=f"{bundle.name(path)} is not read: {what}.",
            )


def _incomplete(bundle: Bundle, findings: list[Finding]) -> UnreadableError:
    told = " ".join(finding.message for finding in findings[:6])
    return UnreadableError(
        "visium-hd-incomplete",
        f"{bundle.root} has neither bins with positions nor segmented cells. {told}".strip(),
        findings=findings,
        hint="Copy binned_outputs or segmented_outputs from the original output.",
        where=str(bundle.root),
    )
