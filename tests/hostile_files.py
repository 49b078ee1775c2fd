"""Files as an attacker would make them, by hand and byte by byte."""

from __future__ import annotations

import json
import struct
import zlib

import numpy as np

SECRET = np.arange(64, dtype=np.uint8).reshape(8, 8) + 100
"""What lies outside of the dataset, and must not be seen."""


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def write_array(folder, pixels, **changes):
    """An uncompressed array of Zarr 2 in one chunk."""
    document = {
        "zarr_format": 2, "shape": list(pixels.shape), "chunks": list(pixels.shape), "dtype": pixels.dtype.str,
        "compressor": None, "fill_value": 0, "order": "C", "filters": None, "dimension_separator": ".",
    }  # fmt: skip
    write_json(folder / ".zarray", {**document, **changes})
    (folder / "0.0").write_bytes(pixels.tobytes())


def build_multiscales(*paths):
    axes = [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]
    return {"multiscales": [{"version": "0.4", "axes": axes, "datasets": [{"path": path} for path in paths]}]}


def write_image(folder, *paths):
    """An OME-Zarr image of 8 x 8 zeros, whose levels are at other paths when they are given."""
    write_json(folder / ".zgroup", {"zarr_format": 2})
    write_json(folder / ".zattrs", build_multiscales(*(paths or ("0",))))
    write_array(folder / "0", np.zeros((8, 8), np.uint8))
    return folder


def write_secret(folder):
    """An OME-Zarr image with the secret pixels."""
    write_image(folder)
    write_array(folder / "0", SECRET)
    return folder


def build_tiff(tags, data=b"", *, n_bytes_before=8, next_directory=0):
    """A classic little-endian TIFF of one page: header, pixels, directory, long values.

    Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2
    """
    start = n_bytes_before + len(data) + len(data) % 2
    extra_at = start + 2 + 12 * len(tags) + 4
    body, extra = b"", b""
    for number, (kind, values) in sorted(tags.items()):
        code, size = {"H": (3, 2), "I": (4, 4), "s": (2, 1)}[kind]
        raw = values if kind == "s" else struct.pack(f"<{len(values)}{kind}", *values)
        count = len(raw) // size
        if len(raw) <= 4:
            body += struct.pack("<HHI4s", number, code, count, raw.ljust(4, b"\0"))
        else:
            body += struct.pack("<HHII", number, code, count, extra_at + len(extra))
            extra += raw + b"\0" * (len(raw) % 2)
    header = struct.pack("<2sHI", b"II", 42, start).ljust(n_bytes_before, b"\0")
    directory = struct.pack("<H", len(tags)) + body + struct.pack("<I", next_directory or 0)
    return header + data + b"\0" * (len(data) % 2) + directory + extra


def build_grey_tags(height, width, n_bytes, *, compression=1, offset=8, **more):
    """The tags of a grey image of 8 bits in one strip."""
    tags = {
        256: ("I", (width,)), 257: ("I", (height,)), 258: ("H", (8,)), 259: ("H", (compression,)), 262: ("H", (1,)),
        273: ("I", (offset,)), 277: ("H", (1,)), 278: ("I", (height,)), 279: ("I", (n_bytes,)),
    }  # fmt: skip
    return {**tags, **more}


def build_png(height, width, *, bit_depth=8, color_type=0):
    """A PNG that states a size, with a few bytes of zeros in it. Source: https://www.w3.org/TR/png-3/#11IHDR"""

    def build_chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, bit_depth, color_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + build_chunk(b"IHDR", header) + build_chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + build_chunk(b"IEND", b"")
    )  # fmt: skip


def build_jpeg_head(height, width):
    """The beginning of a JPEG that states a size. Source: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.2.2"""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
