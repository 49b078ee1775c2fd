"""``/zarr/{uid}/{key}`` and ``/zarr3/{uid}/{key}``: an artifact as Zarr of format 2 or 3, made on the fly."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

from vitrina.errors import NotFoundError
from vitrina.model.artifact import Artifact
from vitrina.server.known import KnownArtifacts
from vitrina.server.media import DATA_TYPES, OCTETS, get_suffix
from vitrina.server.parts import Part, Representation, build_part_headers, build_refusal, has_etag, plan_part
from vitrina.server.paths import parse_path
from vitrina.server.reply import Reply
from vitrina.server.request import Request
from vitrina.server.work import Work

if TYPE_CHECKING:
    from vitrina.gateway.tree import VirtualTree

ZARR_FORMATS: tuple[Literal[2, 3], ...] = (2, 3)

CHECK_EACH_TIME = b"private, no-cache"
"""A newer Vitrina may cut other chunks from the same bytes, and old and new chunks must never mix in a cache."""


class ZarrPlane:
    """Answers requests for keys of virtual trees.

    What is at hand is answered at once; trees are opened and chunks made where work is done.

    Args:
        artifacts: Who knows the artifacts.
        find_tree: Finds the tree of an artifact where it is open.
        open_tree: Opens it; may block.
        work: Where what takes long is done.
        version: Of Vitrina, a part of every ETag.
    """

    def __init__(
        self,
        artifacts: KnownArtifacts,
        *,
        find_tree: Callable[[Artifact], VirtualTree | None],
        open_tree: Callable[[Artifact], VirtualTree],
        work: Work,
        version: str,
    ) -> None:
        self._artifacts = artifacts
        self._find_tree = find_tree
        self._open_tree = open_tree
        self._work = work
        self._version = version

    async def answer(self, request: Request) -> Reply:
        """The answer to a GET or HEAD.

        Raises:
            NotFoundError: No such artifact, or no such key in its tree.
            InputError: The path is malformed.
            UnsupportedError: The gateway does not know the artifact's format.
            DataError: The stored bytes are damaged.
            BusyError: Too much work waits already.
            GoneError: The client left.
        """
        uid, key = parse_path(request.raw_path)
        known = await self._artifacts.get(uid)
        tree = self._find_tree(known.artifact)
        if tree is None:
            open_tree = partial(self._open_tree, known.artifact)
            tree = await self._work.do((self, uid, known.artifact.fingerprint), open_tree, request.wait_until_gone)
        etag = f'"{tree.etag}-{self._version}"'.encode()
        kept = request.headers.get(b"if-none-match", b"")
        if etag in kept and has_etag(kept, etag, is_weak=True):  # before the value is made; `*` needs to know it exists
            return build_refusal(Part(304, 0, 0), Representation(0, etag, b"", CHECK_EACH_TIME))
        found = tree.find(key)
        value = await self._work.do((tree.etag, key), found, request.wait_until_gone) if callable(found) else found
        if value is None:
            raise NotFoundError("key-missing", f"The Zarr tree of {uid} has no key {key[:200]!r}.", where=key[:200])
        media_type = DATA_TYPES.get(get_suffix(key), OCTETS)
        whole = Representation(len(value), etag, media_type.encode(), CHECK_EACH_TIME)
        part = plan_part(request.method, request.headers, whole)
        if part.status not in {200, 206}:
            return build_refusal(part, whole)
        return Reply(part.status, build_part_headers(part, whole), value[part.start : part.stop])
