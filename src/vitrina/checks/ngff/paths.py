"""Paths inside a store, as metadata names them."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_TOO_LONG = "is longer than file systems allow"
MAX_PATH = 1024
"""A longer path is refused: no file system takes it."""


def explain_illegal(path: str) -> str | None:
    """Why a path below a group cannot be followed, to complete "it"; None when it can.

    Source: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html#node-names
    """
    parts = path.rstrip("/").split("/")
    reasons = (
        (not path, "is empty"),
        (len(path) > MAX_PATH or any(len(part.encode("utf-8", "replace")) > 255 for part in parts), _TOO_LONG),
        (path.startswith("/") or _DRIVE.match(path) is not None, "is absolute"),
        (_FORBIDDEN.search(path) is not None, "has characters that no path has"),
        (".." in parts, "leads out of the group"),
        (any(set(part) <= {"."} for part in parts), "has parts that are empty or dots"),
    )
    return next((reason for is_so, reason in reasons if is_so), None)


def join(folder: str, path: str) -> str:
    """A path below a folder, either of which may be empty."""
    return "/".join(part for part in (folder, path.strip("/")) if part)


def resolve(folder: str, path: str) -> str | None:
    """A relative path with ``..`` from a folder; None when it leads out of the store."""
    parts = [part for part in folder.split("/") if part]
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
