"""``/lineage/{uid}``: where an artifact came from and what it went into."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from vitrina.model.lineage import LineageGraph
from vitrina.server.wired import get_instance

router = APIRouter(tags=["lineage"])

SVG_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""The drawing brings its style sheet with it, and the hub may frame it."""


@router.get(
    "/lineage/{uid}",
    response_model=LineageGraph,
    responses={200: {"content": {"image/svg+xml": {}}, "description": "The graph, or a picture of it"}},
)
def show_lineage(
    request: Request,
    uid: str,
    depth: Annotated[int | None, Query(ge=0, description="Runs to follow in each direction; all when absent.")] = None,
    format: Annotated[Literal["json", "svg"], Query(description="The graph, or a picture of it.")] = "json",
) -> LineageGraph | Response:
    """Ancestors and descendants of an artifact; `is_complete` says whether the graph was cut off."""
    instance = get_instance(request)
    graph = instance.read_lineage(instance.show(uid), depth=depth)
    if format == "json":
        return graph
    headers = {"content-security-policy": SVG_POLICY}
    return Response(instance.draw_lineage(graph), media_type="image/svg+xml", headers=headers)
