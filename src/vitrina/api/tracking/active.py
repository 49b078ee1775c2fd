"""The run that this code belongs to. The notebook door asks; nothing below it knows of runs."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vitrina.model.run import Run
    from vitrina.verbs.instance import Instance
    from vitrina.verbs.label_plan import LabelPlan


@dataclass(slots=True, eq=False)
class ActiveRun:
    """A run that has not ended.

    Attributes:
        instance: Where it is recorded.
        run: As it was started.
        labels: Put on everything that it saves.
        inputs: Uids that are recorded already, so that loading a dataset in a loop writes once; so are the outputs.
    """

    instance: Instance
    run: Run
    labels: LabelPlan | None = None
    inputs: set[str] = field(default_factory=set)
    outputs: set[str] = field(default_factory=set)


class _Process:
    """Runs that are no part of another one. Threads without a context of their own belong to the only one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.outermost: list[ActiveRun] = []


_process = _Process()
_current: ContextVar[ActiveRun | None] = ContextVar("vitrina_run", default=None)


def get_active() -> ActiveRun | None:
    """The innermost run around this code; None when nothing is tracked.

    A new thread starts without its parent's context: it belongs to the one outermost run of the process. Where several
    run at once, it belongs to none.
    """
    active = _current.get()
    if active is not None:
        return active
    outermost = _process.outermost
    return outermost[0] if len(outermost) == 1 else None


@contextmanager
def activate(active: ActiveRun) -> Iterator[None]:
    """Make a run the innermost one while the block runs, in this thread or task."""
    is_outermost = get_active() is None
    if is_outermost:
        enter(active)
    token = _current.set(active)
    try:
        yield
    finally:
        _current.reset(token)
        if is_outermost:
            leave(active)


def enter(active: ActiveRun) -> None:
    """Make a run one that all threads of the process may belong to, until ``leave``."""
    with _process.lock:
        _process.outermost.append(active)


def leave(active: ActiveRun) -> None:
    """End what ``enter`` began."""
    with _process.lock:
        if active in _process.outermost:
            _process.outermost.remove(active)


def record_inputs(instance: Instance, artifact_uids: Iterable[str]) -> None:
    """Record that the active run reads artifacts of an instance; nothing without a run, or with one of another."""
    active = get_active()
    if active is None or not _is_same(active.instance, instance):
        return
    new = [uid for uid in artifact_uids if uid not in active.inputs and uid not in active.outputs]
    if new:
        instance.record_inputs(active.run.uid, new)
        active.inputs.update(new)


def record_output(instance: Instance, artifact_uid: str) -> None:
    """Record that the active run saved an artifact, unless it has only saved again what it read."""
    active = get_active()
    if active is None or not _is_same(active.instance, instance):
        return
    if artifact_uid not in active.inputs and artifact_uid not in active.outputs:
        instance.record_outputs(active.run.uid, [artifact_uid])
        active.outputs.add(artifact_uid)
        if active.labels is not None:
            instance.label(instance.show(artifact_uid), active.labels)


def _is_same(one: Instance, other: Instance) -> bool:
    """Whether two objects are the same instance: it may have been connected twice."""
    return one is other or one.settings.database_url == other.settings.database_url
