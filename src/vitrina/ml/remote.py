"""Datasets of another machine's hub: their pixels and tables are read over HTTP, chunk by chunk."""

from __future__ import annotations

import re
import urllib.parse

from vitrina.errors import InputError, UnreadableError, UnsupportedError
from vitrina.ml.choices import Dataset
from vitrina.model.content import Content
from vitrina.model.jsonable import parse_json
from vitrina.readers.http_source import find_json, open_http_source
from vitrina.readers.ome_zarr import OmeZarrReader
from vitrina.readers.spatialdata import SpatialDataReader

_ARTIFACT = re.compile(r"^(?P<base>.*)/(?:data|a|api/v1/artifacts)/(?P<uid>[0-9A-Za-z]{16,20})(?:/.*)?$")


def open_remote(url: str) -> Dataset:
    """A dataset at an address, as a part of a cohort.

    Args:
        url: Of an artifact in a hub (``.../a/{uid}``, ``.../data/{uid}/...``), or of an OME-Zarr image, such as those
            that the gateway makes of other formats (``.../zarr/{uid}/``).

    Raises:
        InputError: It is no ``http`` or ``https`` address.
        UnreadableError: The server does not answer, or there is no such dataset.
        UnsupportedError: The artifact is a file, which cannot be read in parts: read it through the gateway.
    """
    parts = urllib.parse.urlsplit(url)
    found = _ARTIFACT.match(parts.path)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise InputError("url-malformed", f"{url!r} is no http or https address.", where=url)
    if found is None:
        return _open_zarr(url)
    base = f"{parts.scheme}://{parts.netloc}{found['base']}"
    told = find_json(f"{base}/api/v1/artifacts/{found['uid']}")
    if told is None:
        raise UnreadableError("url-unreadable", f"There is no artifact at {url}.", where=url)
    if not told["is_folder"]:
        raise UnsupportedError(
            "remote-file",
            f"{told['key']} is one file, of which no part can be read over HTTP.",
            hint=f"Read its image through the gateway: {base}/zarr/{told['uid']}/",
            where=url,
        )
    return Dataset(
        name=told["key"],
        source=open_http_source(
            f"{base}/data/{told['uid']}/{urllib.parse.quote(told['basename'])}",
            files_url=f"{base}/api/v1/artifacts/{told['uid']}/files",
        ),
        content=parse_json(Content, told["content"]),
        uid=told["uid"],
        hash=told["hash"],
    )


def _open_zarr(url: str) -> Dataset:
    source = open_http_source(url)
    reader = next((reader for reader in (SpatialDataReader(), OmeZarrReader()) if reader.detect(source)), None)
    if reader is None:
        raise UnsupportedError("format-unknown", f"There is no SpatialData or OME-Zarr at {url}.", where=url)
    return Dataset(name=url.rstrip("/"), source=source, content=reader.read_content(source))
