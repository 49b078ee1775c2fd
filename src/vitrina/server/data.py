"""``/data/{uid}/{basename}[/{path}]``: stored bytes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import NamedTuple

from vitrina.errors import NotFoundError, StorageError
from vitrina.model.artifact import Artifact
from vitrina.server.known import Known, KnownArtifacts
from vitrina.server.media import DATA_TYPES, OCTETS, get_suffix
from vitrina.server.parts import Part, Representation, build_part_headers, build_refusal, plan_part
from vitrina.server.paths import parse_path
from vitrina.server.reply import Answer, HeaderList, Reply
from vitrina.server.request import Request
from vitrina.storage.store import Stat, Store

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

    def answer(self, request: Request) -> Answer:
        """The answer to a GET or HEAD.

        Raises:
            NotFoundError: No such artifact, or no such file in it; also when the answer is waited for.
            InputError: The path is malformed.
            StorageError: The bytes cannot be read; also then.
        """
        uid, path = parse_path(request.raw_path)
        known = self._artifacts.find(uid)
        if known is None:
            return self._look_up(request, uid, path)
        key = build_store_key(known.artifact, path)
        try:
            file = known.store.open_at_once(key)
        except NotFoundError as err:
            raise _build_absent_error(known, path) from err
        if file is None:
            return _wait(request, known, key, path)
        try:
            wanted = _plan(request, known, key, file.stat)
            if isinstance(wanted, Reply):
                return wanted
            return wanted.fill(file.read_at_once(wanted.part.start, wanted.part.stop))
        finally:
            file.close()

    async def _look_up(self, request: Request, uid: str, path: str) -> Reply:
        known = await self._artifacts.get(uid)
        return await _wait(request, known, build_store_key(known.artifact, path), path)


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


class _Wanted(NamedTuple):
    """What is answered when it is read."""

    key: str
    part: Part
    headers: HeaderList

    def fill(self, body: bytes) -> Reply:
        """The answer with its bytes.

        Raises:
            StorageError: They are fewer than there should be.
        """
        return Reply(self.part.status, self.headers, _check(body, self.key, self.part.start, self.part.stop))


async def _wait(request: Request, known: Known, key: str, path: str) -> Reply:
    try:
        file = await known.store.open_file(key)
    except NotFoundError as err:
        raise _build_absent_error(known, path) from err
    try:
        wanted = _plan(request, known, key, file.stat)
        if isinstance(wanted, Reply):
            return wanted
        return wanted.fill(await file.read(wanted.part.start, wanted.part.stop))
    finally:
        file.close()


def _build_absent_error(known: Known, path: str) -> NotFoundError:
    """Without the place on the server's disk, which the store tells."""
    uid = known.artifact.uid
    return NotFoundError("file-missing", f"{uid} has no file {path[:200]!r}.", where=path[:200])


def _plan(request: Request, known: Known, key: str, stat: Stat) -> Reply | _Wanted:
    """The answer where it has no bytes or very many, else what is to be read for it."""
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
    return _Wanted(key, part, headers)


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
