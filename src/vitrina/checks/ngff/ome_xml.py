"""OME-XML beside the images of a collection.

Source: https://ngff.openmicroscopy.org/0.5/#bf2raw-details
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from xml.etree.ElementTree import ParseError, XMLPullParser

from vitrina.errors import VitrinaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Tree

NAME = "METADATA.ome.xml"

_NAMESPACE = "http://www.openmicroscopy.org/Schemas/"
_FORBIDDEN = ("BinData", "BinaryOnly", "TiffData")
_CHUNK = 2**16
_MAX_ELEMENTS = 2_000_000


def check_ome_xml(tree: Tree, folder: str, place: Place, n_images: int | None) -> Iterator[Finding]:
    """What is wrong with the OME-XML of a collection.

    Args:
        tree: The store.
        folder: Path of the group ``OME``.
        place: The collection.
        n_images: How many images there are, None where that is not to be compared.
    """
    key = f"{folder}/{NAME}"
    try:
        data = tree.get(key)
    except (VitrinaError, OSError, ValueError) as err:
        yield place.find("ome-xml-invalid", "", f"{key} cannot be read: {err}; OME-XML is expected.")
        return
    if data is None:
        message = f"There is no {key}; OME-XML that describes the whole collection is recommended there."
        yield place.find("ome-xml-missing", "", message)
        return
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        yield place.find("ome-xml-invalid", "", f"{key} declares entities; OME-XML without them is expected.")
        return
    yield from _check_content(data, key, place, n_images)


def _check_content(data: bytes, key: str, place: Place, n_images: int | None) -> Iterator[Finding]:
    try:
        names, root = _count_elements(data)
    except (ParseError, ValueError) as err:
        yield place.find("ome-xml-invalid", "", f"{key} is no XML: {err}; OME-XML is expected.")
        return
    if not root.startswith(f"{{{_NAMESPACE}") or not root.endswith("}OME"):
        message = f"The root of {key} is {root[:80]!r}; OME in the namespace of OME-XML is expected."
        yield place.find("ome-xml-invalid", "", message)
        return
    wrong = next((name for name in _FORBIDDEN if names.get(name)), None)
    if wrong is not None:
        message = f"{key} has the element {wrong}; MetadataOnly is expected in its place."
        yield place.find("ome-xml-pixels", "", message)
    n_described = names.get("Image", 0)
    if n_images is not None and n_described != n_images:
        message = f"{key} describes {n_described} images and there are {n_images}; as many are expected."
        yield place.find("ome-xml-count", "", message)


def _count_elements(data: bytes) -> tuple[dict[str, int], str]:
    """How often each element occurs, and the name of the root; the tree is dropped as it grows."""
    parser: XMLPullParser[Any] = XMLPullParser(events=("start", "end"))
    names: dict[str, int] = {}
    root, n_elements = "", 0
    for start in range(0, len(data), _CHUNK):
        parser.feed(data[start : start + _CHUNK])
        for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
            if event == "end":
                element.clear()
                continue
            root = root or element.tag
            name = element.tag.rpartition("}")[2]
            names[name] = names.get(name, 0) + 1
            n_elements += 1
            if n_elements > _MAX_ELEMENTS:
                raise ValueError(f"more than {_MAX_ELEMENTS:,} elements")
    parser.close()
    return names, root
