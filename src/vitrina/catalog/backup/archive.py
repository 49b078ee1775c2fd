"""The file of a backup: written whole or not at all, and held against its own hashes before it is used."""

from __future__ import annotations

import os
import zipfile
import zlib
from contextlib import contextmanager
from itertools import batched
from typing import TYPE_CHECKING

from blake3 import blake3

from vitrina.errors import ConflictError, NotFoundError, UnreadableError, VitrinaError
from vitrina.model.backup import BACKUP_FORMAT, Backup, BackupTable
from vitrina.model.jsonable import build_json_text, parse_json_text
from vitrina.storage.buffers import PART_BYTES
from vitrina.storage.failures import build_storage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 2**20

_BATCH = 1_000
_FAST = 1
"""Level of compression: rows shrink to a tenth with it, and higher ones take several times as long for little more."""

_DAMAGES = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
    *(KeyError, ValueError, TypeError),
)
"""What zipfile and the parsing of JSON raise for bytes that are not what they should be."""


class ArchiveWriter:
    """Takes tables one after the other, then the manifest."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    def write_table(
        self,
        name: str,
        columns: Iterable[str],
        lines: Iterable[bytes],
        last_id: int | None,
        advance: Callable[[int], None],
    ) -> BackupTable:
        """Add a table, line by line; what the manifest is to say of it."""
        digest, n_rows = blake3(), 0
        with self._file.open(_get_member(name), "w", force_zip64=True) as member:
            for batch in batched(lines, _BATCH):
                data = b"".join(batch)
                digest.update(data)
                member.write(data)
                n_rows += len(batch)
                advance(len(batch))
        return BackupTable(name=name, columns=tuple(columns), n_rows=n_rows, hash=digest.hexdigest(), last_id=last_id)

    def write_manifest(self, manifest: Backup) -> None:
        """Add what makes the file a backup."""
        self._file.writestr(MANIFEST, build_json_text(manifest))


class ArchiveReader:
    """An open backup; ``manifest`` is what it says it holds."""

    def __init__(self, file: zipfile.ZipFile, manifest: Backup, path: Path) -> None:
        self._file = file
        self._path = path
        self.manifest = manifest

    def check(self, table: BackupTable, advance: Callable[[int], None]) -> None:
        """Compare a table with the manifest.

        Raises:
            UnreadableError: They differ, or it cannot be read.
        """
        digest, n_rows = blake3(), 0
        with _tell_damage(self._path), self._file.open(_get_member(table.name)) as member:
            while part := member.read(PART_BYTES):
                digest.update(part)
                n_lines = part.count(b"\n")
                n_rows += n_lines
                advance(n_lines)
            for what, found, expected in (("rows", n_rows, table.n_rows), ("hash", digest.hexdigest(), table.hash)):
                if found != expected:
                    raise ValueError(f"{what} of {table.name}: found {found}, expected {expected}")

    def list_rows[T](self, table: BackupTable, parse: Callable[[bytes], T]) -> Iterator[T]:
        """The rows of a table.

        Raises:
            UnreadableError: A line is no row of the table.
        """
        with _tell_damage(self._path), self._file.open(_get_member(table.name)) as member:
            yield from map(parse, member)


@contextmanager
def write_archive(path: Path) -> Iterator[ArchiveWriter]:
    """A new file, which appears under its name when the block has ended well and leaves nothing otherwise.

    Raises:
        ConflictError: There is a file of that name.
        StorageError: It cannot be written.
    """
    if path.exists():
        raise ConflictError("file-exists", f"{path} exists, and a backup never replaces a file.", where=str(path))
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("xb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_FAST) as archive:
                yield ArchiveWriter(archive)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except VitrinaError:
        raise  # one that is an OSError too, of the database that is being read
    except OSError as err:
        raise build_storage_error(err, "Writing", path) from err
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def read_archive(path: Path) -> Iterator[ArchiveReader]:
    """An open backup.

    Raises:
        NotFoundError: There is no such file.
        StorageError: It cannot be read.
        UnreadableError: It is something else than a backup, or damaged.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError as err:
        raise NotFoundError("file-missing", f"There is no file {path}.", where=str(path)) from err
    except OSError as err:
        raise build_storage_error(err, "Reading", path) from err
    with file:
        with _tell_damage(path):
            archive = zipfile.ZipFile(file)
            manifest = _read_manifest(archive)
        with archive:
            yield ArchiveReader(archive, manifest, path)


@contextmanager
def _tell_damage(path: Path) -> Iterator[None]:
    """Turn what reading a damaged file raises into one error."""
    try:
        yield
    except _DAMAGES as err:
        reason = str(err).strip().split("\n", 1)[0] or type(err).__name__
        raise UnreadableError(
            "backup-damaged",
            f"{path} is no whole backup of a catalog: {reason}.",
            hint="Take another copy of it, or an older backup.",
            where=str(path),
        ) from err


def _read_manifest(archive: zipfile.ZipFile) -> Backup:
    with archive.open(MANIFEST) as member:
        text = member.read(MAX_MANIFEST_BYTES)
    manifest = parse_json_text(Backup, text)
    if manifest.format != BACKUP_FORMAT:
        raise ValueError(f"its format is {manifest.format!r}, expected {BACKUP_FORMAT!r}")
    return manifest


def _get_member(name: str) -> str:
    return f"tables/{name}.jsonl"
