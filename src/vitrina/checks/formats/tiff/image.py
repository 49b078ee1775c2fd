"""The image of one directory: its fields, and whether its strips or tiles fit its size and lie in the file.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, sections 3 to 8 and 15 (tiles)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.tiff import tags
from vitrina.checks.formats.tiff.tags import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.formats.tiff.directory import Directory, Entry, TiffBytes
    from vitrina.model.finding import Finding

_KINDS: Final = {1: "uint", 2: "int", 3: "float", 5: "complex", 6: "complex"}
"""Of SampleFormat. Source: TIFF 6, section 19; 5 and 6 are complex integers and floats of libtiff."""

_SUBSAMPLED: Final = 6
"""PhotometricInterpretation YCbCr, whose strips may hold fewer values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What a directory says of its image.

    Attributes:
        width: Pixels along x.
        length: Pixels along y.
        n_samples: Values per pixel.
        bits: Of one value.
        dtype: A NumPy name, such as ``uint16``, or ``bit``.
    """

    width: int
    length: int
    n_samples: int
    bits: int
    dtype: str


def parse_image(directory: Directory) -> Image | None:
    """The image, None when its size is not told."""
    width, length = directory.get_number(tags.WIDTH), directory.get_number(tags.LENGTH)
    if width is None or length is None or width <= 0 or length <= 0:
        return None
    bits = directory.get_number(tags.BITS, 1) or 1
    kind = _KINDS.get(directory.get_number(tags.SAMPLE_FORMAT, 1) or 1, "uint")
    n_samples = directory.get_number(tags.SAMPLES, 1) or 1
    dtype = "bit" if bits == 1 else f"{kind}{bits}"
    return Image(width=width, length=length, n_samples=n_samples, bits=bits, dtype=dtype)


def check_directory(tiff: TiffBytes, directory: Directory, where: str) -> Iterator[Finding]:
    """What is wrong with a directory; ``where`` is its node and the start of a pointer."""
    if not directory.entries:
        message = f"The directory at byte {directory.offset:,} has no entries; it must have at least one."
        yield build_finding("tiff-directory-empty", where, message)
        return
    yield from _check_entries(tiff, directory, where)
    missing = [tag for tag in (tags.WIDTH, tags.LENGTH, tags.PHOTOMETRIC) if tag not in directory.by_tag]
    for tag in missing:
        message = f"The directory at byte {directory.offset:,} has no {NAMES[tag]}, which every image must have."
        yield build_finding("tiff-tag-missing", f"{where}/{NAMES[tag]}", message)
    image = parse_image(directory)
    if image is None:
        if tags.WIDTH not in missing and tags.LENGTH not in missing:
            size = (directory.get_number(tags.WIDTH), directory.get_number(tags.LENGTH))
            message = f"The image at byte {directory.offset:,} has {size[0]} x {size[1]} pixels; both must be above 0."
            yield build_finding("tiff-size-invalid", where, message)
        return
    yield from _check_samples(directory, image, where)
    yield from _check_segments(tiff, directory, image, where)


def _check_entries(tiff: TiffBytes, directory: Directory, where: str) -> Iterator[Finding]:
    previous: Entry | None = None
    for entry in directory.entries:
        if previous is not None and entry.tag == previous.tag:
            message = f"The directory at byte {directory.offset:,} has {entry.name} more than once."
            yield build_finding("tiff-tag-repeated", f"{where}/{entry.name}", message)
        elif previous is not None and entry.tag < previous.tag:
            message = f"{entry.name} comes after {previous.name}; entries must ascend by their number."
            yield build_finding("tiff-tags-unsorted", f"{where}/{entry.name}", message)
        previous = entry
        offset = tiff.find_offset(entry)
        if offset is not None and offset + entry.size_bytes > tiff.size_bytes:
            message = (
                f"The values of {entry.name} reach to byte {offset + entry.size_bytes:,}, but the file has "
                f"{tiff.size_bytes:,} bytes."
            )
            fix = "The file is probably truncated: copy or download it again."
            yield build_finding("tiff-tag-outside", f"{where}/{entry.name}", message, fix=fix)


def _check_samples(directory: Directory, image: Image, where: str) -> Iterator[Finding]:
    for tag in (tags.BITS, tags.SAMPLE_FORMAT):
        values = directory.read_numbers(tag)
        if values is None or not values.size:
            continue
        if values.size != image.n_samples and not (values.size == 1 and tag == tags.SAMPLE_FORMAT):
            message = (
                f"{NAMES[tag]} has {values.size} values, but a pixel has {image.n_samples} samples; there must be one "
                "each."
            )
            yield build_finding("tiff-samples-differ", f"{where}/{NAMES[tag]}", message)
        elif (values != values[0]).any():
            message = f"Samples of a pixel differ in {NAMES[tag]}: {values[:8].tolist()}; few readers take that."
            yield build_finding("tiff-samples-mixed", f"{where}/{NAMES[tag]}", message)


def _check_segments(tiff: TiffBytes, directory: Directory, image: Image, where: str) -> Iterator[Finding]:
    is_tiled = tags.TILE_WIDTH in directory.by_tag or tags.TILE_OFFSETS in directory.by_tag
    grid = _find_tiles(directory) if is_tiled else _find_strips(directory, image)
    if isinstance(grid, str):
        yield build_finding("tiff-tile-size", f"{where}/TileWidth", grid)
        return
    width, length = grid
    is_planar = directory.get_number(tags.PLANAR, 1) == 2
    expected = math.ceil(image.width / width) * math.ceil(image.length / length) * (image.n_samples if is_planar else 1)
    names = (tags.TILE_OFFSETS, tags.TILE_SIZES) if is_tiled else (tags.STRIP_OFFSETS, tags.STRIP_SIZES)
    for tag in names:
        entry = directory.by_tag.get(tag)
        if entry is None:
            message = f"The directory at byte {directory.offset:,} has no {NAMES[tag]}, which say where pixels are."
            yield build_finding("tiff-tag-missing", f"{where}/{NAMES[tag]}", message)
            return
        if entry.count != expected:
            message = (
                f"{NAMES[tag]} has {entry.count:,} values, but {image.width:,} x {image.length:,} pixels in pieces of "
                f"{width:,} x {length:,} are {expected:,}."
            )
            yield build_finding("tiff-segment-count", f"{where}/{NAMES[tag]}", message)
            return
    yield from _check_places(tiff, directory, names, where)
    n_bytes = _count_bytes(directory, image, width, length, is_planar=is_planar)
    if n_bytes is not None:
        yield from _check_uncompressed(directory, names[1], image, (width, length, n_bytes), where, is_tiled=is_tiled)


def _find_tiles(directory: Directory) -> tuple[int, int] | str:
    width, length = directory.get_number(tags.TILE_WIDTH), directory.get_number(tags.TILE_LENGTH)
    if width is None or length is None or width <= 0 or length <= 0:
        return f"The tiles have a size of {width} x {length}; both must be there and above 0."
    if width % 16 or length % 16:
        return f"The tiles have {width:,} x {length:,} pixels; both must be multiples of 16."
    return width, length


def _find_strips(directory: Directory, image: Image) -> tuple[int, int]:
    """Rows per strip are all rows unless told."""
    rows = directory.get_number(tags.ROWS_PER_STRIP)
    return image.width, image.length if rows is None or rows <= 0 else min(rows, image.length)


def _check_places(tiff: TiffBytes, directory: Directory, names: tuple[int, int], where: str) -> Iterator[Finding]:
    import numpy as np

    offsets, sizes = (directory.read_numbers(tag) for tag in names)
    if offsets is None or sizes is None:
        return  # outside of the file, which is told, or of a type that cannot be
    ends = offsets.astype(np.float64) + sizes.astype(np.float64)
    outside = ends > tiff.size_bytes
    if outside.any():
        at = int(outside.argmax())
        message = (
            f"{int(outside.sum()):,} of {len(ends):,} pieces of the image reach behind the end of the file, such as "
            f"piece {at:,}, which ends at byte {int(ends[at]):,} of {tiff.size_bytes:,}."
        )
        fix = "The file is probably truncated: copy or download it again."
        yield build_finding("tiff-segment-outside", f"{where}/{NAMES[names[0]]}", message, fix=fix)
    empty = int(((sizes == 0) | (offsets == 0)).sum())
    if empty:
        message = f"{empty:,} of {len(ends):,} pieces of the image have no bytes; not all readers take that for zeros."
        yield build_finding("tiff-segment-empty", f"{where}/{NAMES[names[1]]}", message)


def _count_bytes(directory: Directory, image: Image, width: int, length: int, *, is_planar: bool) -> int | None:
    """Bytes of a whole piece that is not compressed; None for others."""
    is_plain = directory.get_number(tags.COMPRESSION, 1) == 1
    if not is_plain or directory.get_number(tags.PHOTOMETRIC) == _SUBSAMPLED:
        return None
    return math.ceil(width * image.bits * (1 if is_planar else image.n_samples) / 8) * length


def _check_uncompressed(
    directory: Directory, tag: int, image: Image, piece: tuple[int, int, int], where: str, *, is_tiled: bool
) -> Iterator[Finding]:
    """Pixels that are not compressed have the size that follows from theirs; the last strip may be shorter."""
    sizes: Any = directory.read_numbers(tag)
    if sizes is None or not sizes.size:
        return
    import numpy as np

    _, length, n_bytes = piece
    n_down = math.ceil(image.length / length)
    least = np.full(len(sizes), n_bytes)
    if not is_tiled:
        least[np.arange(len(sizes)) % n_down == n_down - 1] = n_bytes // length * (image.length % length or length)
    short = (sizes > 0) & (sizes < least)
    if short.any():
        at = int(short.argmax())
        message = (
            f"Piece {at:,} of the image has {int(sizes[at]):,} bytes, but its pixels, which are not compressed, need "
            f"{int(least[at]):,} or more."
        )
        yield build_finding("tiff-segment-short", f"{where}/{NAMES[tag]}", message)
