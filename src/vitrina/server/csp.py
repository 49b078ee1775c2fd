"""Content security policies of the web app's pages.

Source: https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser


def build_page_policy(html: str) -> str:
    """Policy of the hub's pages: everything from here, nothing inline but the page's own scripts."""
    return _join(
        f"script-src 'self'{_build_sources(html)}",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "frame-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
    )


def build_viewer_policy(html: str) -> str:
    """Policy of the viewer: it compiles WebAssembly, starts workers from blobs and styles inline."""
    return _join(
        f"script-src 'self' 'wasm-unsafe-eval'{_build_sources(html)}",
        "worker-src blob:",
        "style-src 'self' 'unsafe-inline'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "form-action 'none'",
    )


BARE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Of everything that is no page: nothing may load, run or be framed."""


def find_inline_scripts(html: str) -> list[str]:
    """Text of the scripts that stand in the page itself, import maps among them, in order."""
    parser = _InlineScripts()
    parser.feed(html)
    parser.close()
    return parser.scripts


def _join(*directives: str) -> str:
    return "; ".join(["default-src 'none'", "base-uri 'none'", "frame-ancestors 'self'", *directives])


def _build_sources(html: str) -> str:
    digests = (hashlib.sha256(script.encode()).digest() for script in find_inline_scripts(html))
    return "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


class _InlineScripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and "src" not in dict(attrs):
            self._is_inside = True
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.scripts[-1] += data
