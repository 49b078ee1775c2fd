"""What the server's tests serve: artifacts over a real store, with a dictionary in place of the catalog."""

# ruff: noqa: ARG002 - the stubs have the signatures of what they stand for

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import unquote

from vitrina.errors import InputError, NotFoundError, UnsupportedError
from vitrina.gateway.tree import VirtualTree
from vitrina.model.annotation import Annotations, Label
from vitrina.model.artifact import Artifact
from vitrina.model.content import Content
from vitrina.model.finding import Finding
from vitrina.model.page import Facet, Page
from vitrina.storage.store import Entry, Stat

UID = "AbCdEfGh012345670001"
OTHER_UID = "ZyXwVuTs987654320001"


def build_artifact(uid=UID, basename="lung.zarr", *, is_folder=True, fmt="ome-zarr", **changes):
    fields = {
        "uid": uid,
        "key": f"xenium/{basename}",
        "description": None,
        "kind": "dataset",
        "format": fmt,
        "hash": "0" * 64,
        "size_bytes": 3,
        "n_files": 1,
        "n_observations": None,
        "storage_url": "memory://",
        "storage_key": f"{uid}/{basename}",
        "is_folder": is_folder,
        "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "created_by": "ada",
        "is_latest": True,
        "content": Content(format=fmt),
    }
    return Artifact(**{**fields, **changes})


class CountingStore:
    """Bytes in a dictionary, with a count of what was asked for; far away, so that all is waited for, or not."""

    url = "memory://"

    def __init__(self, files, *, is_far=False):
        self.files = files
        self.is_far = is_far
        self.calls = []

    async def stat(self, key):
        self.calls.append(("stat", key))
        return self._describe(key)

    async def read(self, key, start=0, stop=None):
        self.calls.append(("read", key, start, stop))
        return self._get(key)[start:stop]

    async def open_file(self, key):
        stat = await self.stat(key)
        self.calls[-1] = ("open", key)

        async def read(start=0, stop=None):
            return await self.read(key, start, stop)

        return SimpleNamespace(stat=stat, read=read, close=lambda: self.calls.append(("close", key)))

    def open_at_once(self, key):
        if self.is_far:
            return None
        stat = self._describe(key)
        self.calls.append(("open", key))

        def read_at_once(start, stop):
            self.calls.append(("read", key, start, stop))
            return self._get(key)[start:stop]

        return SimpleNamespace(stat=stat, read_at_once=read_at_once, close=lambda: self.calls.append(("close", key)))

    def _describe(self, key):
        return Stat(size_bytes=len(self._get(key)), etag=hashlib.sha256(self._get(key)).hexdigest()[:16])

    def _get(self, key):
        if key not in self.files:
            raise NotFoundError("key-missing", f"/secret/place/{key} is not there.", where=key)
        return self.files[key]


@dataclass
class Tree(VirtualTree):
    """A virtual tree of fixed values."""

    values: dict[str, bytes]
    etag: str = "e" * 8
    asked: list[str] = field(default_factory=list)

    def find(self, key):
        self.asked.append(key)
        return self.values.get(key)


class StubInstance:
    """The methods of an Instance that the server calls."""

    def __init__(self, artifacts, store, *, managed=True, trees=None, public_url=None, allowed_hosts=()):
        self.artifacts = {artifact.uid: artifact for artifact in artifacts}
        self.store = store
        self.managed = managed
        self.trees = trees or {}
        self.settings = SimpleNamespace(name="lab", public_url=public_url, allowed_hosts=allowed_hosts)
        self.n_lookups = 0
        self.n_overridden = 0
        self.catalog = SimpleNamespace(change_number=lambda: 0)
        self.asked_formats = []
        self.found_with = None

    def store_for(self, artifact):
        return self.store

    def is_managed(self, artifact):
        return self.managed

    def show(self, ref):
        self.n_lookups += 1
        for artifact in self.artifacts.values():
            if ref in (artifact.uid, artifact.uid[:16], artifact.key):
                return artifact
        raise NotFoundError("artifact-missing", f"Nothing is called {ref!r}.", hint="Try `find`.", where=ref)

    def find(self, text="", *, where=None, order="-created_at", limit=50, cursor=None, **options):
        self.found_with = {"text": text, "where": where, "order": order, "limit": limit, "cursor": cursor}
        self.found_options = options
        if "colour" in (where or {}):
            raise InputError("field-unknown", "There is no field 'colour'.", hint="Did you mean 'format'?")
        items = tuple(self.artifacts.values())[:limit]
        facets = {"format": [Facet(id="ome-zarr", label="ome-zarr", count=len(items))]}
        return Page(items=items, total=len(self.artifacts), next_cursor=None, facets=facets)

    def list_versions(self, artifact):
        return [one for one in self.artifacts.values() if one.key == artifact.key]

    def read_annotations(self, artifact):
        return self.read_many_annotations([artifact])[artifact.uid]

    def read_many_annotations(self, artifacts):
        label = Label(registry="Tissue", uid="lungLUNGlungLUNG", name="lung", ontology_id="UBERON:0002048")
        return {artifact.uid: Annotations(labels=(label,)) for artifact in artifacts}

    def list_files(self, artifact, folder=""):
        if folder == "gone":
            raise NotFoundError("folder-missing", "There is no folder 'gone'.", where=folder)
        return [Entry(name=name, is_folder=name == "0", size_bytes=None if name == "0" else 7) for name in "0abc"]

    def read_thumbnail(self, artifact):
        return b"RIFF1234WEBP" if artifact.format == "ome-zarr" else None

    def check_view(self, artifact):
        if artifact.format == "ome-zarr":
            return [Finding(code="window-guessed", severity="info", path="#", message="The window was guessed.")]
        return [Finding(code="format-unknown", severity="error", path="#", message="No viewer shows it.")]

    def build_view(self, artifact, base_url):
        if artifact.format != "ome-zarr":
            raise UnsupportedError("view-unavailable", "No viewer shows it.", where=artifact.uid)
        return {"version": "1.0.18", "url": f"{base_url}/data/{artifact.uid}/{artifact.basename}"}

    def find_tree(self, artifact, zarr_format):
        return None

    def open_tree(self, artifact, zarr_format):
        self.asked_formats.append(zarr_format)
        if artifact.uid not in self.trees:
            raise UnsupportedError("gateway-format-unsupported", f"{artifact.format} is not shown as Zarr.")
        return self.trees[artifact.uid]


@dataclass
class Answer:
    """What an application sent."""

    status: int
    headers: dict[str, str]
    body: bytes
    n_pieces: int
    is_complete: bool

    @property
    def json(self):
        return json.loads(self.body)


async def ask(app, target, method="GET", *, headers=None, host="localhost:8765", leave=None):
    """Send one request to an ASGI application without a network; None when nothing is answered.

    The client leaves when the event ``leave`` is set.
    """
    path, _, query = target.encode().partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path.decode()),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [
            (b"host", host.encode()),
            *((name.encode(), value.encode()) for name, value in (headers or {}).items()),
        ],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8765),
    }
    sent = []
    was_asked = False

    async def receive():
        nonlocal was_asked
        if was_asked:
            await (leave or asyncio.Event()).wait()
            return {"type": "http.disconnect"}
        was_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    if not sent:
        return None
    start, *bodies = sent
    return Answer(
        status=start["status"],
        headers={name.decode().lower(): value.decode() for name, value in start["headers"]},
        body=b"".join(message.get("body", b"") for message in bodies),
        n_pieces=len(bodies),
        is_complete=bool(bodies) and not bodies[-1].get("more_body", False),
    )
