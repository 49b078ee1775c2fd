"""``/views``, and ``/artifacts/{uid}/vitessce.json``: how the viewer shows artifacts."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from vitrina.model.page import Page
from vitrina.model.view import View
from vitrina.server.wired import build_base_url, get_instance

router = APIRouter(tags=["views"])


@router.get("/artifacts/{uid}/vitessce.json")
def show_view(request: Request, response: Response, uid: str) -> dict[str, Any]:
    """The Vitessce configuration of an artifact, with absolute addresses; 501 when the viewer cannot show it."""
    instance = get_instance(request)
    config = instance.build_view(instance.show(uid), build_base_url(request))
    digest = hashlib.blake2b(json.dumps(config).encode(), digest_size=16).hexdigest()
    response.headers["etag"] = f'"{digest}"'
    return config


@router.get("/views")
def find_views(
    request: Request,
    subject_uid: Annotated[str | None, Query(description="The artifact or collection that they are views of.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> Page[View]:
    """Saved views, newest first. They name artifacts and paths; `vitessce.json` has addresses."""
    return get_instance(request).find_views(subject_uid=subject_uid, limit=limit, cursor=cursor)


@router.get("/views/{uid}")
def get_saved_view(request: Request, uid: str) -> View:
    """One saved view."""
    return get_instance(request).get_saved_view(uid)


@router.get("/views/{uid}/vitessce.json")
def show_saved_view(request: Request, uid: str) -> dict[str, Any]:
    """The Vitessce configuration of a saved view, with addresses of this server."""
    instance = get_instance(request)
    return instance.build_saved_view(instance.get_saved_view(uid), build_base_url(request))
