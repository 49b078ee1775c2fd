"""Claim an address to listen on, and run the server on it."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable

import uvicorn

from vitrina.errors import ConflictError, DeniedError, InputError, VitrinaError
from vitrina.server.direct import DirectApp, DirectProtocol

BACKLOG = 2048
HANG_UP_S = 0.5
"""How long a stopping server lets clients read on before it breaks their connections."""

CANCEL_S = 1
"""How long it waits for work that no client waits for any more."""

MAX_PORT = 65535


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket, so that the address is ours when this returns; port 0 takes a free one.

    Raises:
        ConflictError: Something else listens there.
        DeniedError: The port is reserved for the system.
        InputError: The host is not an address of this machine, or the port is out of range.
    """
    if not 0 <= port <= MAX_PORT:
        raise InputError("port-out-of-range", f"Port {port} is not between 0 and {MAX_PORT}.", where=str(port))
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as err:
        raise InputError("host-unknown", f"{host!r} with port {port} is not an address.", where=host) from err
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as err:
        listener.close()
        raise _explain(err, host, port) from err
    return listener


def build_url(listener: socket.socket) -> str:
    """Where a browser on this machine reaches a listening socket."""
    host, port = listener.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 # told, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


class Server(uvicorn.Server):
    """Uvicorn that says when it answers, stops in good time, and leaves the logging to the application.

    Args:
        app: What it runs.
        on_started: Called in the event loop once requests are answered.
    """

    def __init__(self, app: DirectApp, on_started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=DirectProtocol,
                lifespan="on",
                ws="none",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=CANCEL_S,
            )
        )
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets=sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, and hang up on clients that are still reading after a moment."""
        asyncio.get_running_loop().call_later(HANG_UP_S, self._hang_up)
        await super().shutdown(sockets=sockets)

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def _explain(error: OSError, host: str, port: int) -> VitrinaError:
    where = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return ConflictError(
            "port-busy",
            f"Something else listens on port {port} of {host} already.",
            hint=f"Stop it, or take another port: --port {port + 1}.",
            where=where,
        )
    if error.errno == errno.EACCES:
        return DeniedError(
            "port-reserved",
            f"Port {port} is reserved for the system.",
            hint="Take a port above 1023, and put a proxy in front of it.",
            where=where,
        )
    return InputError("host-unknown", f"{where} cannot be listened on: {error.strerror}.", where=where)
