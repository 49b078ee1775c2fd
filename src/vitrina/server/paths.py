"""Paths of the raw planes: ``/{plane}/{uid}/{key}``, decoded once, unable to leave the artifact."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from vitrina.errors import InputError, NotFoundError
from vitrina.model.uid import is_uid
from vitrina.storage.keys import check_key


def parse_path(raw_path: bytes) -> tuple[str, str]:
    """The uid and the key in a request's path.

    Args:
        raw_path: As sent, percent-encoded, without the query.

    Raises:
        NotFoundError: No whole uid, or a folder (the key is empty or ends with a slash): folders are not served.
        InputError: The key is malformed, or could leave the artifact; also when it is percent-encoded.
    """
    _, _, uid, key = (*raw_path.split(b"/", 3), b"", b"")[:4]
    if not is_uid(uid.decode("latin-1")):
        raise NotFoundError(
            "artifact-missing",
            f"{uid.decode('latin-1')[:40]!r} is not a whole uid of 20 characters.",
            hint="Take the uid from /api/v1/artifacts.",
        )
    if not key or key.endswith(b"/"):
        raise NotFoundError("file-missing", "Folders are not served, only the files in them.", where=_quote(key))
    return uid.decode("ascii"), check_key(_decode(key))


def _decode(key: bytes) -> str:
    """Decode part by part, so that an encoded slash cannot pass for a separator."""
    try:
        if b"%" not in key:
            return key.decode("utf-8")
        parts = [unquote_to_bytes(part).decode("utf-8") for part in key.split(b"/")]
    except UnicodeDecodeError as err:
        raise InputError("key-malformed", "The path is not UTF-8.", where=_quote(key)) from err
    if any("/" in part for part in parts):
        raise InputError("key-malformed", "The path has an encoded slash inside a part.", where=_quote(key))
    return "/".join(parts)


def _quote(key: bytes) -> str:
    return key[:200].decode("latin-1")
