"""``/artifacts/{uid}/vitessce.json``: how the viewer shows an artifact."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from vitrina.server.wired import build_base_url, get_instance

router = APIRouter(tags=["views"])


@router.get("/artifacts/{uid}/vitessce.json")
def show_view(request: Request, uid: str) -> dict[str, Any]:
    """The Vitessce configuration of an artifact, with absolute addresses; 501 when the viewer cannot show it."""
    instance = get_instance(request)
    return instance.build_view(instance.show(uid), build_base_url(request))
