"""What the XML of BigDataViewer says: views, their sizes, and where each lies.

Source: https://imagej.net/plugins/bdv/ (XML file) and the classes of https://github.com/bigdataviewer/spimdata. Of the
transforms of a view, the last is applied first.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.readers.xml_prolog import check_prolog_of_file

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any
    from xml.etree.ElementTree import Element

MAX_XML_BYTES = 64 * 2**20
MAX_TIMEPOINTS = 1_000_000
MARK = b"<SpimData"

type Affine = tuple[tuple[float, float, float, float], ...]
"""Three rows, for x, y and z, that also shift."""

IDENTITY: Affine = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSetup:
    """One camera's view: a volume per time point.

    Attributes:
        number: Of the setup.
        name: None where it has none.
        shape_zyx: In pixels, None where it is silent.
        voxel_size_zyx: None where it is silent.
        unit: As it is written.
        attributes: Numbers of its channel, angle, tile and illumination, by these words.
    """

    number: int
    name: str | None
    shape_zyx: tuple[int, int, int] | None
    voxel_size_zyx: tuple[float, float, float] | None
    unit: str | None
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpimData:
    """A dataset.

    Attributes:
        format: Of the images, such as ``bdv.hdf5``.
        path: Of the images, below the folder of the XML.
        setups: In the order of the file.
        timepoints: Their numbers.
        names: Of channels, angles and so on, by word and number.
        transforms: Of each view, by time point and setup.
        missing: Views that were never recorded, by time point and setup.
    """

    format: str
    path: str
    setups: tuple[ViewSetup, ...]
    timepoints: tuple[int, ...]
    names: dict[tuple[str, str], str]
    transforms: dict[tuple[int, int], Affine]
    missing: frozenset[tuple[int, int]]


def read_spimdata(path: Path) -> SpimData:
    """The dataset that a file describes.

    Raises:
        UnreadableError: It is damaged, too large, declares a document type, or names images outside of its folder.
    """
    from xml.etree import ElementTree as ET

    if path.stat().st_size > MAX_XML_BYTES:
        raise _damaged(path, "it is too large for metadata")
    data = path.read_bytes()
    check_prolog_of_file(path)
    try:
        root = ET.fromstring(data)  # noqa: S314 without a document type there are no entities
        return _parse(root, path)
    except UnreadableError:
        raise
    except (ET.ParseError, ValueError, TypeError) as err:
        raise _damaged(path, str(err)) from err


def multiply(first: Affine, second: Affine) -> Affine:
    """The transform that applies the second, then the first."""
    rows = []
    for row in first:
        parts = [sum(row[k] * second[k][j] for k in range(3)) for j in range(4)]
        rows.append((parts[0], parts[1], parts[2], parts[3] + row[3]))
    return tuple(rows)


def _parse(root: Element, path: Path) -> SpimData:
    sequence = root.find("SequenceDescription")
    loader = sequence.find("ImageLoader") if sequence is not None else None
    if sequence is None or loader is None:
        raise _damaged(path, "it has no ImageLoader")
    file = next((loader.find(tag) for tag in ("hdf5", "n5", "zarr") if loader.find(tag) is not None), None)
    name = (file.text or "").strip() if file is not None else ""
    base = root.find("BasePath")
    return SpimData(
        format=loader.get("format", ""),
        path=_join(path, (base.text or ".").strip() if base is not None else ".", name),
        setups=tuple(_parse_setup(one) for one in sequence.iterfind("ViewSetups/ViewSetup")),
        timepoints=_parse_timepoints(sequence.find("Timepoints")),
        names=_parse_names(sequence),
        transforms={_parse_view(one): _parse_transforms(one) for one in root.iterfind("ViewRegistrations/*")},
        missing=frozenset(_parse_view(one) for one in sequence.iterfind("MissingViews/MissingView")),
    )


def _join(path: Path, base: str, name: str) -> str:
    """The path of the images below the folder of the XML."""
    joined = PurePosixPath(base.replace("\\", "/")) / name.replace("\\", "/")
    if not name or joined.is_absolute() or ".." in joined.parts or re.match(r"[A-Za-z]+:", str(joined)):
        raise UnreadableError(
            "bdv-outside-folder",
            f"{path} names its images as {name!r} in {base!r}; only what lies in its own folder is read.",
            hint="Move the images beside the XML and write their name alone into it.",
            where=str(path),
        )
    return str(joined)


def _parse_setup(element: Element) -> ViewSetup:
    sizes = [int(text) for text in (element.findtext("size") or "").split()]
    voxel = [float(text) for text in (element.findtext("voxelSize/size") or "").split()]
    attributes = element.find("attributes")
    is_sized = len(voxel) == 3 and all(math.isfinite(size) and size > 0 for size in voxel)
    return ViewSetup(
        number=int(element.findtext("id") or 0),
        name=(element.findtext("name") or "").strip() or None,
        shape_zyx=(sizes[2], sizes[1], sizes[0]) if len(sizes) == 3 else None,
        voxel_size_zyx=(voxel[2], voxel[1], voxel[0]) if is_sized else None,
        unit=element.findtext("voxelSize/unit"),
        attributes={one.tag: (one.text or "").strip() for one in attributes} if attributes is not None else {},
    )


def _parse_timepoints(element: Element | None) -> tuple[int, ...]:
    """Source: ``TimePointsPattern`` of spimdata: numbers and ranges, such as ``0-8:2, 11``."""
    if element is None:
        return (0,)
    if element.get("type") == "range":
        spans = [(int(element.findtext("first") or 0), int(element.findtext("last") or 0), 1)]
    elif element.get("type") == "pattern":
        spans = [_parse_span(part) for part in (element.findtext("integerpattern") or "0").split(",")]
    else:
        spans = [(int(one.findtext("id") or 0),) * 2 + (1,) for one in element.iterfind("Timepoint")]
    if sum(max(last - first, 0) // step for first, last, step in spans) > MAX_TIMEPOINTS:
        raise ValueError(f"it has more than {MAX_TIMEPOINTS:,} time points")
    return tuple(sorted({number for first, last, step in spans for number in range(first, last + 1, step)})) or (0,)


def _parse_span(text: str) -> tuple[int, int, int]:
    match = re.fullmatch(r"\s*(\d{1,9})(?:\s*-\s*(\d{1,9})(?:\s*:\s*(\d{1,9}))?)?\s*", text)
    if match is None:
        raise ValueError(f"the time points {text!r} are no numbers")
    first = int(match[1])
    return first, int(match[2] or first), max(int(match[3] or 1), 1)


def _parse_names(sequence: Element) -> dict[tuple[str, str], str]:
    found = {}
    for group in sequence.iterfind("ViewSetups/Attributes"):
        word = group.get("name", "")
        for one in group:
            number, name = one.findtext("id"), one.findtext("name")
            if number and name:
                found[word, number.strip()] = name.strip()
    return found


def _parse_view(element: Element) -> tuple[int, int]:
    return int(element.get("timepoint", "0")), int(element.get("setup", "0"))


def _parse_transforms(element: Element) -> Affine:
    combined = IDENTITY
    for one in element.iterfind("ViewTransform"):
        values: Any = [float(text) for text in (one.findtext("affine") or "").split()]
        if len(values) != 12 or not all(map(math.isfinite, values)):
            raise ValueError("a view is placed by something else than 12 numbers")
        combined = multiply(combined, tuple(tuple(values[i : i + 4]) for i in (0, 4, 8)))
    return combined


def _damaged(path: Path, reason: str) -> UnreadableError:
    return UnreadableError("bdv-damaged", f"{path} cannot be read as BigDataViewer XML: {reason}.", where=str(path))
