"""Serve an instance until it is told to stop."""

from __future__ import annotations

import contextlib
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vitrina.server.app import build_app
from vitrina.server.listen import Server, build_url, open_socket
from vitrina.server.running import forget_running, write_running
from vitrina.verbs.view import import_ahead

if TYPE_CHECKING:
    from vitrina.verbs.instance import Instance


def serve(instance: Instance, *, host: str, port: int, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve an instance; returns after Ctrl-C or SIGTERM, within two seconds whatever is still being sent.

    Args:
        instance: What is served.
        host: Address or name to listen on.
        port: 0 takes a free one.
        on_ready: Called with the address, in a thread of its own, once requests are answered.

    Raises:
        ConflictError: Something else listens there.
        DeniedError: The port is reserved for the system.
        InputError: The host is not an address of this machine.
    """
    listener = open_socket(host, port)
    url = build_url(listener)
    server_id = secrets.token_hex(8)

    def tell() -> None:
        write_running(instance.settings, url, server_id)
        threading.Thread(target=import_ahead, name="vitrina-import", daemon=True).start()
        if on_ready is not None:
            threading.Thread(target=on_ready, args=(url,), name="vitrina-ready", daemon=True).start()

    server = Server(build_app(instance, hosts=(host,), server_id=server_id), tell)
    try:
        with _end_quietly():
            server.run(sockets=[listener])
    finally:
        listener.close()
        forget_running(instance.settings, server_id)


@contextlib.contextmanager
def _end_quietly() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the block instead of the process: uvicorn raises signals again when it is done."""
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
