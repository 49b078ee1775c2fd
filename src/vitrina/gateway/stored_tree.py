"""A stored Zarr tree passed through byte for byte, except for the metadata that viewers need and it lacks."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import zipfile
from typing import TYPE_CHECKING, Any, Protocol

from vitrina.errors import DataError, InputError, UnreadableError, UnsupportedError
from vitrina.gateway.omero import complete_attrs
from vitrina.gateway.tree import MAX_VALUE_BYTES
from vitrina.model.content import ImageElement, LabelsElement, PointsElement
from vitrina.readers.source import open_zip
from vitrina.storage.beneath import open_beneath
from vitrina.storage.keys import check_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitrina.model.content import Content


type Completed = ImageElement | LabelsElement | PointsElement


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
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            size = os.fstat(descriptor).st_size
            _check_size(key, size)
            try:
                return file.readall()
            except IsADirectoryError:
                return None


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
        overrides: Elements by path whose display settings are filled in from what a reader found.
    """

    def __init__(self, *, etag: str, stored: Bytes, overrides: Mapping[str, Completed]) -> None:
        self.etag = etag
        self._stored = stored
        self._overrides = overrides

    async def get(self, key: str) -> bytes | None:
        try:
            check_key(key)
        except InputError:
            return None
        return await asyncio.to_thread(self._read, key)

    def _read(self, key: str) -> bytes | None:
        path, _, name = key.rpartition("/")
        if name == ".zmetadata" and self._overrides:
            return None  # it repeats the attributes as they were; clients then read each node's own
        value = self._stored.read(key)
        if value is None or not self._overrides or name not in (".zattrs", "zarr.json"):
            return value
        return json.dumps(_complete(_parse(value, key), name, self._overrides.get(path))).encode()


def build_overrides(content: Content) -> dict[str, Completed]:
    """The elements whose metadata the gateway completes: rasters of OME-Zarr, and points with a guessed gene column."""
    if content.format == "ome-zarr":
        return {e.path: e for e in content.elements if isinstance(e, ImageElement | LabelsElement)}
    if any(finding.code == "feature-key-guessed" for finding in content.findings):
        return {e.path: e for e in content.elements if isinstance(e, PointsElement) and e.feature_key is not None}
    return {}


def _complete(document: dict[str, Any], name: str, element: Completed | None) -> dict[str, Any]:
    """A group's document with complete attributes, and without the copies of other groups' attributes."""
    if name == ".zattrs":
        return document if element is None else _complete_attrs(document, element)
    kept = {key: value for key, value in document.items() if key != "consolidated_metadata"}
    if element is None:
        return kept
    attributes = document.get("attributes")
    return {**kept, "attributes": _complete_attrs(attributes if isinstance(attributes, dict) else {}, element)}


def _complete_attrs(attrs: dict[str, Any], element: Completed) -> dict[str, Any]:
    if isinstance(element, PointsElement):
        named = attrs.get("spatialdata_attrs")
        return {**attrs, "spatialdata_attrs": {"feature_key": element.feature_key, **(named or {})}}
    return complete_attrs(attrs, element)


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
