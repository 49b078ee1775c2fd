"""``/runs``: what was run, on what and with what result."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request

from vitrina.model.page import Page
from vitrina.model.run import Run, RunStatus
from vitrina.server.shapes import RunOut, build_run_out
from vitrina.server.wired import get_instance

router = APIRouter(tags=["runs"])


@router.get("/runs")
def find_runs(
    request: Request,
    transform: Annotated[
        str | None, Query(description="Key or family of a transform, or the uid of a version.")
    ] = None,
    status: RunStatus | None = None,
    created_by: Annotated[str | None, Query(description="Handle of a user.")] = None,
    parent_uid: Annotated[str | None, Query(description="The run that started them.")] = None,
    input_uid: Annotated[str | None, Query(description="An artifact that they read.")] = None,
    output_uid: Annotated[str | None, Query(description="An artifact that they saved.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> Page[Run]:
    """Runs that match, newest first."""
    return get_instance(request).find_runs(
        transform=transform,
        status=status,
        created_by=created_by,
        parent_uid=parent_uid,
        input_uid=input_uid,
        output_uid=output_uid,
        limit=limit,
        cursor=cursor,
    )


@router.get("/runs/{uid}")
def show_run(request: Request, uid: str) -> RunOut:
    """One run with its source, its packages and what it printed."""
    instance = get_instance(request)
    run = instance.get_run(uid)
    return build_run_out(
        run,
        source=instance.read_source(run.transform.uid),
        environment=instance.read_environment(run.uid),
        log=instance.read_log(run.uid),
    )
