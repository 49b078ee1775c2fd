"""Write arrays of an image: lower resolutions that are missing, or all levels in other chunks or another type."""

from __future__ import annotations

import json
import math
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from vitrina.convert.image import open_image
from vitrina.convert.levels import plan_image, write_levels
from vitrina.convert.options import PyramidOptions
from vitrina.convert.zarr.arrays import ArraySpec
from vitrina.convert.zarr.codecs import Codec
from vitrina.convert.zarr.writer import ZarrWriter
from vitrina.errors import DataError, InputError
from vitrina.model.content import Content
from vitrina.readers.zarr_tree import get_zarr_tree
from vitrina.storage.removing import remove

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitrina.checks.fix.plan import ImageJob
    from vitrina.convert.levels import LevelsPlan
    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx
    from vitrina.pyramid.writer import Encoded, Place
    from vitrina.readers.source import Source

type _Document = Mapping[str, Any]


def write_image(job: ImageJob, source: Source, root: Path, scratch: Path) -> None:
    """Write the arrays of a job into a hierarchy, in the layout and codec of the finest level that is there.

    Args:
        job: What to write.
        source: The hierarchy as it is.
        root: Its repaired copy.
        scratch: A folder for arrays that are not complete; made.

    Raises:
        UnreadableError: Pixels are damaged.
        DataError: A value does not survive the change of type.
        OSError: The disk refuses.
    """
    zarr_tree = get_zarr_tree(source)
    content = Content(format="ome-zarr", container=zarr_tree.container)
    keeps_levels = job.is_rewritten and len(job.element.levels) > 1
    with ExitStack() as stack:
        opened = open_image(source, content, job.element, uses_levels=keeps_levels)
        stack.callback(opened.close)
        image = replace(opened, sources=tuple(_cast(one, job.dtype) for one in opened.sources))
        options = PyramidOptions(n_levels=len(job.level_paths), uses_levels=keeps_levels, chunk_zyx=job.chunk_zyx)
        plan = plan_image(image, options)
        stored = _read_document(source.path, job.element.levels[0].path, zarr_tree.format)
        specs = _plan_arrays(stored, image.axis_names, plan, np.dtype(job.dtype), zarr_tree.format)
        writer = ZarrWriter(scratch, specs) if job.is_rewritten else CoarserWriter(scratch, specs)
        try:
            write_levels(image, writer, plan)
        finally:
            writer.finish()
    for number, path in enumerate(job.level_paths):
        if number or job.is_rewritten:
            known = job.element.levels[min(number, len(job.element.levels) - 1)].path
            _copy_attributes(source.path / known, scratch / str(number), zarr_tree.format)
            remove(root / path)
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (scratch / str(number)).rename(root / path)


class CoarserWriter(ZarrWriter):
    """Writes all levels but the finest, which is there already."""

    def encode(self, place: Place, pixels_czyx: Pixels) -> list[Encoded]:
        return super().encode(place, pixels_czyx) if place.level else []


class CastPixels:
    """Pixels in another type that holds the same values; a ``PixelSource``.

    Args:
        source: The pixels.
        dtype: What they become.
    """

    def __init__(self, source: PixelSource, dtype: str) -> None:
        self._source = source
        self.dtype: np.dtype[Any] = np.dtype(dtype)

    @property
    def shape_tczyx(self) -> ShapeTczyx:
        """Size in pixels."""
        return self._source.shape_tczyx

    @property
    def n_joint_channels(self) -> int:
        """Channels that are read together."""
        return self._source.n_joint_channels

    @property
    def chunk_shape_tczyx(self) -> ShapeTczyx:
        """The smallest part that can be decoded on its own."""
        return self._source.chunk_shape_tczyx

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with a window.

        Raises:
            DataError: A value is not the same in the other type.
        """
        own = np.empty(out_czyx.shape, self._source.dtype)
        self._source.read_into(start_tczyx, own)
        with np.errstate(invalid="ignore"):
            out_czyx[...] = own.astype(self.dtype)
        if not np.array_equal(out_czyx.astype(own.dtype), own, equal_nan=own.dtype.kind == "f"):
            raise DataError("value-lost", f"A value near {start_tczyx} is not the same as {self.dtype.name}.")

    def close(self) -> None:
        """Close the pixels."""
        self._source.close()


def _cast(source: PixelSource, dtype: str) -> PixelSource:
    return source if source.dtype == np.dtype(dtype) else CastPixels(source, dtype)


def _plan_arrays(
    stored: _Document, axes: str, plan: LevelsPlan, dtype: np.dtype[Any], zarr_format: Literal[2, 3]
) -> list[ArraySpec]:
    fill = stored.get("fill_value")
    is_number = isinstance(fill, int | float) and not isinstance(fill, bool) and math.isfinite(fill)
    own_codecs, ratio = _open_shard(stored) if zarr_format == 3 else ([], None)
    codec = _find_v3_codec(own_codecs) if zarr_format == 3 else _find_v2_codec(stored)
    shape = plan.levels[0].shape_tczyx
    shard = None if ratio is None else _arrange(ratio, axes)
    return [
        ArraySpec(
            path=str(number),
            axes=axes,
            shape_tczyx=level.shape_tczyx,
            chunk_tczyx=(1, 1, *plan.chunk_zyx),
            shard_tczyx=None if shard is None else _cut_shard(shard, plan.chunk_zyx, level.shape_tczyx),
            dtype=dtype,
            codec=codec,
            zarr_format=zarr_format,
            separator=_find_separator(stored, zarr_format),
            fill_value=cast("float", fill) if is_number and _fits(cast("float", fill), dtype) and shape else 0,
        )
        for number, level in enumerate(plan.levels)
    ]


def _find_v2_codec(stored: _Document) -> Codec:
    """The compressor of an array; a usual one where that is another, or it has filters."""
    compressor = stored.get("compressor")
    if compressor is None:
        return Codec(name="none")
    shuffles = ("noshuffle", "shuffle", "bitshuffle")
    shuffle = compressor.get("shuffle")
    names = {"cname": "inner", "clevel": "level", "level": "level"}
    settings = {names[key]: value for key, value in compressor.items() if key in names}
    if shuffle in {0, 1, 2}:
        settings["shuffle"] = shuffles[shuffle]
    return _build_codec(compressor.get("id"), settings)


def _find_v3_codec(codecs: list[Any]) -> Codec:
    names = {"cname": "inner", "clevel": "level", "level": "level", "shuffle": "shuffle"}
    others = [codec for codec in codecs if isinstance(codec, dict) and codec.get("name") not in {"bytes", "crc32c"}]
    if not others:
        return Codec(name="none")
    configuration = others[-1].get("configuration") or {}
    settings = {names[key]: value for key, value in configuration.items() if key in names}
    return _build_codec(others[-1].get("name"), settings)


def _build_codec(name: Any, settings: dict[str, Any]) -> Codec:
    try:
        return Codec(name=name, **settings)
    except (InputError, TypeError):
        return Codec()


def _open_shard(stored: _Document) -> tuple[list[Any], list[int] | None]:
    """The codecs of chunks, and chunks per shard along each dimension; None without shards."""
    codecs = stored["codecs"]
    first = codecs[0] if codecs and isinstance(codecs[0], dict) else {}
    if first.get("name") != "sharding_indexed":
        return codecs, None
    inner = first["configuration"]
    outer = stored["chunk_grid"]["configuration"]["chunk_shape"]
    return inner["codecs"], [whole // part for whole, part in zip(outer, inner["chunk_shape"], strict=True)]


def _arrange(values: list[int], axes: str) -> ShapeTczyx:
    known = dict(zip(axes, values, strict=True))
    t, c, z, y, x = (known.get(name, 1) for name in "tczyx")
    return t, c, z, y, x


def _cut_shard(shard: ShapeTczyx, chunk_zyx: tuple[int, int, int], shape: ShapeTczyx) -> ShapeTczyx:
    """A shard that is no larger than the level."""
    sizes = zip(shard[2:], shape[2:], chunk_zyx, strict=True)
    z, y, x = (min(wanted, -(-size // chunk)) for wanted, size, chunk in sizes)
    return 1, 1, z, y, x


def _find_separator(stored: _Document, zarr_format: Literal[2, 3]) -> Literal["/", "."]:
    if zarr_format == 2:
        return "/" if stored.get("dimension_separator") == "/" else "."
    configuration = (stored.get("chunk_key_encoding") or {}).get("configuration") or {}
    return "." if configuration.get("separator") == "." else "/"


def _fits(value: float, dtype: np.dtype[Any]) -> bool:
    if dtype.kind not in "iu":
        return True
    limits = np.iinfo(dtype)
    return value == int(value) and limits.min <= value <= limits.max


def _read_document(folder: Path, path: str, zarr_format: int) -> _Document:
    document: _Document = json.loads((folder / path / ("zarr.json" if zarr_format == 3 else ".zarray")).read_bytes())
    return document


def _copy_attributes(known: Path, new: Path, zarr_format: int) -> None:
    """What the array had said of itself, such as names of its dimensions in Zarr 2."""
    if zarr_format == 2:
        if (known / ".zattrs").exists():
            (new / ".zattrs").write_bytes((known / ".zattrs").read_bytes())
        return
    stored = json.loads((known / "zarr.json").read_bytes())
    own = json.loads((new / "zarr.json").read_bytes())
    (new / "zarr.json").write_text(json.dumps({**own, "attributes": stored.get("attributes") or {}}, indent=2))
