"""A server inside this Python process, on loopback, for notebooks that show data while no other server runs."""

from __future__ import annotations

import threading
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Self

from vitrina.server.app import build_app
from vitrina.server.direct import DirectApp
from vitrina.server.listen import Server, build_url, open_socket

if TYPE_CHECKING:
    from vitrina.verbs.instance import Instance

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 5


@cache
def serve_in_background(instance: Instance) -> str:
    """Address of the server that this process runs for an instance, started on first use, ended with the process."""
    return BackgroundServer(build_app(instance)).start()


class BackgroundServer:
    """Serves an application from a daemon thread, on a free port of 127.0.0.1.

    Args:
        app: See ``build_app``.
    """

    def __init__(self, app: DirectApp) -> None:
        self._listener = open_socket("127.0.0.1", 0)
        self.url = build_url(self._listener)
        self._is_started = threading.Event()
        self._server = Server(app, self._is_started.set)
        self._thread = threading.Thread(target=self._run, name="vitrina-server", daemon=True)

    def start(self) -> str:
        """Start, and return the address once requests are answered."""
        self._thread.start()
        if not self._is_started.wait(START_TIMEOUT_S):
            raise RuntimeError(f"The server at {self.url} did not start within {START_TIMEOUT_S} s.")
        return self.url

    def stop(self) -> None:
        """Stop; open requests are cancelled after a moment."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)
        self._listener.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        self._server.run(sockets=[self._listener])
