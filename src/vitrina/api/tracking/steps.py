"""``@vt.flow`` and ``@vt.step``: functions whose calls are runs."""

from __future__ import annotations

import functools
import inspect
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, overload

from vitrina.api.connection import get_instance
from vitrina.api.tracking.active import ActiveRun, activate, get_active
from vitrina.api.tracking.code import describe_function
from vitrina.api.tracking.ending import describe_ending
from vitrina.api.tracking.environment import read_environment
from vitrina.api.tracking.parameters import bind_arguments, build_parameters, find_artifacts
from vitrina.errors import InputError, VitrinaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitrina.model.run import TransformDraft

_log = logging.getLogger(__name__)


@overload
def flow[**P, R](function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def flow[**P, R](function: str | None = None, /) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def flow(function: Callable[..., Any] | str | None = None, /) -> Any:
    """Make every call of a function a run: its arguments are the parameters, artifacts among them inputs.

    What the function loads and saves, also in threads that it starts while nothing else runs, is recorded with the run.
    A call inside of another flow, step or tracked script is a part of that run. It may be ``async``. Exceptions pass.

    Args:
        function: The function; or, as ``@vt.flow("key")``, the key of its transform, its qualified name unless given.

    Raises:
        InputError: It is a generator, which runs whenever its caller likes.

    Example:
        >>> @vt.flow  # doctest: +SKIP
        ... def segment(image: vt.Artifact, radius: float = 2.0): ...
    """
    if callable(function):
        return _decorate(function, None)
    return functools.partial(_decorate, key=function)


@overload
def step[**P, R](function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def step[**P, R](function: str | None = None, /) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def step(function: Callable[..., Any] | str | None = None, /) -> Any:
    """Make every call of a function a run inside the flow that calls it; on its own it is a flow. See ``flow``."""
    return flow(function)


def _decorate(function: Callable[..., Any], key: str | None) -> Callable[..., Any]:
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise InputError(
            "flow-generator",
            f"{function.__qualname__} is a generator, and no call of it can be a run.",
            hint="Decorate the function that consumes it.",
        )
    describe = functools.cache(lambda: describe_function(function, key=key))
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def call_async(*arguments: Any, **named: Any) -> Any:
            with _run(describe(), bind_arguments(function, arguments, named)):
                return await function(*arguments, **named)

        return call_async

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        with _run(describe(), bind_arguments(function, arguments, named)):
            return function(*arguments, **named)

    return call


@contextmanager
def _run(draft: TransformDraft, values: dict[str, Any]) -> Iterator[None]:
    """A run around a block."""
    parent = get_active()
    instance = parent.instance if parent else get_instance()
    record = instance.start_run(
        draft,
        parameters=build_parameters(values),
        environment=None if parent else read_environment(),  # a part has that of the whole
        git_commit=draft.git_commit,
        parent_uid=parent.run.uid if parent else None,
    )
    active = ActiveRun(instance=instance, run=record, labels=parent.labels if parent else None)
    error: BaseException | None = None
    try:
        inputs = [artifact.uid for artifact in find_artifacts(values)]
        if inputs:
            instance.record_inputs(record.uid, inputs)
            active.inputs.update(inputs)
        with activate(active):
            yield
    except BaseException as err:
        error = err
        raise
    finally:
        _finish(active, error)


def _finish(active: ActiveRun, error: BaseException | None) -> None:
    """Record how it ended. When that fails, what the function gave or raised matters more."""
    ending = describe_ending(error)
    try:
        active.instance.finish_run(active.run.uid, ending.status, error=ending.error)
    except VitrinaError as err:
        _log.warning("the end of run %s was not recorded: %s", active.run.uid, err)
