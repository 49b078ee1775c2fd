"""How large a picture inside a strip or tile is, before it is decoded: its own header may state any size."""

from __future__ import annotations

_MAX_FACTOR = 4
"""A picture may be a little larger than its tile, where writers round up; codecs cut it."""

_MIN_PIXELS = 2**22

_JPEG_START, _JPEG_2000_START = b"\xff\xd8", b"\xff\x4f\xff\x51"
_NO_FRAMES = {0xC4, 0xC8, 0xCC}
_NO_LENGTH = {0x01, *range(0xD0, 0xD9)}


def check_picture_size(data: bytes | bytearray, n_pixels: int) -> None:
    """Whether a JPEG or JPEG 2000 picture is about as large as the strip or tile that it fills.

    Raises:
        ValueError: It would be decoded to far more pixels.
    """
    found = find_picture_size(data)
    if found is not None and found[0] * found[1] > max(n_pixels * _MAX_FACTOR, _MIN_PIXELS):
        raise ValueError(f"a strip or tile of {n_pixels:,} pixels holds a picture of {found[0]:,} x {found[1]:,}")


def find_picture_size(data: bytes | bytearray) -> tuple[int, int] | None:
    """Height and width of a JPEG or JPEG 2000 picture as its header states them, None for anything else.

    Source: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.2.2 (frame header), and
    https://www.itu.int/rec/T-REC-T.800, A.5.1 (SIZ)
    """
    if data[:2] == _JPEG_START:
        return _find_jpeg_size(data)
    start = data.find(_JPEG_2000_START, 0, 2**12)
    if start < 0 or len(data) < start + 24:
        return None
    width, height, left, top = (int.from_bytes(data[start + at : start + at + 4], "big") for at in (8, 12, 16, 20))
    return height - top, width - left


def _find_jpeg_size(data: bytes | bytearray) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF or marker in _NO_LENGTH:
            at += 1 if marker == 0xFF else 2
            continue
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES:
            return int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
