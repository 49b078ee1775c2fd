"""The REST API: FastAPI with our error shape, described at ``/api/v1/openapi.json``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException

from vitrina.errors import VitrinaError
from vitrina.server.problem import (
    MEDIA_TYPE,
    Problem,
    build_problem,
    build_problem_json,
    describe_error,
    describe_unexpected,
)
from vitrina.server.routes import artifacts, health, lineage, runs, views

if TYPE_CHECKING:
    from vitrina.verbs.instance import Instance

PREFIX = "/api/v1"

_log = logging.getLogger(__name__)


class Api(FastAPI):
    """FastAPI whose description tells the errors as they are sent."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, with problem+json as the answer to everything that goes wrong."""
        if self.openapi_schema is None:
            self.openapi_schema = _describe_problems(super().openapi())
        return self.openapi_schema


def build_api(instance: Instance | None, *, version: str, server_id: str = "") -> Api:
    """The API of an instance; without one it can only be described.

    Args:
        instance: What the handlers call.
        version: Of Vitrina.
        server_id: Told by ``/health``.
    """
    api = Api(
        title="Vitrina",
        version=version,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # FastAPI's pages load scripts from a CDN
        redoc_url=None,
        redirect_slashes=False,
        default_response_class=JSONResponse,
    )
    api.state.instance = instance
    api.state.version = version
    api.state.server_id = server_id
    for resource in (health, lineage, runs, views, artifacts):  # artifacts last: its {ref} takes any path
        api.include_router(resource.router, prefix=PREFIX)
    api.add_exception_handler(VitrinaError, answer_error)
    api.add_exception_handler(RequestValidationError, answer_invalid)
    api.add_exception_handler(HTTPException, answer_http)
    api.add_exception_handler(Exception, answer_unexpected)
    return api


async def answer_error(_: Request, error: Exception) -> JSONResponse:
    """Tell an error that Vitrina raised on purpose."""
    if not isinstance(error, VitrinaError):
        raise error
    return _build_response(describe_error(error))


async def answer_invalid(_: Request, error: Exception) -> JSONResponse:
    """Tell which parameters have the wrong type or range."""
    if not isinstance(error, RequestValidationError):
        raise error
    wrong = [
        f"{'.'.join(str(part) for part in item['loc'])} is {item.get('input')!r}: {item['msg']}"
        for item in error.errors()
    ]
    return _build_response(build_problem(400, "request-invalid", f"{'; '.join(wrong)}."))


async def answer_http(request: Request, error: Exception) -> JSONResponse:
    """Tell that a path or method does not exist."""
    if not isinstance(error, HTTPException):
        raise error
    code = {404: "route-unknown", 405: "method-not-allowed"}.get(error.status_code, "request-invalid")
    detail = f"{request.method} {request.url.path} is not part of the API."
    problem = build_problem(error.status_code, code, detail, hint=f"{PREFIX}/openapi.json describes what there is.")
    response = _build_response(problem)
    response.headers.update(error.headers or {})
    return response


async def answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    """Log an error that nobody foresaw, and tell nothing of its inside."""
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _build_response(describe_unexpected())


def _build_response(problem: Problem) -> JSONResponse:
    return JSONResponse(build_problem_json(problem), problem.status, media_type=MEDIA_TYPE)


def _describe_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Replace FastAPI's own validation errors by problem+json, which every operation may answer; simplify JSON."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schema = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas |= schema.pop("$defs", {})
    schemas["Problem"] = schema
    if "JsonValue" in schemas:  # it contains itself, which generators of types cannot write down
        schemas["JsonValue"] = {"title": "JsonValue", "description": "Any JSON value"}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"description": "What went wrong", "content": content}
    return document
