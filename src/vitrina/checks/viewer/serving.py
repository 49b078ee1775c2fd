"""What a server must answer for a viewer on another origin to read data from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.viewer.codes import build_finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vitrina.model.finding import Finding

_SAFELISTED = frozenset({
    "cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma",
})  # fmt: skip
"""Headers that a page may read unless told otherwise. Source: https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name"""


def check_serving(
    status: int, headers: Mapping[str, str], *, url: str = "", is_ranged: bool = True, origin: str | None = None
) -> tuple[Finding, ...]:
    """What is wrong with one HTTP answer for data, from the viewer's point of view.

    Args:
        status: Of the answer.
        headers: Of the answer; names in any case.
        url: What was asked for, named in the findings.
        is_ranged: Whether the request carried ``Range: bytes=...``, as for TIFF, Parquet, zip and shards.
        origin: Scheme, host and port of the page that asked; None when it is of the same origin as the data.

    Source: https://fetch.spec.whatwg.org/#http-cors-protocol, https://www.rfc-editor.org/rfc/rfc9110.html#section-14
    """
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    problems: list[str] = []
    if is_ranged and status == 200:
        problems.append("a request for a part of it was answered with the whole (200 instead of 206)")
    elif is_ranged and status == 206 and "content-range" not in lower:
        problems.append("the part that was sent does not say where it lies (Content-Range is missing)")
    elif status not in {200, 206}:
        problems.append(f"the request was answered with the status {status}")
    if origin is not None:
        problems += _check_origin(lower, origin, is_ranged=is_ranged)
    if is_ranged and status in {200, 206} and lower.get("content-encoding", "identity") != "identity":
        problems.append(f"it is sent as {lower['content-encoding']}, so that byte ranges mean compressed bytes")
    return tuple(_build(problem, url) for problem in problems)


def _check_origin(headers: Mapping[str, str], origin: str, *, is_ranged: bool) -> Iterable[str]:
    allowed = headers.get("access-control-allow-origin")
    if allowed is None:
        yield f"pages of {origin} may not read it (Access-Control-Allow-Origin is missing)"
        return
    if allowed not in {"*", origin}:
        yield f"pages of {allowed} may read it, but not those of {origin} (Access-Control-Allow-Origin)"
        return
    if is_ranged:
        exposed = {name.strip().lower() for name in headers.get("access-control-expose-headers", "").split(",")}
        if "*" not in exposed and not {"content-range"} <= exposed | _SAFELISTED:
            yield "pages may not read where a part lies (Access-Control-Expose-Headers lacks Content-Range)"


def _build(problem: str, url: str) -> Finding:
    return build_finding(
        "http-cors-range",
        "",
        f"The server of {url or 'the data'} cannot serve the viewer: {problem}.",
        fix="Answer Range requests with 206 and send Access-Control-Allow-Origin and Access-Control-Expose-Headers: "
        "Content-Range, Content-Length, ETag; or serve the data with Vitrina, which does.",
    )
