"""``/zarr/{uid}/{key}`` and ``/zarr3/{uid}/{key}``: an artifact as Zarr of format 2 or 3, made on the fly."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from vitrina.errors import NotFoundError
from vitrina.model.artifact import Artifact
from vitrina.server.known import KnownArtifacts
from vitrina.server.media import DATA_TYPES, OCTETS, get_suffix
from vitrina.server.parts import Part, Representation, build_part_headers, build_refusal, has_etag, plan_part
from vitrina.server.paths import parse_path
from vitrina.server.reply import Answer, Reply, settle
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

    def answer(self, request: Request) -> Answer:
        """The answer to a GET or HEAD.

        Raises:
            NotFoundError: No such artifact, or no such key in its tree; also when the answer is waited for.
            InputError: The path is malformed.
            UnsupportedError: The gateway does not know the artifact's format; when the answer is waited for.
            DataError: The stored bytes are damaged; also then.
            BusyError: Too much work waits already; then.
            GoneError: The client left; then.
        """
        uid, key = parse_path(request.raw_path)
        known = self._artifacts.find(uid)
        tree = None if known is None else self._find_tree(known.artifact)
        return self._open(request, uid, key) if tree is None else self._answer(request, uid, key, tree)

    async def _open(self, request: Request, uid: str, key: str) -> Reply:
        artifact = (await self._artifacts.get(uid)).artifact
        tree = self._find_tree(artifact)
        if tree is None:
            named = self, uid, artifact.fingerprint
            tree = await self._work.do(named, partial(self._open_tree, artifact), request.wait_until_gone)
        return await settle(self._answer(request, uid, key, tree))

    def _answer(self, request: Request, uid: str, key: str, tree: VirtualTree) -> Answer:
        etag = f'"{tree.etag}-{self._version}"'.encode()
        kept = request.headers.get(b"if-none-match", b"")
        if etag in kept and has_etag(kept, etag, is_weak=True):  # before the value is made; `*` needs to know it exists
            return build_refusal(Part(304, 0, 0), Representation(0, etag, b"", CHECK_EACH_TIME))
        found = tree.find(key)
        if not callable(found):
            return _build_reply(request, uid, key, etag, found)
        making = self._work.do((tree.etag, key), found, request.wait_until_gone)
        return _build_reply_when_made(request, uid, key, etag, making)


async def _build_reply_when_made(
    request: Request, uid: str, key: str, etag: bytes, making: Coroutine[Any, Any, bytes | None]
) -> Reply:
    return _build_reply(request, uid, key, etag, await making)


def _build_reply(request: Request, uid: str, key: str, etag: bytes, value: bytes | None) -> Reply:
    """The answer for the value of a key.

    Raises:
        NotFoundError: There is none.
    """
    if value is None:
        raise NotFoundError("key-missing", f"The Zarr tree of {uid} has no key {key[:200]!r}.", where=key[:200])
    media_type = DATA_TYPES.get(get_suffix(key), OCTETS)
    whole = Representation(len(value), etag, media_type.encode(), CHECK_EACH_TIME)
    part = plan_part(request.method, request.headers, whole)
    if part.status not in {200, 206}:
        return build_refusal(part, whole)
    return Reply(part.status, build_part_headers(part, whole), value[part.start : part.stop])
