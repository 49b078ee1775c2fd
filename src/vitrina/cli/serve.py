"""``vitrina serve``."""

from __future__ import annotations

import click

from vitrina.settings import DEFAULT_HOST, DEFAULT_PORT

host_option = click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on.")
port_option = click.option("--port", default=DEFAULT_PORT, show_default=True, help="Port; a busy one is an error.")


@click.command("serve")
@host_option
@port_option
@click.pass_obj
def command(named: str | None, host: str, port: int) -> None:
    """Serve the hub, the viewer and the data until Ctrl-C."""
    from vitrina.server.serve import serve
    from vitrina.verbs.connect import connect

    instance = connect(named)
    serve(instance, host=host, port=port, on_ready=lambda url: announce(instance.settings.name, url))


def announce(name: str, url: str) -> None:
    """Tell where the hub is."""
    click.echo(f"{name} is served at {click.style(url, bold=True)}  (Ctrl-C stops it)")
