"""TIFF and OME-TIFF against their specifications.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf and
https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vitrina.checks.checked import Checked
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going
from vitrina.checks.formats.ome.document import find_version, list_children, looks_like_ome, parse_document
from vitrina.checks.formats.ome.pages import check_pages_of, check_unused
from vitrina.checks.formats.ome.pixels import Pixels, check_ids, check_image
from vitrina.checks.formats.ome.planes import File, Planes, check_planes
from vitrina.checks.formats.tiff.chain import Chain, follow_chain
from vitrina.checks.formats.tiff.directory import TiffBytes
from vitrina.checks.formats.tiff.structure import check_pages
from vitrina.checks.formats.tiff.tags import DESCRIPTION
from vitrina.checks.limits import limit_findings
from vitrina.errors import UnreadableError
from vitrina.readers.damage import check_not_empty
from vitrina.readers.form import TIFF_MAGICS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source

_SUFFIXES: Final = (".ome.tif", ".ome.tiff", ".ome.tf2", ".ome.tf8", ".ome.btf")
"""By which OME-TIFF is known. Source: see above, section "File format"."""


def check_ome_tiff(source: Source, *, is_metadata_only: bool = False) -> Checked:  # noqa: ARG001 pixels are never read
    """What is wrong with a TIFF file, and with its OME-XML where it has one; pixels are not read.

    Args:
        source: The file; others that its OME-XML names are never opened.
        is_metadata_only: Changes nothing here.

    Raises:
        UnreadableError: It does not begin like a TIFF file.
    """
    check_not_empty(source)
    if not source.head.startswith(TIFF_MAGICS) or len(source.head) < 8:
        raise UnreadableError(
            "tiff-header-missing",
            f"{source.path} does not begin like a TIFF file: {source.head[:4]!r} is neither II nor MM and 42 or 43.",
            where=str(source.path),
        )
    with source.path.open("rb") as file:
        tiff, chain = TiffBytes(file), Chain()
        findings = [*keep_going("", follow_chain(tiff, chain)), *keep_going("", check_pages(tiff, chain))]
        description = chain.pages[0].directory.read_text(DESCRIPTION) if chain.pages else None
        is_named = source.path.name.lower().endswith(_SUFFIXES)
        if description is None or not looks_like_ome(description):
            if is_named and chain.pages:
                message = (
                    f"{source.path.name} is called OME-TIFF, but its first page has no OME-XML in its description."
                )
                findings.append(build_finding("ome-xml-missing", "ifd0#/ImageDescription", message))
            return Checked(kind="ome-tiff" if is_named else "tiff", findings=limit_findings(findings))
        root, about_text = parse_document(description)
        findings += about_text
        if root is not None:
            findings += keep_going("ome-xml", _check_ome(source, root, chain))
        return Checked(kind="ome-tiff", version=find_version(root), findings=limit_findings(findings))


def _check_ome(source: Source, root: Element, chain: Chain) -> Iterator[Finding]:
    binary_only = list_children(root, "BinaryOnly")
    images = list_children(root, "Image")
    if binary_only:
        name = str(binary_only[0].get("MetadataFile"))[:80]
        message = f"The images of this file are described in another file, {name!r}, which was not opened."
        yield build_finding("ome-binary-only", "ome-xml#/OME/BinaryOnly", message)
        return
    if not images:
        yield build_finding("ome-image-missing", "ome-xml#/OME", "The OME-XML describes no Image; it must have one.")
        return
    yield from check_ids(root)
    found: list[Pixels] = []
    for i, image in enumerate(images):
        yield from keep_going("ome-xml", check_image(image, i, found))
    file = File(name=source.path.name, uuid=root.get("UUID"), n_pages=len(chain.pages))
    used: set[int] = set()
    for pixels in found:
        planes = Planes()
        findings = list(keep_going("ome-xml", check_planes(pixels, file, planes)))
        # pages behind the end of a damaged chain are missing for a reason that has been told
        yield from (one for one in findings if chain.is_whole or one.code != "ome-page-missing")
        yield from keep_going("ome-xml", check_pages_of(pixels, planes, chain))
        used.update(planes.pages.values())
    if len(found) == len(images):
        yield from check_unused(used, chain)
