"""Numbers beyond which the viewer fails or becomes slow.

Source: ``docs/reference/viewer-readiness.md``, where the trials are that they were measured in.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_FLAT_SIDE_PX = 2_048
"""Longest side of the lowest resolution, which the viewer loads whole; it opens no OME-TIFF above.

Source: ``canLoad`` of Vitessce 4.0.8, https://github.com/vitessce/vitessce/tree/main/packages/utils/image-utils
"""

MAX_TEXTURE_PX = 16_384
"""Longest side of one texture on most graphics cards. Source: https://web3dsurvey.com/webgl2/parameters/MAX_TEXTURE_SIZE"""

MAX_TILE_PIXELS = 2_048**2
"""More pixels in one chunk make every step of pan and zoom wait for megabytes."""

MIN_TILE_PIXELS = 64**2
"""Fewer pixels in one chunk make a picture out of thousands of requests."""

MAX_GATEWAY_FLAT_PIXELS = 2**27
"""Largest plane that the gateway makes lower resolutions of. As ``vitrina.gateway.images.plan.MAX_FLAT_PIXELS``."""

MAX_DRAWN_POINTS = 200_000
"""More points are thinned out by the gateway. As ``vitrina.gateway.point_sample.MAX_DRAWN_POINTS``."""

MIN_OFFSETS = 32
"""From as many planes on, walking along them to the last takes more than a second on an ordinary line."""

MAX_UNTILED_POINTS = 5_000_000
"""The viewer refuses to load more rows of points that are not sorted into tiles."""

MAX_SHAPES = 500_000
"""More polygons do not fit into a browser tab. As ``vitrina.gateway.vitessce.spatialdata.MAX_SHAPES``."""

MAX_GENE_BYTES = 8 * 2**20
"""What one gene may cost in a chunk that holds it; more takes seconds on an ordinary line."""

MAX_GENE_REQUESTS = 32
"""How many chunks along the observations one gene may need."""

SPECIFIED_GENES_PER_CHUNK = 10
"""What the viewer's authors recommend. Source: https://vitessce.io/docs/data-troubleshooting/"""

CODECS = frozenset({
    "bitround", "blosc", "bytes", "cast_value", "crc32c", "delta", "gzip", "json2", "lz4", "scale_offset",
    "sharding_indexed", "shuffle", "transpose", "vlen-utf8", "zlib", "zstd",
})  # fmt: skip
"""Codecs that the shipped viewer's Zarr library knows, with or without ``numcodecs.`` before them.

Source: the registry of zarrita in Vitessce 4.0.8, https://github.com/manzt/zarrita.js/blob/main/packages/zarrita/src/codecs.ts
"""

TIFF_COMPRESSIONS: Mapping[int, str] = MappingProxyType({
    1: "none", 5: "LZW", 7: "JPEG", 8: "Deflate", 32946: "Deflate", 32773: "PackBits",
    50001: "WebP",
})  # fmt: skip
"""Compressions that the shipped viewer's TIFF library decodes, by the number in the file.

LERC (34887) is not among them: its decoder fetches a module from a ``data:`` address, which the viewer's page forbids.

Source: https://github.com/geotiffjs/geotiff.js/blob/master/src/compression/index.js
"""
