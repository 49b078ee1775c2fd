"""Errors as ``application/problem+json``: one shape for every plane.

Source: https://www.rfc-editor.org/rfc/rfc9457.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from vitrina.errors import DataError, VitrinaError
from vitrina.model.finding import Finding
from vitrina.model.jsonable import build_json
from vitrina.server.reply import Reply

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong.

    Attributes:
        type: ``about:blank``: the status and ``code`` say what kind of problem it is.
        title: Name of the HTTP status.
        status: HTTP status.
        code: Stable name of the exact failure, the same as in Python.
        detail: One sentence: what, where, what was found, what was expected.
        hint: The next step, or null.
        where: Path, key or reference that the problem is about, or null.
        findings: What exactly is wrong with the data, for data that breaks a specification.
    """

    status: int
    code: str
    detail: str
    title: str
    type: str = "about:blank"
    hint: str | None = None
    where: str | None = None
    findings: tuple[Finding, ...] | None = None


def build_problem(status: int, code: str, detail: str, *, hint: str | None = None, where: str | None = None) -> Problem:
    """A problem that is not an exception."""
    return Problem(status=status, code=code, detail=detail, title=HTTPStatus(status).phrase, hint=hint, where=where)


def describe_error(error: VitrinaError) -> Problem:
    """The problem that an error is; its class knows the status."""
    return Problem(
        status=error.http_status,
        code=error.code,
        detail=error.message,
        title=HTTPStatus(error.http_status).phrase,
        hint=error.hint,
        where=error.where,
        findings=error.findings if isinstance(error, DataError) else None,
    )


def describe_unexpected() -> Problem:
    """What a client is told about an error that nobody foresaw: nothing of its inside."""
    return build_problem(
        500, "internal", "The server met an error that it did not expect.", hint="The server's log has the details."
    )


def build_problem_json(problem: Problem) -> dict[str, Any]:
    """The problem as JSON values; ``findings`` only when there are some."""
    value: dict[str, Any] = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "hint": problem.hint,
        "where": problem.where,
    }
    if problem.findings is not None:
        value["findings"] = [build_json(finding) for finding in problem.findings]
    return value


def build_problem_reply(problem: Problem) -> Reply:
    """The problem as an answer of a raw plane."""
    body = json.dumps(build_problem_json(problem)).encode()
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    return Reply(problem.status, headers, body)
