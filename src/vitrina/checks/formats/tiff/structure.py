"""A TIFF file as a whole: every directory, and lower resolutions against the page that they belong to.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf and
https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html#sub-resolutions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going
from vitrina.checks.formats.tiff.image import check_directory, parse_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.formats.tiff.chain import Chain, Page
    from vitrina.checks.formats.tiff.directory import TiffBytes
    from vitrina.model.finding import Finding


def check_pages(tiff: TiffBytes, chain: Chain) -> Iterator[Finding]:
    """What is wrong with the directories of a file, one by one."""
    for page in chain.pages:
        yield from keep_going(page.node, check_directory(tiff, page.directory, f"{page.node}#"))
        for i, level in enumerate(page.levels):
            yield from keep_going(page.node, check_directory(tiff, level, f"{page.node}#/SubIFDs/{i}"))
        yield from keep_going(page.node, _check_levels(page))


def _check_levels(page: Page) -> Iterator[Finding]:
    finer = full = parse_image(page.directory)
    for i, directory in enumerate(page.levels):
        level = parse_image(directory)
        if level is None or full is None or finer is None:
            return
        where = f"{page.node}#/SubIFDs/{i}"
        is_smaller = level.width <= finer.width and level.length <= finer.length
        if not is_smaller or (level.width, level.length) == (finer.width, finer.length):
            message = (
                f"Lower resolution {i + 1} of page {page.number} has {level.width:,} x {level.length:,} pixels, but "
                f"the one before has {finer.width:,} x {finer.length:,}; each must be smaller."
            )
            yield build_finding("tiff-level-not-smaller", where, message)
        if (level.dtype, level.n_samples) != (full.dtype, full.n_samples):
            message = (
                f"Lower resolution {i + 1} of page {page.number} has {level.n_samples} samples of {level.dtype}, but "
                f"the page has {full.n_samples} of {full.dtype}; they must be alike."
            )
            yield build_finding("tiff-level-type", where, message)
        finer = level
