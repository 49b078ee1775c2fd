"""Expected values: RFC 9110, sections 13 and 14; a slice of bytes as the second implementation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.server.parts import (
    Part,
    Representation,
    build_part_headers,
    build_refusal,
    has_etag,
    plan_part,
    plan_range,
)

ETAG = b'"e1"'


def build_whole(size_bytes=1000):
    return Representation(size_bytes, ETAG, b"application/json", b"no-cache")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"bytes=0-99", Part(206, 0, 100)),
        (b"bytes=0-0", Part(206, 0, 1)),
        (b"bytes=999-", Part(206, 999, 1000)),
        (b"bytes=-1", Part(206, 999, 1000)),
        (b"bytes=-5000", Part(206, 0, 1000)),
        (b"bytes=900-5000", Part(206, 900, 1000)),
        (b"BYTES=0-9", Part(206, 0, 10)),
        (b"bytes=1000-", Part(416, 0, 0)),
        (b"bytes=-0", Part(416, 0, 0)),
        (b"bytes=5-4", Part(200, 0, 1000)),
        (b"bytes=-", Part(200, 0, 1000)),
        (b"bytes=0-1,5-6", Part(200, 0, 1000)),
        (b"items=0-1", Part(200, 0, 1000)),
        (b"bytes=a-b", Part(200, 0, 1000)),
        (b"bytes=+1-5", Part(200, 0, 1000)),
        (b"bytes=1", Part(200, 0, 1000)),
        (b"", Part(200, 0, 1000)),
        (b"bytes=" + b"9" * 5000 + b"-", Part(200, 0, 1000)),
    ],
)
def test_a_range_of_a_thousand_bytes_is_read_as_the_specification_says(value, expected):
    assert plan_range(value, 1000) == expected


@pytest.mark.parametrize(
    ("value", "status"), [(b"bytes=0-", 416), (b"bytes=0-5", 416), (b"bytes=-5", 200), (b"bytes=-0", 416)]
)
def test_no_bytes_have_no_range(value, status):
    assert plan_range(value, 0).status == status


@given(data=st.binary(max_size=40), first=st.integers(0, 50), length=st.integers(1, 50))
def test_a_closed_range_is_a_slice(data, first, length):
    part = plan_range(b"bytes=%d-%d" % (first, first + length - 1), len(data))
    assert data[part.start : part.stop] == data[first : first + length]
    assert part.status == (206 if first < len(data) else 416)


@given(data=st.binary(min_size=1, max_size=40), n_last=st.integers(1, 50))
def test_a_suffix_range_is_a_slice_from_the_end(data, n_last):
    part = plan_range(b"bytes=-%d" % n_last, len(data))
    assert (part.status, data[part.start : part.stop]) == (206, data[-n_last:])


@given(value=st.binary(max_size=30), size_bytes=st.integers(0, 100))
def test_any_header_gives_a_part_inside_the_bytes(value, size_bytes):
    part = plan_range(b"bytes=" + value, size_bytes)
    assert part.status in {200, 206, 416}
    assert 0 <= part.start <= part.stop <= size_bytes


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 200),
        ("GET", {b"range": b"bytes=0-1"}, 206),
        ("HEAD", {b"range": b"bytes=0-1"}, 200),
        ("GET", {b"range": b"bytes=0-1", b"if-range": ETAG}, 206),
        ("GET", {b"range": b"bytes=0-1", b"if-range": b'"old"'}, 200),
        ("GET", {b"range": b"bytes=0-1", b"if-range": b"W/" + ETAG}, 200),
        ("GET", {b"range": b"bytes=0-1", b"if-range": b"Sat, 29 Oct 1994 19:43:31 GMT"}, 200),
        ("GET", {b"if-none-match": ETAG}, 304),
        ("GET", {b"if-none-match": b'"old", W/' + ETAG}, 304),
        ("GET", {b"if-none-match": b"*"}, 304),
        ("GET", {b"if-none-match": b'"old"'}, 200),
        ("GET", {b"if-none-match": b""}, 200),
        ("GET", {b"if-none-match": ETAG, b"range": b"bytes=5000-"}, 304),
        ("HEAD", {b"if-none-match": ETAG}, 304),
        ("GET", {b"if-match": ETAG}, 200),
        ("GET", {b"if-match": b"W/" + ETAG}, 412),
        ("GET", {b"if-match": b'"old"'}, 412),
        ("GET", {b"if-match": b"*"}, 200),
    ],
)
def test_preconditions_are_met_before_the_range(method, headers, status):
    assert plan_part(method, headers, build_whole()).status == status


def test_a_weak_tag_matches_only_weakly():
    assert has_etag(b'W/"e1"', ETAG, is_weak=True)
    assert not has_etag(b'W/"e1"', ETAG, is_weak=False)


def test_a_part_says_where_it_lies_in_the_whole():
    headers = dict(build_part_headers(Part(206, 10, 20), build_whole()))
    assert headers[b"content-range"] == b"bytes 10-19/1000"
    assert headers[b"content-length"] == b"10"


def test_a_range_outside_tells_the_size():
    assert (b"content-range", b"bytes */1000") in build_refusal(Part(416, 0, 0), build_whole()).headers


def test_not_modified_has_no_body_and_keeps_the_tag():
    reply = build_refusal(Part(304, 0, 0), build_whole())
    assert (reply.body, dict(reply.headers)[b"etag"]) == (b"", ETAG)
