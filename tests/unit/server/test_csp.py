from __future__ import annotations

import base64
import hashlib

from vitrina.server.csp import build_page_policy, build_viewer_policy, find_inline_scripts

IMPORT_MAP = '\n  {"imports": {"react": "./react.js", "a&amp;b": "<x>"}}\n'
PAGE = f"""<!doctype html><title>x</title><script type="importmap">{IMPORT_MAP}</script>
<script type="module" src="./main.js"></script>"""


def test_only_inline_scripts_are_found_and_byte_for_byte():
    assert find_inline_scripts(PAGE) == [IMPORT_MAP]


def test_the_viewer_may_run_its_import_map_and_nothing_else_inline():
    digest = base64.b64encode(hashlib.sha256(IMPORT_MAP.encode()).digest()).decode()
    policy = dict(part.split(" ", 1) for part in build_viewer_policy(PAGE).split("; "))
    assert policy == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "script-src": f"'self' 'wasm-unsafe-eval' 'sha256-{digest}'",
        "worker-src": "blob:",
        "style-src": "'self' 'unsafe-inline'",
        "connect-src": "'self'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
    }


def test_the_hub_allows_no_inline_script_style_or_eval():
    assert "unsafe" not in build_page_policy("<script src='/x.js'></script>")
