"""The pages of a file against the images that OME-XML describes.

Source: https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.ome.vocabulary import TYPES
from vitrina.checks.formats.tiff.image import Image, parse_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.formats.ome.pixels import Pixels
    from vitrina.checks.formats.ome.planes import Planes
    from vitrina.checks.formats.tiff.chain import Chain, Page
    from vitrina.model.finding import Finding


def check_pages_of(pixels: Pixels, planes: Planes, chain: Chain) -> Iterator[Finding]:
    """Whether the pages of an image have its size, type and samples; the first that has not is told."""
    told: set[str] = set()
    n_levels: dict[int, int] = {}
    for number, index in sorted(planes.pages.items()):
        if index >= len(chain.pages):
            continue
        page = chain.pages[index]
        image = parse_image(page.directory)
        if image is None:
            continue
        n_levels.setdefault(len(page.levels), page.number)
        for finding in _compare(pixels, image, page, number):
            if finding.code not in told:
                told.add(finding.code)
                yield finding
    if len(n_levels) > 1 and chain.is_whole:
        shown = ", ".join(f"page {page} has {count}" for count, page in list(n_levels.items())[:4])
        message = f"Pages of one image have different numbers of lower resolutions: {shown}."
        yield build_finding("tiff-levels-differ", f"{pixels.where}", message)


def check_unused(used: set[int], chain: Chain) -> Iterator[Finding]:
    """Whether the XML speaks of all pages."""
    unused = [page.number for page in chain.pages if page.number not in used]
    if unused and used:
        message = (
            f"The OME-XML does not speak of {len(unused):,} of {len(chain.pages):,} pages, such as page {unused[0]}."
        )
        yield build_finding("ome-pages-unused", "ome-xml#", message)


def _compare(pixels: Pixels, image: Image, page: Page, number: int) -> Iterator[Finding]:
    sizes = pixels.sizes
    if (image.width, image.length) != (sizes["X"], sizes["Y"]):
        message = (
            f"SizeX and SizeY are {sizes['X']:,} x {sizes['Y']:,}, but page {page.number} has {image.width:,} x "
            f"{image.length:,} pixels."
        )
        yield build_finding("ome-size-differs", f"{page.node}#", message)
    expected = TYPES.get(pixels.type)
    if expected is not None and image.dtype != expected:
        message = f"Type is {pixels.type!r}, but the pixels of page {page.number} are {image.dtype}."
        yield build_finding("ome-type-differs", f"{page.node}#", message)
    n_samples = pixels.n_samples[_find_channel(pixels, number)]
    if image.n_samples != n_samples:
        message = (
            f"The channel of page {page.number} has {n_samples} samples per pixel in the OME-XML, but "
            f"{image.n_samples} in the page."
        )
        yield build_finding("ome-samples-differ", f"{page.node}#/SamplesPerPixel", message)


def _find_channel(pixels: Pixels, number: int) -> int:
    """The channel of a plane, by its number in the order of the image."""
    sizes = {"Z": pixels.sizes["Z"], "C": len(pixels.n_samples), "T": pixels.sizes["T"]}
    for axis in pixels.order[2:]:
        number, index = divmod(number, sizes[axis])
        if axis == "C":
            return index
    return 0
