"""Configurations without addresses: what is saved says which bytes of which artifact, never on which server. Pure.

An address such as ``http://127.0.0.1:8765/data/{uid}/lung.zarr`` is kept as ``vitrina://{uid}/data/lung.zarr``: uid,
plane (``data``, ``zarr`` or ``zarr3``) and path. When the view is shown, the server's own address goes before it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from vitrina.errors import InputError
from vitrina.model.uid import is_uid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SCHEME = "vitrina://"
PLANES = ("data", "zarr", "zarr3")
MAX_BYTES = 4 * 2**20
"""A configuration that is larger carries data, which belongs into an artifact."""

_ADDRESS = re.compile(r"/(?:t/[^/]+/)?(data|zarr|zarr3)/([0-9A-Za-z]{20})(/.*)?")
_PLACEHOLDER = re.compile(r"vitrina://([0-9A-Za-z]{20})/(data|zarr|zarr3)(/.*)?")
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|(?:data|blob|javascript):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Packed:
    """A configuration without addresses, and the uids of the artifacts it shows, in the order of their first use."""

    config: dict[str, Any]
    uids: tuple[str, ...]


def pack_config(config: object) -> Packed:
    """A Vitessce configuration as it can be kept.

    Headers of requests (``requestInit``) are left out: they may carry tokens, and the server needs none. An h5ad file
    with a reference is read through the gateway instead, which needs no reference.

    Args:
        config: JSON values, whose addresses of data are those of a Vitrina server.

    Raises:
        InputError: It is no configuration, or shows data that is not in a catalog.
    """
    plain = _check_config(config)
    uids: dict[str, None] = {}
    packed = _map_texts(_drop_requests(plain), lambda text: _pack_text(text, uids))
    for dataset in packed["datasets"]:
        for file in dataset.get("files", ()):
            _read_through_gateway(file)
            _check_file(file)
    return Packed(packed, tuple(uids))


def unpack_config(config: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    """The configuration with addresses again.

    Args:
        config: As ``pack_config`` gave it.
        base_url: Scheme, host and port of the server, without a slash at the end.
    """
    unpacked: dict[str, Any] = _map_texts(dict(config), lambda text: _unpack_text(text, base_url))
    return unpacked


def _check_config(config: object) -> dict[str, Any]:
    try:
        text = json.dumps(config, allow_nan=False)
        plain = json.loads(text)
    except (TypeError, ValueError, RecursionError) as err:
        raise InputError("view-malformed", f"The configuration is not JSON: {err}.") from err
    if "\\u0000" in text or len(text) > MAX_BYTES:
        raise InputError("view-malformed", f"The configuration has a NUL, or more than {MAX_BYTES:,} bytes.")
    is_config = isinstance(plain, dict) and isinstance(plain.get("datasets"), list)
    if not is_config or not all(_is_dataset(dataset) for dataset in plain["datasets"]):
        raise InputError(
            "view-malformed",
            "This is no Vitessce configuration: its datasets and their files were not found.",
            hint="Pass a VitessceConfig, or what its to_dict() gives.",
        )
    checked: dict[str, Any] = plain
    return checked


def _is_dataset(dataset: Any) -> bool:
    files = dataset.get("files", []) if isinstance(dataset, dict) else None
    return isinstance(files, list) and all(isinstance(file, dict) for file in files)


def _drop_requests(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _drop_requests(item) for name, item in value.items() if name != "requestInit"}
    return [_drop_requests(item) for item in value] if isinstance(value, list) else value


def _map_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: _map_texts(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [_map_texts(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def _pack_text(text: str, uids: dict[str, None]) -> str:
    if match := _PLACEHOLDER.fullmatch(text):
        uid, plane, path = match.groups()
    elif text.startswith(("http://", "https://", "/")) and (match := _ADDRESS.fullmatch(_read_path(text))):
        plane, uid, path = match.groups()
    else:
        return text
    if not is_uid(uid) or any(part in {".", ".."} for part in unquote(path or "").split("/")):
        raise InputError("view-malformed", f"{text!r} is no address of an artifact.", where=text)
    uids[uid] = None
    return f"{SCHEME}{uid}/{plane}{path or ''}"


def _read_path(text: str) -> str:
    try:
        return urlsplit(text).path
    except ValueError:
        return ""


def _unpack_text(text: str, base_url: str) -> str:
    match = _PLACEHOLDER.fullmatch(text)
    if match is None:
        return text
    uid, plane, path = match.groups()
    return f"{base_url}/{plane}/{uid}{path or ''}"


def _read_through_gateway(file: dict[str, Any]) -> None:
    """An h5ad file would need a reference; as the gateway shows it, it is Zarr.

    Source: https://vitessce.io/docs/data-types-file-types/
    """
    url = file.get("url")
    if file.get("fileType") == "anndata.h5ad" and isinstance(url, str) and re.match(r"vitrina://\w+/zarr", url):
        file["fileType"] = "anndata.zarr"
        if isinstance(file.get("options"), dict):
            file["options"].pop("refSpecUrl", None)


def _check_file(file: dict[str, Any]) -> None:
    """Everything that a file names must be a placeholder."""
    for name, text in _iter_texts(file, ""):
        is_address = name.lower().endswith("url") or _LINK.match(text) is not None
        if is_address and not text.startswith(SCHEME):
            raise InputError(
                "view-data-elsewhere",
                f"The view shows {text[:200]!r}, which is no artifact of this catalog.",
                hint="Save the data as an artifact, and pass that to the wrapper: adata_artifact=, img_artifact=.",
                where=text[:200],
            )


def _iter_texts(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _iter_texts(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _iter_texts(item, name)
