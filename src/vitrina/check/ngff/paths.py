"""Paths inside a store, as metadata names them."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
MAX_PATH = 1024
"""A longer path is refused: no file system takes it."""


def explain_illegal(path: str) -> str | None:
    """Why a path below a group cannot be followed, to complete "it"; None when it can.

    Source: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html#node-names
    """
    if not path:
        return "is empty"
    if len(path) > MAX_PATH or any(len(part.encode("utf-8", "replace")) > 255 for part in path.split("/")):
        return "is longer than file systems allow"
    if path.startswith("/") or _DRIVE.match(path):
        return "is absolute"
    if _FORBIDDEN.search(path):
        return "has characters that no path has"
    parts = path.rstrip("/").split("/")
    if ".." in parts:
        return "leads out of the group"
    if "" in parts or "." in parts or any(set(part) == {"."} for part in parts):
        return "has parts that are empty or dots"
    return None


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
