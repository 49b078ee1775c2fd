"""A dataset behind a web address, as a source for readers: a Zarr hierarchy, or an artifact of a hub."""

from __future__ import annotations

import json
import urllib.parse
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.readers.http_store import HttpStore
from vitrina.readers.http_tree import HttpTree
from vitrina.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zarr.abc.store import Store as ZarrStore

    from vitrina.readers.source import Tree

PAGE_SIZE = 1000
NOWHERE = Path("/dev/null")
"""Below a file there are no files: whoever takes the path of such a source for one on disk finds nothing."""


class HubTree(HttpTree):
    """Keys below an address; those of an artifact can be listed, since its hub tells their names.

    Args:
        url: Of the root of the hierarchy.
        files_url: Where the hub lists the files of the artifact; None where nothing can be listed.
    """

    def __init__(self, url: str, files_url: str | None = None) -> None:
        super().__init__(url)
        self._files_url = files_url

    def list_children(self, prefix: str) -> list[str]:
        if self._files_url is None:
            return []
        query = {"limit": str(PAGE_SIZE), **({"folder": prefix} if prefix else {})}
        names: list[str] = []
        while True:
            page = find_json(self._files_url, query)
            if page is None:
                return []  # no such folder
            names += [entry["name"].rstrip("/") for entry in page["items"]]
            if page["next_cursor"] is None:
                return sorted(names)
            query["cursor"] = page["next_cursor"]

    def open_zarr_store(self) -> ZarrStore:
        return HttpStore(self.url, self.list_children if self._files_url is not None else None)


@dataclass(frozen=True)
class HttpSource(Source):
    """A Zarr hierarchy behind an address.

    Attributes:
        url: Of its root.
        files_url: See ``HubTree``.
    """

    url: str = field(default="", kw_only=True)
    files_url: str | None = field(default=None, kw_only=True)

    @cached_property
    def is_folder(self) -> bool:
        """A hierarchy of keys is like a folder."""
        return True

    @cached_property
    def head(self) -> bytes:
        """Of folders there is none."""
        return b""

    @cached_property
    def tree(self) -> Tree | None:
        """The keys."""
        return HubTree(self.url, self.files_url)


def open_http_source(url: str, files_url: str | None = None) -> HttpSource:
    """The hierarchy at an address.

    Raises:
        InputError: It is no ``http`` or ``https`` address.
    """
    HttpTree(url)  # checks the address
    parts = urllib.parse.urlsplit(url)
    return HttpSource(NOWHERE / f"{parts.netloc}{parts.path.rstrip('/')}", url=url.rstrip("/"), files_url=files_url)


def find_json(url: str, query: Mapping[str, str] | None = None) -> Any:
    """A small JSON document; None where there is none.

    Args:
        url: Its address.
        query: What stands after the question mark.

    Raises:
        UnreadableError: The server does not answer, or not with JSON.
    """
    base, _, name = url.rstrip("/").rpartition("/")
    store = HttpStore(base)
    try:
        data = store.fetch(name, query=urllib.parse.urlencode(query or {}))
    finally:
        store.close()
    if data is None:
        return None
    try:
        return json.loads(data)
    except ValueError as err:
        raise UnreadableError("url-unreadable", f"{url} is not JSON: {err}.", where=url) from err
