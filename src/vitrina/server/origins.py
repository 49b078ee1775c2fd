"""What pages of other origins may do: read stored bytes and gateway values, and nothing else.

Whoever knows a uid (95 random bits) may read its bytes from any page; the API, which lists uids, is closed to other
origins. No credentials are involved, so ``*`` is safe.

Source: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from vitrina.server.reply import HeaderList, Reply

METHODS = b"GET, HEAD, OPTIONS"

OPEN_HEADERS: HeaderList = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Accept-Ranges, Content-Length, Content-Range, ETag, Retry-After"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]


def build_preflight_reply() -> Reply:
    """The answer to OPTIONS, preflight or not."""
    headers = [
        (b"allow", METHODS),
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", b"Range, If-Match, If-None-Match, If-Range"),
        (b"access-control-max-age", b"86400"),
    ]
    return Reply(204, headers)
