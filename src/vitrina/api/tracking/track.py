"""``vt.track()`` and ``vt.finish()``: the script or notebook that this process runs."""

from __future__ import annotations

import atexit
import os
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitrina.api.connection import get_instance
from vitrina.api.run import Run
from vitrina.api.tracking.active import ActiveRun, enter, get_active, leave
from vitrina.api.tracking.code import describe_main, find_main_file, find_shell, read_main_source
from vitrina.api.tracking.ending import COMPLETED, Ending, ScriptWatch, describe_ending
from vitrina.api.tracking.environment import read_environment
from vitrina.api.tracking.output import OutputRecorder
from vitrina.api.tracking.parameters import build_parameters, check_parameters, find_artifacts
from vitrina.api.transform import Transform
from vitrina.errors import InputError, VitrinaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.api.registries import Project
    from vitrina.model.run import Run as Record
    from vitrina.model.run import TransformDraft, TransformKind
    from vitrina.verbs.instance import Instance
    from vitrina.verbs.label_plan import LabelPlan


@dataclass(slots=True, eq=False)
class _Session:
    """What runs between ``track`` and ``finish``.

    Attributes:
        draft: The code, None when a transform was given.
        process_id: Of the process that tracks; one that it forks does not end the run.
        last_cell: How the last cell of a notebook ended.
    """

    active: ActiveRun
    draft: TransformDraft | None
    output: OutputRecorder
    watch: ScriptWatch
    process_id: int
    last_cell: Ending = COMPLETED


class _Tracking:
    """Holds the session of this process."""

    session: _Session | None = None


def track(
    transform: str | Transform | None = None,
    *,
    key: str | None = None,
    params: Mapping[str, object] | None = None,
    project: str | Project | None = None,
    kind: TransformKind | None = None,
    description: str | None = None,
    reference: str | None = None,
) -> Run:
    """Record that this script or notebook runs: its source, git commit, parameters, packages and what it prints.

    From now on the artifacts that are loaded, opened or cached are recorded as its inputs, and those that are saved as
    its outputs. It ends with ``finish``, or with the script: an exception marks it ``errored``, Ctrl-C ``aborted``.
    What ends without a word, as by ``kill -9``, stays ``started``. Tracking again ends the run before.

    Args:
        transform: A transform of the catalog to be run once more, or the key of the code.
        key: The same as a text for ``transform``; the script's path in its git repository unless given.
        params: Parameters by name; artifacts among them are inputs.
        project: A project of the catalog, or its name; everything that is saved is labelled with it.
        kind: ``script``, ``notebook`` or ``pipeline``; found out unless given.
        description: What the code does.
        reference: Where the code also lies, such as the address of its repository.

    Raises:
        NotFoundError: There is no instance.
        InputError: The code has no file and no key, there is no such project, or this is called inside of a flow.

    Example:
        >>> import vitrina as vt
        >>> vt.track(params={"radius": 2.5})  # doctest: +SKIP
    """
    if get_active() is not (_Tracking.session.active if _Tracking.session else None):
        raise InputError("track-in-flow", "A flow is running, which is tracked by itself.", hint="Track outside of it.")
    values = check_parameters({} if params is None else params)
    instance = get_instance()
    labels = None if project is None else _plan_project(instance, project)
    draft = None
    if isinstance(transform, Transform):
        code: Any = transform.record
    else:
        name = key or transform
        code = draft = describe_main(key=name, kind=kind, description=description, reference=reference)
    if _Tracking.session is not None:
        finish()
    record = instance.start_run(
        code,
        parameters=build_parameters(values),
        environment=read_environment(),
        git_commit=code.git_commit,
    )
    active = ActiveRun(instance=instance, run=record, labels=labels)
    session = _Session(active, draft, OutputRecorder(), ScriptWatch(), os.getpid())
    try:
        _begin(session, [artifact.uid for artifact in find_artifacts(values)])
    except BaseException as err:
        _end(session, describe_ending(err))
        raise
    return Run.wrap(instance, record)


def finish() -> Run:
    """End the run that ``track`` began: it is ``completed``.

    Raises:
        InputError: Nothing is tracked.
    """
    session = _Tracking.session
    if session is None:
        raise InputError("track-missing", "No run is being tracked.", hint="Begin one with vt.track().")
    return Run.wrap(session.active.instance, _end(session, COMPLETED))


def _plan_project(instance: Instance, project: str | Project) -> LabelPlan:
    from vitrina.verbs.label_plan import Wish

    value = project if isinstance(project, str) else project.save().record
    return instance.plan_labels([Wish(name="Project", value=value)])


def _begin(session: _Session, input_uids: list[str]) -> None:
    if _Tracking.session is None:
        atexit.unregister(_finish_at_exit)
        atexit.register(_finish_at_exit)
    _Tracking.session = session
    enter(session.active)
    session.output.start()
    shell = find_shell()
    if shell is None:
        session.watch.start()
    else:
        shell.events.register("post_run_cell", _note_cell)
    if input_uids:
        session.active.instance.record_inputs(session.active.run.uid, input_uids)
        session.active.inputs.update(input_uids)


def _end(session: _Session, ending: Ending) -> Record:
    """Stop recording, and record how it ended."""
    _Tracking.session = None
    leave(session.active)
    session.watch.stop()
    log = session.output.stop()
    shell = find_shell()
    if shell is not None and _note_cell in shell.events.callbacks["post_run_cell"]:
        shell.events.unregister("post_run_cell", _note_cell)
    draft = session.draft
    if draft is not None and shell is not None:  # a notebook is written while it runs
        draft = replace(draft, source=read_main_source(find_main_file(shell), shell))
    return session.active.instance.finish_run(
        session.active.run.uid,
        ending.status,
        error=ending.error,
        log=log or None,
        transform=draft if shell is not None else None,
    )


def _note_cell(result: Any) -> None:
    """Called by IPython after each cell."""
    session = _Tracking.session
    if session is not None:
        session.last_cell = describe_ending(result.error_before_exec or result.error_in_exec)


def _finish_at_exit() -> None:
    """End the run of a script that has come to its end in whatever way."""
    session = _Tracking.session
    if session is None or session.process_id != os.getpid():
        return
    ending = session.watch.stop()
    try:
        _end(session, ending if ending is not COMPLETED else session.last_cell)
    except VitrinaError as err:
        print(f"vitrina: the end of run {session.active.run.uid} was not recorded: {err}", file=sys.stderr)  # noqa: T201 - the last words of a script
