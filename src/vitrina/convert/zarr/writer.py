"""Chunks of Zarr arrays to files below a folder: a file per chunk, or shards."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.convert.zarr.shards import Shard, read_shard_index, write_fully
from vitrina.errors import UnreadableError
from vitrina.pyramid.writer import Encoded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vitrina.convert.zarr.arrays import ArraySpec
    from vitrina.pyramid.source import Pixels, ShapeTczyx
    from vitrina.pyramid.writer import Place


class ZarrWriter:
    """Writes the levels of one image; a ``ChunkWriter``. The metadata documents are written when it is made.

    A chunk that holds nothing but the fill value is left out of a shard. As a file of its own it is always written: it
    is small, and a web server has a file for every key.

    Args:
        root: Folder of the hierarchy; made where there is none.
        arrays: One per level, finest first.
    """

    def __init__(self, root: Path, arrays: Sequence[ArraySpec]) -> None:
        self._root = root
        self._arrays = tuple(arrays)
        self._fills = tuple(spec.fill.item() for spec in arrays)
        self._shards: dict[tuple[int, ShapeTczyx], Shard] = {}
        self._folders: set[str] = set()
        self._lock = threading.Lock()
        self._own = threading.local()
        for spec in arrays:
            name, document = spec.build_metadata()
            folder = root / spec.path
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(document)

    def encode(self, place: Place, pixels_czyx: Pixels) -> list[Encoded]:
        spec, fill = self._arrays[place.level], self._fills[place.level]
        encoded = []
        for channel, pixels in enumerate(pixels_czyx):
            own = place._replace(c=place.c + channel)
            contiguous = pixels if pixels.flags.c_contiguous else self._copy(pixels)
            is_left_out = spec.shard_tczyx is not None and _is_filled(contiguous, fill)
            encoded.append(Encoded(place=own, data=None if is_left_out else spec.codec.encode(contiguous)))
        return encoded

    def reserve(self, encoded: Encoded) -> int:
        spec = self._arrays[encoded.place.level]
        if spec.shard_tczyx is None:
            return 0
        size = None if encoded.data is None else len(encoded.data)
        return self._open_shard(encoded.place).reserve(spec.get_chunk_index(encoded.place), size)

    def store(self, encoded: Encoded, offset: int) -> None:
        spec = self._arrays[encoded.place.level]
        if spec.shard_tczyx is not None:
            if self._open_shard(encoded.place).write(encoded.data, offset):
                self._close_shard(encoded.place)
        elif encoded.data is not None:
            self._write_file(spec.get_key(spec.get_chunk_index(encoded.place)), encoded.data)

    def read_stored(self, place: Place, offset: int, size_bytes: int) -> bytes:
        try:
            with self._get_path(place).open("rb") as file:
                return os.pread(file.fileno(), size_bytes, offset)
        except FileNotFoundError:
            return b""

    def restore(self, place: Place, offset: int, size_bytes: int | None) -> None:
        spec = self._arrays[place.level]
        if spec.shard_tczyx is None:
            return
        shard = self._open_shard(place)
        if size_bytes is not None:
            shard.place(spec.get_chunk_index(place), offset, size_bytes)
        if shard.count_down():
            self._close_shard(place)

    def read_into(self, place: Place, out_czyx: Pixels) -> None:
        spec = self._arrays[place.level]
        for channel, out in enumerate(out_czyx):
            own = place._replace(c=place.c + channel)
            data = self._read_data(spec, own)
            if data is None:
                out[...] = self._fills[place.level]
                continue
            try:
                decoded = spec.codec.decode(data, spec.chunk_bytes)
            except ValueError as err:
                path = self._get_path(own)
                raise UnreadableError(
                    "chunk-damaged", f"A chunk in {path} cannot be read back: {err}.", where=str(path)
                ) from err
            out[...] = np.frombuffer(decoded, spec.dtype.newbyteorder("<")).reshape(out.shape)

    def finish(self) -> None:
        self.abort()

    def abort(self) -> None:
        with self._lock:
            for shard in self._shards.values():
                shard.close()
            self._shards.clear()

    def _read_data(self, spec: ArraySpec, place: Place) -> bytes | None:
        path = self._get_path(place)
        if spec.shard_tczyx is None:
            return path.read_bytes()
        chunk = spec.get_chunk_index(place)
        with self._lock:  # another thread may store the last chunk of the shard, and close it
            shard = self._shards.get((place.level, _divide(chunk, spec.shard_tczyx)))
            if shard is not None:
                return shard.read(chunk)
        index = read_shard_index(path, spec)
        inner = tuple(at % n for at, n in zip(chunk, spec.shard_tczyx, strict=True))
        offset, size = (int(value) for value in index[inner])
        return None if size == 2**64 - 1 else self.read_stored(place, offset, size)

    def _open_shard(self, place: Place) -> Shard:
        spec = self._arrays[place.level]
        index = _divide(spec.get_chunk_index(place), spec.shard_tczyx or (1, 1, 1, 1, 1))
        with self._lock:
            shard = self._shards.get((place.level, index))
            if shard is None:
                path = self._make_path(spec.get_key(index))
                shard = self._shards[place.level, index] = Shard(path, spec, index)
            return shard

    def _close_shard(self, place: Place) -> None:
        spec = self._arrays[place.level]
        index = _divide(spec.get_chunk_index(place), spec.shard_tczyx or (1, 1, 1, 1, 1))
        with self._lock:
            self._shards.pop((place.level, index)).close()

    def _get_path(self, place: Place) -> Path:
        spec = self._arrays[place.level]
        return self._root / spec.get_key(_divide(spec.get_chunk_index(place), spec.shard_tczyx or (1, 1, 1, 1, 1)))

    def _make_path(self, key: str) -> Path:
        folder, _, name = key.rpartition("/")
        parent = self._root / folder
        if folder not in self._folders:
            parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        return parent / name

    def _write_file(self, key: str, data: bytes) -> None:
        file = os.open(self._make_path(key), os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            write_fully(file, data, 0)
        finally:
            os.close(file)

    def _copy(self, pixels: Pixels) -> Pixels:
        """A contiguous copy, in a buffer that each thread has once."""
        scratch: dict[Any, Pixels] = self._own.__dict__
        buffer = scratch.get(str(pixels.shape))
        if buffer is None:
            buffer = scratch[str(pixels.shape)] = np.empty(pixels.shape, pixels.dtype)
        np.copyto(buffer, pixels)
        return buffer


def _is_filled(pixels: Pixels, fill: float) -> bool:
    """Whether all pixels have a value; the first says that of most chunks."""
    return bool(pixels.item(0) == fill and (pixels == fill).all())


def _divide(chunk_tczyx: ShapeTczyx, by: ShapeTczyx) -> ShapeTczyx:
    (t, c, z, y, x), (by_t, by_c, by_z, by_y, by_x) = chunk_tczyx, by
    return t // by_t, c // by_c, z // by_z, y // by_y, x // by_x
