"""A stored Zarr tree passed through byte for byte, except for metadata that it lacks and points that are too many."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import stat
import zipfile
from typing import TYPE_CHECKING, Any, Protocol

from vitrina.errors import DataError, InputError, UnreadableError, UnsupportedError
from vitrina.gateway.completion import complete
from vitrina.gateway.point_sample import PointSamples
from vitrina.gateway.tree import MAX_VALUE_BYTES
from vitrina.readers.source import open_zip
from vitrina.storage.beneath import open_beneath
from vitrina.storage.keys import check_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from vitrina.gateway.completion import Incomplete
    from vitrina.model.content import PointsElement


class Bytes(Protocol):
    """Values by key, as they are stored."""

    def read(self, key: str) -> bytes | None:
        """The value of a checked key, None when there is none.

        Raises:
            UnreadableError: The stored bytes are damaged.
            UnsupportedError: The value is larger than ``MAX_VALUE_BYTES``.
        """


class FolderBytes:
    """The files of a folder; links that leave it lead nowhere."""

    def __init__(self, root: Path) -> None:
        real = root.resolve()
        self._parent = str(real.parent)
        self._name = real.name

    def read(self, key: str) -> bytes | None:
        try:
            descriptor = open_beneath(self._parent, f"{self._name}/{key}")
        except OSError as err:
            if err.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO):
                return None
            raise
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            _check_size(key, status.st_size)
            with open(descriptor, "rb", closefd=False) as file:  # it is open already
                return file.read()
        finally:
            os.close(descriptor)


class ZipBytes:
    """The members of a zip file below a folder inside it."""

    def __init__(self, path: Path, root: str) -> None:
        self._path = path
        self._archive = open_zip(path)
        self._prefix = f"{root.strip('/')}/" if root.strip("/") else ""
        self._sizes = {info.filename: info.file_size for info in self._archive.infolist() if not info.is_dir()}

    def read(self, key: str) -> bytes | None:
        name = self._prefix + key
        size = self._sizes.get(name)
        if size is None:
            return None
        _check_size(name, size)
        try:
            return self._archive.read(name)
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as err:
            raise UnreadableError(
                "zip-damaged", f"{name} inside {self._path.name} cannot be read: {err}.", where=name
            ) from err


class StoredTree:
    """A VirtualTree over stored bytes.

    Args:
        etag: See VirtualTree.
        stored: The bytes.
        incomplete: Elements by path whose attributes are filled in, see ``completion.find_incomplete``.
        sampled: Points by path that are thinned out, see ``point_sample.find_sampled``.
        overridden: Paths of the elements of which a person said more than the file.
    """

    def __init__(
        self,
        *,
        etag: str,
        stored: Bytes,
        incomplete: Mapping[str, Incomplete],
        sampled: Mapping[str, PointsElement] | None = None,
        overridden: Collection[str] = (),
    ) -> None:
        self.etag = etag
        self._stored = stored
        self._incomplete = incomplete
        self._overridden = frozenset(overridden)
        self._samples = PointSamples(sampled or {}, stored.read)

    async def get(self, key: str) -> bytes | None:
        try:
            check_key(key)
        except InputError:
            return None
        return await asyncio.to_thread(self._read, key)

    def _read(self, key: str) -> bytes | None:
        path, _, name = key.rpartition("/")
        if name == ".zmetadata" and self._incomplete:
            return None  # it repeats the attributes as they were; clients then read each node's own
        if self._samples.covers(key):
            return self._samples.read(key)
        value = self._stored.read(key)
        if value is None or not self._incomplete or name not in (".zattrs", "zarr.json"):
            return value
        element = self._incomplete.get(path)
        completed = _complete(_parse(value, key), name, element, is_overridden=path in self._overridden)
        return json.dumps(completed).encode()


def _complete(
    document: dict[str, Any], name: str, element: Incomplete | None, *, is_overridden: bool
) -> dict[str, Any]:
    """A group's document with complete attributes, and without the copies of other groups' attributes."""
    if name == ".zattrs":
        return document if element is None else complete(document, element, is_overridden=is_overridden)
    kept = {key: value for key, value in document.items() if key != "consolidated_metadata"}
    if element is None:
        return kept
    attributes = document.get("attributes")
    held = attributes if isinstance(attributes, dict) else {}
    return {**kept, "attributes": complete(held, element, is_overridden=is_overridden)}


def _parse(value: bytes, key: str) -> dict[str, Any]:
    try:
        document = json.loads(value)
    except ValueError as err:
        raise UnreadableError("json-malformed", f"{key} is not JSON: {err}.", where=key) from err
    if not isinstance(document, dict):
        raise DataError("json-malformed", f"{key} holds {type(document).__name__}, expected an object.", where=key)
    return document


def _check_size(key: str, size_bytes: int) -> None:
    if size_bytes > MAX_VALUE_BYTES:
        raise UnsupportedError(
            "value-too-large",
            f"{key} has {size_bytes:,} bytes, more than the {MAX_VALUE_BYTES:,} that the gateway serves at once.",
            hint="Read it from /data, which streams files of any size.",
            where=key,
        )
