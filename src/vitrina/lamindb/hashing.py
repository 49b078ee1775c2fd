"""LaminDB's hashes, to find out whether bytes are still those that it recorded.

============  =====================================================================================================
``md5``       of a file up to 50 MiB: MD5 of its bytes
``sha1-fl``   of a larger file: SHA-1 of the SHA-1 digests of its first and its last 50 MiB
``md5-d``     of a folder: MD5 of the MD5 digests of the texts of its files' hashes, in the order of these texts; names
              and empty folders do not count
============  =====================================================================================================

All are written in URL-safe base 64 without padding, at most 22 characters.

Source: https://github.com/laminlabs/lamindb-setup/blob/main/lamindb_setup/core/hashing.py
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PART_BYTES = 50 * 2**20
TEXT_LENGTH = 22
LOCAL_TYPES = frozenset({"md5", "sha1-fl", "md5-d"})
"""Hashes of other types come from cloud storages and cannot be computed from the bytes."""


def hash_lamin(path: Path) -> str:
    """The hash that LaminDB gives to a file or folder.

    Raises:
        OSError: It cannot be read.
    """
    if not path.is_dir():
        return _hash_file(path)
    hashes = sorted(_hash_file(file) for file in path.rglob("*") if file.is_file())
    digests = b"".join(hashlib.md5(text.encode(), usedforsecurity=False).digest() for text in hashes)
    return _write(hashlib.md5(digests, usedforsecurity=False).digest())


def _hash_file(path: Path) -> str:
    size_bytes = path.stat().st_size
    with path.open("rb") as stream:
        first = stream.read(PART_BYTES)
        if size_bytes <= PART_BYTES:
            return _write(hashlib.md5(first, usedforsecurity=False).digest())
        stream.seek(-PART_BYTES, 2)
        last = stream.read(PART_BYTES)
    parts = b"".join(hashlib.sha1(part, usedforsecurity=False).digest() for part in (first, last))
    return _write(hashlib.sha1(parts, usedforsecurity=False).digest())


def _write(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")[:TEXT_LENGTH]
