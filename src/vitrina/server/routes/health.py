"""``/health``: whether the server works."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from vitrina.server.shapes import Health
from vitrina.server.wired import get_instance

router = APIRouter(tags=["health"])


@router.get("/health")
def show_health(request: Request) -> Health:
    """Whether the server and its catalog answer."""
    instance = get_instance(request)
    return Health(
        status="ok",
        version=request.app.state.version,
        name=instance.settings.name,
        server_id=request.app.state.server_id,
        n_artifacts=instance.find(limit=1).total,
    )
