"""Record what code is run, what it reads and what it saves; find runs and their code again."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from vitrina.model.run import RunDraft, TransformDraft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vitrina.model.annotation import JsonValue
    from vitrina.model.page import Page
    from vitrina.model.run import Run, RunStatus, Transform, TransformKind
    from vitrina.verbs.instance import Instance


def start_run(
    instance: Instance,
    transform: TransformDraft | Transform,
    *,
    parameters: Mapping[str, JsonValue] | None = None,
    environment: str | None = None,
    git_commit: str | None = None,
    parent_uid: str | None = None,
) -> Run:
    """Record that code is being run.

    Args:
        instance: Where it is recorded.
        transform: What is run; a draft becomes a version of its key, or is found to be one.
        parameters: By name.
        environment: Lock of the environment.
        git_commit: Commit of the working tree, with ``-dirty`` when it had changes.
        parent_uid: Run that starts this one.

    Raises:
        NotFoundError: There is no such parent.
    """
    if isinstance(transform, TransformDraft):
        transform = instance.catalog.runs.add_transform(transform)
    draft = RunDraft(
        transform_uid=transform.uid,
        created_by=getpass.getuser(),
        parameters=parameters or {},
        environment=environment,
        git_commit=git_commit,
        parent_uid=parent_uid,
    )
    return instance.catalog.runs.start(draft)


def finish_run(
    instance: Instance,
    uid: str,
    status: RunStatus,
    *,
    error: str | None = None,
    log: str | None = None,
    transform: TransformDraft | None = None,
) -> Run:
    """Record how a run ended.

    Args:
        instance: Where it is recorded.
        uid: The run.
        status: How it ended.
        error: Why, when it did not end well.
        log: What it printed.
        transform: What was run, when that is better known now than at the start.

    Raises:
        NotFoundError: There is no such run.
        ConflictError: It has ended before.
    """
    return instance.catalog.runs.finish(uid, status, error=error, log=log, transform=transform)


def record_inputs(instance: Instance, run_uid: str, artifact_uids: Iterable[str]) -> None:
    """Record artifacts that a run read.

    Raises:
        NotFoundError: There is no such run, or no such artifact.
    """
    instance.catalog.runs.add_inputs(run_uid, artifact_uids)


def record_outputs(instance: Instance, run_uid: str, artifact_uids: Iterable[str]) -> None:
    """Record artifacts that a run saved.

    Raises:
        NotFoundError: There is no such run, or no such artifact.
    """
    instance.catalog.runs.add_outputs(run_uid, artifact_uids)


def get_run(instance: Instance, uid: str) -> Run:
    """The run with a uid, or with the only uid that begins so.

    Raises:
        NotFoundError: Nothing fits, or several do.
    """
    return instance.catalog.runs.get(uid)


def find_runs(
    instance: Instance,
    *,
    transform: str | None = None,
    status: RunStatus | None = None,
    created_by: str | None = None,
    parent_uid: str | None = None,
    input_uid: str | None = None,
    output_uid: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Run]:
    """A page of the runs that match, newest first.

    Args:
        instance: Where to look.
        transform: Whole uid of a version, or a key or family for all of its versions.
        status: ``started``, ``completed``, ``errored`` or ``aborted``.
        created_by: Handle of a user.
        parent_uid: The run that started them.
        input_uid: An artifact that they read.
        output_uid: An artifact that they saved.
        limit: Runs in the page.
        cursor: ``next_cursor`` of the page before.

    Raises:
        InputError: The cursor is malformed.
    """
    return instance.catalog.runs.find(
        transform=transform,
        status=status,
        created_by=created_by,
        parent_uid=parent_uid,
        input_uid=input_uid,
        output_uid=output_uid,
        limit=limit,
        cursor=cursor,
    )


def read_log(instance: Instance, run_uid: str) -> str | None:
    """What a run printed; None where it was not recorded.

    Raises:
        NotFoundError: There is no such run.
    """
    return instance.catalog.runs.read_log(run_uid)


def read_environment(instance: Instance, run_uid: str) -> str | None:
    """The packages that a run had, one ``name==version`` per line; None where they were not recorded.

    Raises:
        NotFoundError: There is no such run.
    """
    return instance.catalog.runs.read_environment(run_uid)


def get_transform(instance: Instance, ref: str) -> Transform:
    """The transform that a key, ``key@0001``, a uid, its family or its beginning means.

    Raises:
        NotFoundError: Nothing fits, or several do.
    """
    return instance.catalog.runs.get_transform(ref)


def find_transforms(
    instance: Instance,
    *,
    key: str | None = None,
    kind: TransformKind | None = None,
    latest_only: bool = True,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Transform]:
    """A page of the transforms that match, newest first.

    Raises:
        InputError: The cursor is malformed.
    """
    return instance.catalog.runs.find_transforms(
        key=key, kind=kind, latest_only=latest_only, limit=limit, cursor=cursor
    )


def read_source(instance: Instance, ref: str) -> str | None:
    """The code of a transform; None where none was recorded.

    Raises:
        NotFoundError: There is no such transform.
    """
    return instance.catalog.runs.read_source(ref)
