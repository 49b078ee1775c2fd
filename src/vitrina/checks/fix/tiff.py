"""What is repaired of OME-TIFF: the list of where its planes lie, and for the viewer its tiles and lower resolutions.

Source: https://github.com/hms-dbmi/generate-tiff-offsets
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.fix.pixels import count_needed_levels
from vitrina.checks.fix.plan import Plan, Repair
from vitrina.checks.viewer.limits import MAX_FLAT_SIDE_PX
from vitrina.checks.viewer.tiff import check_offsets
from vitrina.checks.viewer.tiff_facts import list_offsets_names, read_tiff_facts
from vitrina.errors import UnreadableError
from vitrina.model.content import ImageElement, LabelsElement
from vitrina.readers.tiff_file import open_tiff
from vitrina.readers.xml_prolog import check_prolog

if TYPE_CHECKING:
    from vitrina.checks.fix.plan import Purpose
    from vitrina.checks.viewer.tiff_facts import TiffFacts
    from vitrina.model.content import Content
    from vitrina.readers.source import Source

_REWRITABLE = frozenset({"ome-tiff", "tiff"})


def plan_tiff(source: Source, content: Content, purpose: Purpose) -> Plan:
    """What is repaired of a TIFF.

    Raises:
        UnreadableError: It is damaged.
    """
    facts = read_tiff_facts(source)
    offsets = next((finding.code for finding in check_offsets(facts)), None)
    problem = _find_problem(facts, content) if purpose == "viewer" and content.format in _REWRITABLE else None
    reasons: dict[tuple[str, str], str] = {}
    if problem is not None:
        lost = _list_lost(source)
        if lost:
            reasons["", problem] = (
                f"A new file would lose {', '.join(lost)} of its OME-XML; `vitrina convert` makes one beside it."
            )
            problem = None
    repairs = []
    if problem is not None:
        message = (
            f"Write {source.path.name} anew in tiles, with lower resolutions and the list of where its planes lie."
        )
        repairs.append(Repair(codes=(problem,), kind="tiff", path="", message=message))
    elif offsets is not None:
        n_planes = len(facts.directory_offsets)
        message = f"Write where the {n_planes} planes of {source.path.name} lie into {choose_offsets_name(source)}."
        repairs.append(Repair(codes=(offsets,), kind="offsets", path="", message=message))
    return Plan(
        repairs=tuple(repairs),
        offsets_name=choose_offsets_name(source) if offsets is not None and problem is None else None,
        is_tiff_rewritten=problem is not None,
        reasons=reasons,
    )


def choose_offsets_name(source: Source) -> str:
    """The name of the list beside a file: the one that is there, else ``NAME.offsets.json``."""
    names = list_offsets_names(source.path)
    return next((name for name in names if source.path.with_name(name).exists()), names[-1])


def _find_problem(facts: TiffFacts, content: Content) -> str | None:
    rasters = [element for element in content.elements if isinstance(element, ImageElement | LabelsElement)]
    if any(count_needed_levels(raster) > len(raster.levels) for raster in rasters):
        return "image-not-pyramidal"
    is_large = any(max(raster.levels[0].shape) > MAX_FLAT_SIDE_PX for raster in rasters)
    return "image-not-tiled" if is_large and not facts.is_tiled else None


def _list_lost(source: Source) -> list[str]:
    """What OME-XML holds besides images, which a new file would not have."""
    from xml.etree import ElementTree as ET

    with open_tiff(source) as tiff:
        text = tiff.ome_metadata
    if not text:
        return []
    try:
        check_prolog(text)
        root = ET.fromstring(text)  # noqa: S314 without a document type there are no entities
    except (ET.ParseError, UnreadableError):
        return ["all"]
    tags = [child.tag.rsplit("}", 1)[-1] for child in root]
    return sorted({tag for tag in tags if tag != "Image"})
