"""What a viewer meets in a dataset: the rules that apply to its format, all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.checked import Checked
from vitrina.checks.viewer import ngff, rasters, tables, tiff, vectors
from vitrina.checks.viewer.codes import HEALED, build_finding
from vitrina.checks.viewer.tiff_facts import read_tiff_facts
from vitrina.checks.viewer.zarr_arrays import check_codecs, check_dtype
from vitrina.checks.viewer.zarr_facts import read_array_facts
from vitrina.model.content import ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
from vitrina.ngff.detect import find_kind
from vitrina.readers.cell_columns import is_of_molecules
from vitrina.readers.cell_table import describe_cells
from vitrina.readers.zarr_tree import get_zarr_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.content import Content, Element
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree

    type Raster = ImageElement | LabelsElement


def check_viewer(source: Source, content: Content) -> Checked:
    """Whether the shipped viewer can show a dataset as it lies, what is slow, and what the gateway heals.

    Args:
        source: The dataset.
        content: What a reader found in it.

    Returns:
        ``error``: not drawn, or drawn wrongly, also through Vitrina. ``warning``: slow, or less than there is.
        ``info``: healed by the gateway, as the message says, or of no great matter.

    Raises:
        UnreadableError: The dataset is damaged.
    """
    kind: str | None = content.format
    match content.format:
        case "ome-zarr":
            zarr_tree = get_zarr_tree(source)
            kind = find_kind(zarr_tree.read_attrs())
            findings = _check_ome_zarr(zarr_tree, content)
        case "spatialdata":
            findings = _check_spatialdata(get_zarr_tree(source), content)
        case "anndata" if content.container != "hdf5":
            findings = _check_tables(get_zarr_tree(source), content)
        case "mudata" if content.container != "hdf5":
            findings = _check_tables(get_zarr_tree(source), content)
        case "ome-tiff" | "tiff":
            findings = _check_tiff(source, content)
        case _:
            findings = _check_served(content) if _has_shown(content) else _refuse(content)
            kind = content.format if content.is_recognized else None
    return Checked(kind=kind, version=content.format_version, findings=tuple(dict.fromkeys(findings)))


def _check_ome_zarr(zarr_tree: ZarrTree, content: Content) -> Iterator[Finding]:
    attrs = zarr_tree.read_attrs()
    images = [element for element in content.elements if isinstance(element, ImageElement)]
    labels = tuple(element for element in content.elements if isinstance(element, LabelsElement) and element.path)
    yield from ngff.check_collections(attrs, labels)
    yield from ngff.check_version(attrs)
    drawn: tuple[Raster, ...] = (*images, *labels)
    for element in drawn:
        own = zarr_tree.read_attrs(element.path)
        if isinstance(element, ImageElement):
            yield from ngff.check_omero(own, element)
            yield from ngff.check_rgb_model(own, element)
        yield from _check_raster(zarr_tree, element, code="image-not-pyramidal", is_flattened=True)


def _check_spatialdata(zarr_tree: ZarrTree, content: Content) -> Iterator[Finding]:
    for element in content.elements:
        yield from _check_element(zarr_tree, element)


def _check_element(zarr_tree: ZarrTree, element: Element) -> Iterator[Finding]:
    match element:
        case ImageElement() | LabelsElement():
            if isinstance(element, ImageElement):
                yield from ngff.check_rgb_model(zarr_tree.read_attrs(element.path), element)
            yield from _check_raster(zarr_tree, element, code="spatialdata-single-scale", is_flattened=True)
        case TableElement():
            yield from tables.check_table(zarr_tree, element)
        case PointsElement():
            facts = vectors.read_parquet_facts(zarr_tree, f"{element.path}/points.parquet")
            yield from vectors.check_points(element, facts, attrs=zarr_tree.read_attrs(element.path))
        case ShapesElement():
            facts = vectors.read_parquet_facts(zarr_tree, f"{element.path}/shapes.parquet")
            yield from vectors.check_shapes(element, facts)


def _check_raster(zarr_tree: ZarrTree, element: Raster, *, code: str, is_flattened: bool) -> Iterator[Finding]:
    """Rules for stored chunks, which the gateway hands on as they are.

    Args:
        zarr_tree: The hierarchy.
        element: The image.
        code: What a missing pyramid is called.
        is_flattened: Whether the gateway leaves out levels with fewer planes.
    """
    yield from ngff.check_transforms(zarr_tree.read_attrs(element.path), len(element.axes), element.path)
    yield from rasters.check_levels(element, code=code, is_healed=False)
    yield from rasters.check_chunks(element, is_healed=False)
    yield from rasters.check_factors(element)
    yield from rasters.check_depth(element, is_healed=is_flattened)
    facts = read_array_facts(zarr_tree, element.levels[0].path)
    if facts is not None:
        yield from check_dtype(facts, "pixels")
        yield from check_codecs(facts)


def _check_tables(zarr_tree: ZarrTree, content: Content) -> Iterator[Finding]:
    for element in content.elements:
        if isinstance(element, TableElement):
            yield from tables.check_table(zarr_tree, element)


def _check_served_tables(content: Content) -> Iterator[Finding]:
    """The gateway serves them as Zarr, in small chunks, with plain columns: only what is absent remains."""
    found = [element for element in content.elements if isinstance(element, TableElement)]
    if not found:
        return
    yield build_finding(
        "anndata-not-zarr",
        "",
        f"The viewer reads tables from Zarr, and {'those' if len(found) > 1 else 'the one'} of this dataset "
        f"{'lie' if len(found) > 1 else 'lies'} in {content.format!r}. {HEALED}",
        fix="For other servers, write it as Zarr: vitrina convert SOURCE NAME.zarr --format anndata-zarr.",
    )
    if len(found) == 1:
        yield from tables.check_drawable(describe_cells(found[0]) if content.format == "table" else found[0])


def _check_tiff(source: Source, content: Content) -> Iterator[Finding]:
    facts = read_tiff_facts(source)
    found = tuple(element for element in content.elements if isinstance(element, ImageElement | LabelsElement))
    yield from tiff.check_structure(facts, found)
    yield from tiff.check_compression(facts)
    yield from tiff.check_photometric(facts)
    yield from tiff.check_offsets(facts)
    yield from tiff.check_metadata(facts, found)
    for element in found:
        too_large = tuple(tiff.check_size(element))
        yield from too_large
        if not too_large:
            is_healed = len(element.levels) == 1  # else the stored levels are served, and no others
            yield from rasters.check_levels(element, code="image-not-pyramidal", is_healed=is_healed)
        yield from rasters.check_chunks(element, is_healed=True)


def _check_served(content: Content) -> Iterator[Finding]:
    """Of any other format the gateway serves images, in small chunks and with coarser levels, and tables."""
    if any(_iterate_rasters(content)):
        yield build_finding(
            "image-format-served",
            "",
            f"The images lie in {content.format!r}, which the viewer does not read. {HEALED}",
            fix="For other servers, convert it: vitrina convert SOURCE NAME.zarr.",
        )
    yield from _check_served_tables(content)
    others = [element.name for element in content.elements if isinstance(element, ShapesElement | PointsElement)]
    if others:
        yield build_finding(
            "elements-not-viewable",
            "",
            f"Of {content.format!r} only images and tables are shown, not {', '.join(others[:6])}.",
            fix="Convert it to SpatialData, and add that: vitrina convert SOURCE NAME.sdata.zarr.",
        )
    for element in _iterate_rasters(content):
        too_large = tuple(tiff.check_size(element))
        yield from too_large
        if not too_large:
            yield from rasters.check_levels(element, code="image-not-pyramidal", is_healed=True)


def _iterate_rasters(content: Content) -> Iterator[Raster]:
    return (element for element in content.elements if isinstance(element, ImageElement | LabelsElement))


def _has_shown(content: Content) -> bool:
    """Whether there is an image, or a table whose rows are cells."""
    return any(_iterate_rasters(content)) or any(
        isinstance(element, TableElement) and not (content.format == "table" and is_of_molecules(element.obs_columns))
        for element in content.elements
    )


def _refuse(content: Content) -> Iterator[Finding]:
    what = f"{content.format!r}" if content.is_recognized else "of a format that no reader knows"
    fix = "Convert it to images, tables of cells or SpatialData."
    if content.format == "table":
        what, fix = "a table of molecules", "Write it as points: vitrina convert FILE NAME.parquet --format points."
    message = f"The dataset is {what}; the viewer shows images, SpatialData and tables of cells."
    yield build_finding("format-not-viewable", "", message, fix=fix)
