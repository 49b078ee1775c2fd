"""The built web app: the hub and the offline viewer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from vitrina.server.csp import BARE_POLICY, build_page_policy, build_viewer_policy
from vitrina.server.media import ASSET_TYPES, OCTETS, get_suffix
from vitrina.server.parts import Headers, has_etag
from vitrina.server.problem import build_problem, build_problem_reply
from vitrina.server.reply import HeaderList, Reply
from vitrina.server.request import Request

ROOT = Path(__file__).parent / "assets"

ENCODINGS = {b"br": ".br", b"gzip": ".gz"}
"""Content codings that the build may have made beforehand, best first, with their suffixes."""

_HASHED = re.compile(r"assets/.*-[0-9A-Za-z_-]{8}\.[0-9a-z]+|app-[0-9a-f]{12}/.+")
"""Names that hold a hash of the content: Vite's file names in the hub, the one folder of the viewer."""

_MISSING_PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Vitrina</title>
<h1>The web app is not built</h1>
<p>This is a source checkout. Run <code>make web</code>, then start the server again.</p>
<p>The API answers at <a href="/api/v1/artifacts">/api/v1/artifacts</a>.</p></html>
"""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the web app.

    Attributes:
        variants: Files by content coding; ``b""`` is the plain one.
        etag: Of the plain file; the coding is added to it.
        policy: Content security policy.
    """

    variants: dict[bytes, Path]
    etag: str
    media_type: str
    cache_control: bytes
    policy: str


class Assets:
    """Answers requests for the web app. Its files are listed once: after a build, the server is started again.

    Args:
        root: Folder with ``hub/`` and ``viewer/``.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self._hub = list_assets(root / "hub", build_page_policy)
        self._viewer = list_assets(root / "viewer", build_viewer_policy)

    async def answer(self, request: Request) -> Reply:
        """The answer to a GET or HEAD: a file, the hub's page for its own routes, or 404."""
        path = unquote(request.raw_path.decode("latin-1"))
        if path == "/viewer":
            return Reply(308, [(b"location", b"viewer/"), (b"content-length", b"0")])
        is_viewer = path.startswith("/viewer/")
        assets = self._viewer if is_viewer else self._hub
        if "index.html" not in assets:
            return _build_missing_reply()
        name = path.removeprefix("/viewer/") if is_viewer else path.removeprefix("/")
        asset = assets.get(name or "index.html")
        if asset is None and not is_viewer and is_hub_route(name):
            asset = assets["index.html"]
        if asset is None:
            return build_problem_reply(build_problem(404, "page-missing", f"There is nothing at {path[:200]!r}."))
        return await _build_asset_reply(asset, request.headers)


def list_assets(root: Path, build_policy: Callable[[str], str]) -> dict[str, Asset]:
    """The files below a folder by their path; empty when it is not there."""
    files = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.is_file()}
    assets = {}
    for name, path in files.items():
        if path.suffix in ENCODINGS.values() and name.removesuffix(path.suffix) in files:
            continue
        stat = path.stat()
        is_page = path.suffix == ".html"
        packed = {coding: files[name + suffix] for coding, suffix in ENCODINGS.items() if name + suffix in files}
        assets[name] = Asset(
            variants={b"": path, **packed},
            etag=f"{stat.st_mtime_ns:x}-{stat.st_size:x}",
            media_type=ASSET_TYPES.get(get_suffix(name), OCTETS),
            cache_control=b"public, max-age=31536000, immutable" if _HASHED.fullmatch(name) else b"no-cache",
            policy=build_policy(path.read_text(encoding="utf-8")) if is_page else BARE_POLICY,
        )
    return assets


def is_hub_route(name: str) -> bool:
    """Whether the hub draws this path itself: an artifact's page (whose key may have a suffix), or no file name."""
    return name.startswith("a/") or "." not in name.rsplit("/", 1)[-1]


def choose_coding(accepted: bytes, offered: dict[bytes, Path]) -> bytes:
    """The best content coding that the client takes, ``b""`` for none.

    Source: https://www.rfc-editor.org/rfc/rfc9110.html#section-12.5.3
    """
    taken = set()
    for item in accepted.lower().split(b","):
        coding, _, weight = item.partition(b";")
        if not re.fullmatch(rb"q=0(\.0*)?", weight.replace(b" ", b"")):
            taken.add(coding.strip())
    return next((coding for coding in ENCODINGS if coding in offered and coding in taken), b"")


async def _build_asset_reply(asset: Asset, headers: Headers) -> Reply:
    coding = choose_coding(headers.get(b"accept-encoding", b""), asset.variants)
    etag = f'"{asset.etag}{"-" if coding else ""}{coding.decode()}"'.encode()
    reply_headers: HeaderList = [
        (b"etag", etag),
        (b"cache-control", asset.cache_control),
        (b"vary", b"Accept-Encoding"),
        (b"content-security-policy", asset.policy.encode()),
    ]
    if has_etag(headers.get(b"if-none-match", b""), etag, is_weak=True):
        return Reply(304, reply_headers)
    body = await asyncio.to_thread(asset.variants[coding].read_bytes)
    reply_headers += [(b"content-type", asset.media_type.encode()), (b"content-length", b"%d" % len(body))]
    if coding:
        reply_headers.append((b"content-encoding", coding))
    return Reply(200, reply_headers, body)


def _build_missing_reply() -> Reply:
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", b"%d" % len(_MISSING_PAGE)),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", BARE_POLICY.encode()),
    ]
    return Reply(503, headers, _MISSING_PAGE)
