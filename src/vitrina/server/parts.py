"""Which part of a representation a request is answered with: ranges and preconditions.

Source: https://www.rfc-editor.org/rfc/rfc9110.html#section-13.2.2 (order of preconditions) and
https://www.rfc-editor.org/rfc/rfc9110.html#section-14.2 (ranges).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from vitrina.server.problem import build_problem, build_problem_reply
from vitrina.server.reply import HeaderList, Reply

type Headers = Mapping[bytes, bytes]

_ONE_RANGE = re.compile(rb"(?i:bytes)=[ \t]*([0-9]{0,20})-([0-9]{0,20})[ \t]*")


class Representation(NamedTuple):
    """A file or a value as HTTP sees it.

    Attributes:
        etag: Strong and quoted.
    """

    size_bytes: int
    etag: bytes
    media_type: bytes
    cache_control: bytes


class Part(NamedTuple):
    """Status of the answer, and the bytes ``start`` to ``stop`` (exclusive) that it carries."""

    status: int
    start: int
    stop: int


def plan_part(method: str, headers: Headers, whole: Representation) -> Part:
    """What a GET or HEAD is answered with.

    Args:
        method: Ranges are for GET alone.
        headers: Of the request, with lower-case names.
        whole: What the request's path names.

    Returns:
        200 whole, 206 in part, 304 not modified, 412 precondition failed or 416 range not satisfiable; the last three
        carry no bytes.
    """
    if (expected := headers.get(b"if-match")) is not None and not has_etag(expected, whole.etag, is_weak=False):
        return Part(412, 0, 0)
    if (known := headers.get(b"if-none-match")) is not None and has_etag(known, whole.etag, is_weak=True):
        return Part(304, 0, 0)
    value = headers.get(b"range")
    if value is None or method != "GET" or headers.get(b"if-range", whole.etag) != whole.etag:
        return Part(200, 0, whole.size_bytes)
    return plan_range(value, whole.size_bytes)


def has_etag(field: bytes, etag: bytes, *, is_weak: bool) -> bool:
    """Whether a list of entity tags names this one, or is ``*``; the strong comparison never matches a weak tag."""
    for listed in field.split(b","):
        tag = listed.strip()
        if tag in (etag, b"*") or (is_weak and tag.removeprefix(b"W/") == etag):
            return True
    return False


def plan_range(value: bytes, size_bytes: int) -> Part:
    """The part that a Range header asks for.

    A header that is malformed, of another unit, or asks for several ranges is ignored, as the specification allows:
    the answer is the whole.
    """
    whole = Part(200, 0, size_bytes)
    match = _ONE_RANGE.fullmatch(value)
    if match is None or match[0].rstrip().endswith(b"=-"):
        return whole
    first, last = match[1], match[2]
    if not first:
        n_last = int(last)
        if n_last and not size_bytes:
            return whole  # satisfiable, but no Content-Range can describe no bytes
        return Part(206, max(size_bytes - n_last, 0), size_bytes) if n_last else Part(416, 0, 0)
    start = int(first)
    if last and int(last) < start:
        return whole
    if start >= size_bytes:
        return Part(416, 0, 0)
    return Part(206, start, min(int(last) + 1, size_bytes) if last else size_bytes)


def build_part_headers(part: Part, whole: Representation) -> HeaderList:
    """The headers of a 200 or 206."""
    headers = [
        (b"content-type", whole.media_type),
        (b"content-length", b"%d" % (part.stop - part.start)),
        (b"etag", whole.etag),
        (b"cache-control", whole.cache_control),
        (b"accept-ranges", b"bytes"),
    ]
    if part.status == 206:
        headers.append((b"content-range", b"bytes %d-%d/%d" % (part.start, part.stop - 1, whole.size_bytes)))
    return headers


def build_refusal(part: Part, whole: Representation) -> Reply:
    """The answer to a 304, 412 or 416."""
    if part.status == 304:
        return Reply(304, [(b"etag", whole.etag), (b"cache-control", whole.cache_control)])
    if part.status == 412:
        problem = build_problem(412, "precondition-failed", "The bytes are not the ones that If-Match names.")
        return build_problem_reply(problem)
    size = whole.size_bytes
    reply = build_problem_reply(
        build_problem(416, "range-not-satisfiable", f"The range lies outside of the {size} bytes that there are.")
    )
    reply.headers.append((b"content-range", b"bytes */%d" % size))
    return reply
