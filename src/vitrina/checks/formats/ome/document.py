"""The OME-XML of a file as a tree of elements, parsed with care.

Source: https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html#the-ome-xml-block
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.ome.vocabulary import CURRENT, NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from vitrina.model.finding import Finding

MAX_XML_BYTES: Final = 2**28
"""Longer text is not parsed."""

_DOCTYPE: Final = b"<!DOCTYPE"


def looks_like_ome(description: bytes | None) -> bool:
    """Whether a description is meant to be OME-XML."""
    return description is not None and (b"<OME" in description[:4096] or b":OME" in description[:4096])


def parse_document(description: bytes) -> tuple[Element | None, list[Finding]]:
    """The root element, None when the text is not OME-XML, and what is wrong with the text."""
    from xml.etree import ElementTree as ET

    where = "ome-xml#"
    if _DOCTYPE in description or len(description) > MAX_XML_BYTES:
        message = "The OME-XML declares a document type or is longer than any real one; it was not parsed."
        return None, [build_finding("ome-xml-refused", where, message)]
    try:
        text = description.decode("utf-8")
    except UnicodeDecodeError as err:
        message = f"The OME-XML must be UTF-8, but byte {err.start:,} is not."
        return None, [build_finding("ome-xml-encoding", where, message)]
    try:
        root = ET.fromstring(text)  # noqa: S314 no document type, so no entities; expat never reads other files
    except (ET.ParseError, ValueError, RecursionError) as err:
        message = f"The OME-XML is not well-formed XML: {err}."
        return None, [build_finding("ome-xml-malformed", where, message)]
    if get_tag(root) != "OME":
        message = f"The root of the OME-XML is {get_tag(root)[:60]!r}, and must be 'OME'."
        return None, [build_finding("ome-xml-root", where, message)]
    return root, list(_check_namespace(root))


def find_version(root: Element | None) -> str | None:
    """The version of the schema, such as ``2016-06``; None when the namespace is none of OME's."""
    match = None if root is None else NAMESPACE.fullmatch(_get_namespace(root))
    return match[1] if match else None


def get_tag(element: Element) -> str:
    """The tag without its namespace."""
    return str(element.tag).rsplit("}", 1)[-1]


def list_children(parent: Element, tag: str) -> list[Element]:
    """Elements directly below another."""
    return [child for child in parent if get_tag(child) == tag]


def _get_namespace(element: Element) -> str:
    tag = str(element.tag)
    return tag[1:].split("}", 1)[0] if tag.startswith("{") else ""


def _check_namespace(root: Any) -> Iterator[Finding]:
    namespace = _get_namespace(root)
    version = find_version(root)
    if version is None:
        found = repr(namespace)[:100] if namespace else "absent"
        message = (
            f"The namespace of the OME-XML must be http://www.openmicroscopy.org/Schemas/OME/{CURRENT} or of an "
            f"earlier schema, but it is {found}."
        )
        yield build_finding("ome-xml-namespace", "ome-xml#/OME", message)
    elif version != CURRENT:
        message = f"The OME-XML is of the schema {version}; the current one is {CURRENT}."
        yield build_finding("ome-xml-schema", "ome-xml#/OME", message)
