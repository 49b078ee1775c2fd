"""How code ended: well, with an error, or because someone stopped it."""

from __future__ import annotations

import asyncio
import sys
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import CodeType

    from vitrina.model.run import RunStatus

MAX_ERROR_CHARS = 2_000

_TOOL_IDS = (4, 3)
"""Without a name of their own: https://docs.python.org/3/library/sys.monitoring.html#registering-and-using-tools"""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended; the error is None when it ended well."""

    status: RunStatus
    error: str | None = None


COMPLETED = Ending("completed")


def describe_ending(error: BaseException | None) -> Ending:
    """What leaving code by an exception, or by none, means."""
    if error is None:
        return COMPLETED
    if isinstance(error, SystemExit):
        if error.code is None or error.code == 0:
            return COMPLETED
        return Ending("errored", f"exit code {error.code}" if isinstance(error.code, int) else _shorten(error.code))
    if isinstance(error, KeyboardInterrupt | asyncio.CancelledError | GeneratorExit):
        return Ending("aborted", type(error).__name__)
    return Ending("errored", _shorten(f"{type(error).__name__}: {_read_text(error)}"))


def _read_text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - whatever the error's own __str__ raises
        return "its text cannot be read"


def _shorten(text: object) -> str:
    whole = str(text).rstrip(": \n")
    return whole if len(whole) <= MAX_ERROR_CHARS else f"{whole[:MAX_ERROR_CHARS]}…"


class ScriptWatch:
    """Sees by which exception the main module is left: also ``sys.exit``, which no hook of Python tells of.

    ``sys.excepthook`` is not called for SystemExit, and at exit nothing knows the code any more. The interpreter does
    tell when a frame is left by an exception; looking at each costs less than a microsecond.

    Source: https://docs.python.org/3/library/sys.monitoring.html#monitoring-event-PY_UNWIND
    """

    def __init__(self) -> None:
        self.ending = COMPLETED
        self._code: CodeType | None = None
        self._tool_id: int | None = None

    def start(self) -> None:
        """Watch the main module that is running below the caller; nothing in a console or a thread of its own."""
        self._code = _find_main_code()
        if self._code is None:
            return
        monitoring = sys.monitoring
        for tool_id in _TOOL_IDS:
            if monitoring.get_tool(tool_id) is None:
                monitoring.use_tool_id(tool_id, "vitrina")
                monitoring.register_callback(tool_id, monitoring.events.PY_UNWIND, self._note)
                monitoring.set_events(tool_id, monitoring.events.PY_UNWIND)
                self._tool_id = tool_id
                return

    def stop(self) -> Ending:
        """Watch no more, and say how the module was left so far."""
        if self._tool_id is not None:
            sys.monitoring.set_events(self._tool_id, 0)
            sys.monitoring.free_tool_id(self._tool_id)
            self._tool_id = None
        return self.ending

    def _note(self, code: CodeType, _offset: int, error: BaseException) -> Any:
        if code is self._code:
            self.ending = describe_ending(error)


def _find_main_code() -> CodeType | None:
    """The code of ``__main__`` in the stack of this thread."""
    names = vars(sys.modules["__main__"])
    found = None
    for frame, _ in traceback.walk_stack(None):  # outwards, so the last one is the module itself
        if frame.f_globals is names and frame.f_code.co_name == "<module>":
            found = frame.f_code
    return found
