"""Xenium: the output folder of onboard analysis 1 to 4, or of Xenium Ranger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.model.content import Content, ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
from vitrina.readers.damage import reading
from vitrina.readers.spatialdata_placement import list_coordinate_systems
from vitrina.readers.tenx.bundle import find_bundle
from vitrina.readers.tenx.masks import open_mask_pixels
from vitrina.readers.tenx.preview import read_bundle_preview
from vitrina.readers.tenx.transcripts import iterate_transcripts
from vitrina.readers.tenx.xenium_elements import (
    CIRCLES,
    describe_elements,
    read_cell_circles,
    read_cell_table,
    read_outlines,
)
from vitrina.readers.tenx.xenium_images import FOCUS, STACK, open_image_pixels
from vitrina.readers.tenx.xenium_metadata import EXPERIMENT, read_experiment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anndata import AnnData
    from geopandas import GeoDataFrame
    from pyarrow import RecordBatch
    from spatialdata import SpatialData

    from vitrina.model.finding import Finding
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source
    from vitrina.readers.tenx.bundle import Bundle

_CELLS = ("cells.parquet", "cells.csv.gz", "cells.csv", "cells.zarr.zip")
_MATRIX = ("cell_feature_matrix.h5", "cell_feature_matrix", "cell_feature_matrix.zarr.zip")
_DAMAGE = "xenium-damaged", "the output of Xenium"


class XeniumReader:
    """Reads Xenium: cells with counts, outlines and label images, transcripts and images, in micrometres."""

    format = "xenium"

    def detect(self, source: Source) -> bool:
        return find_bundle(source, _is_root) is not None

    def read_content(self, source: Source) -> Content:
        with reading(source, *_DAMAGE):
            bundle = _get_bundle(source)
            experiment = read_experiment(bundle)
            findings: list[Finding] = list(experiment.findings)
            elements = describe_elements(bundle, experiment.pixel_size_um, findings)
            if not any(isinstance(element, TableElement) for element in elements):
                raise _incomplete(bundle, findings)
            return Content(
                format=self.format,
                format_version=experiment.version,
                container="other",
                elements=tuple(elements),
                coordinate_systems=list_coordinate_systems(elements),
                is_simulated=bundle.is_simulated(),
                findings=(*findings, *bundle.check_links()),
            )

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:
        with reading(source, *_DAMAGE):
            return read_bundle_preview(self, source, content, min_side_px)

    def read_object(self, source: Source) -> SpatialData:
        """All of it in memory but the stack of focal planes, where there is a projection of it."""
        from vitrina.readers.assemble_spatialdata import assemble_spatialdata

        return assemble_spatialdata(source, _without_stack(self.read_content(source)))

    def open_object(self, source: Source) -> SpatialData:
        from vitrina.readers.assemble_spatialdata import assemble_spatialdata

        return assemble_spatialdata(source, self.read_content(source), is_lazy=True)

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        with reading(source, *_DAMAGE):
            bundle = _get_bundle(source)
            if isinstance(element, LabelsElement):
                return open_mask_pixels(bundle.get(element.path), element, level)
            return open_image_pixels(bundle, element, level)

    def read_table(self, source: Source, element: TableElement) -> AnnData:
        with reading(source, *_DAMAGE):
            return read_cell_table(_get_bundle(source), element)

    def read_shapes(self, source: Source, element: ShapesElement) -> GeoDataFrame:
        with reading(source, *_DAMAGE):
            bundle = _get_bundle(source)
            if element.name == CIRCLES:
                return read_cell_circles(bundle, element.path)
            return read_outlines(bundle, element)

    def iterate_points(self, source: Source, element: PointsElement) -> Iterator[RecordBatch]:
        return iterate_transcripts(_get_bundle(source).get(element.path))


def _is_root(folder: Path) -> bool:
    names = [path.name for path in folder.iterdir()]
    if any(name.endswith(EXPERIMENT) for name in names):
        return True
    has_cells = any(name.endswith(mark) for name in names for mark in _CELLS)
    return has_cells and any(name.endswith(mark) for name in names for mark in _MATRIX)


def _get_bundle(source: Source) -> Bundle:
    bundle = find_bundle(source, _is_root)
    if bundle is None:
        raise UnreadableError(
            "xenium-incomplete",
            f"{source.path} has neither {EXPERIMENT} nor {_CELLS[0]} and {_MATRIX[0]}, as Xenium writes them.",
            hint="Give the folder of one region; several regions in one folder are added one by one.",
            where=str(source.path),
        )
    return bundle


def _without_stack(content: Content) -> Content:
    from dataclasses import replace

    names = {element.name for element in content.elements}
    if not names & {FOCUS, "morphology_mip"}:
        return content
    return replace(content, elements=tuple(element for element in content.elements if element.name != STACK))


def _incomplete(bundle: Bundle, findings: list[Finding]) -> UnreadableError:
    damaged = " ".join(finding.message for finding in findings if finding.severity == "error")
    return UnreadableError(
        "xenium-incomplete",
        f"{bundle.root} has no cells that can be read: neither {', '.join(_MATRIX[:1])} (or its other forms) nor "
        f"{', '.join(_CELLS)}. {damaged}".strip(),
        findings=findings,
        hint="Copy the missing or damaged files from the original output folder.",
        where=str(bundle.root),
    )
