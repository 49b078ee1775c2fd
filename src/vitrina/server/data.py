"""``/data/{uid}/{basename}[/{path}]``: stored bytes."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from vitrina.errors import NotFoundError, StorageError
from vitrina.model.artifact import Artifact
from vitrina.server.known import Known, KnownArtifacts
from vitrina.server.media import DATA_TYPES, OCTETS, get_suffix
from vitrina.server.parts import Part, Representation, build_part_headers, build_refusal, plan_part
from vitrina.server.paths import parse_path
from vitrina.server.reply import Reply
from vitrina.server.request import Request
from vitrina.storage.store import OpenFile, Store

INLINE_BYTES = 2**20
"""What is read at once; more is streamed in pieces of this size, so that a large file never fills the memory."""

FOREVER = b"private, max-age=31536000, immutable"
"""A managed artifact never changes. Private: a proxy in front must not hand bytes on without asking."""

CHECK_EACH_TIME = b"private, no-cache"
"""Bytes registered in place belong to the user, who may change them: clients ask with the ETag."""


class DataPlane:
    """Answers requests for stored bytes.

    Args:
        artifacts: Who knows the artifacts and their stores.
    """

    def __init__(self, artifacts: KnownArtifacts) -> None:
        self._artifacts = artifacts

    async def answer(self, request: Request) -> Reply:
        """The answer to a GET or HEAD.

        Raises:
            NotFoundError: No such artifact, or no such file in it.
            InputError: The path is malformed.
            StorageError: The bytes cannot be read.
        """
        uid, path = parse_path(request.raw_path)
        known = await self._artifacts.get(uid)
        key = build_store_key(known.artifact, path)
        file = await _open(known, key, path)
        try:
            return await _answer(request, known, key, file)
        finally:
            file.close()


def build_store_key(artifact: Artifact, path: str) -> str:
    """The key in the store of a path under ``/data/{uid}/``, which starts with the artifact's basename.

    Raises:
        NotFoundError: It starts with another name, or goes below an artifact that is a file.
    """
    basename, _, inside = path.partition("/")
    if basename != artifact.basename or (inside and not artifact.is_folder):
        raise NotFoundError(
            "file-missing",
            f"{artifact.uid} is stored as {artifact.basename!r} and has no {path[:200]!r}.",
            where=path[:200],
        )
    return f"{artifact.storage_key}/{inside}" if inside else artifact.storage_key


async def _open(known: Known, key: str, path: str) -> OpenFile:
    try:
        return await known.store.open_file(key)
    except NotFoundError as err:  # said again without the place on the server's disk
        uid = known.artifact.uid
        raise NotFoundError("file-missing", f"{uid} has no file {path[:200]!r}.", where=path[:200]) from err


async def _answer(request: Request, known: Known, key: str, file: OpenFile) -> Reply:
    stat = file.stat
    whole = Representation(
        size_bytes=stat.size_bytes,
        etag=b'"%s"' % stat.etag.encode(),
        media_type=DATA_TYPES.get(get_suffix(key), OCTETS).encode(),
        cache_control=FOREVER if known.is_managed else CHECK_EACH_TIME,
    )
    part = plan_part(request.method, request.headers, whole)
    if part.status not in {200, 206}:
        return build_refusal(part, whole)
    headers = build_part_headers(part, whole)
    if request.method == "HEAD":
        return Reply(part.status, headers)
    if part.stop - part.start > INLINE_BYTES:
        return Reply(part.status, headers, pieces=_read_pieces(known.store, key, part))
    body = await file.read(part.start, part.stop)
    return Reply(part.status, headers, _check(body, key, part.start, part.stop))


async def _read_pieces(store: Store, key: str, part: Part) -> AsyncGenerator[bytes]:
    for start in range(part.start, part.stop, INLINE_BYTES):
        stop = min(start + INLINE_BYTES, part.stop)
        yield _check(await store.read(key, start, stop), key, start, stop)


def _check(piece: bytes, key: str, start: int, stop: int) -> bytes:
    if len(piece) != stop - start:
        raise StorageError(
            "file-changed",
            f"{key} changed while it was read: {len(piece)} bytes were found at {start}, {stop - start} expected.",
            hint="Try again.",
            where=key,
        )
    return piece
