"""``vitrina view``."""

from __future__ import annotations

import webbrowser

import click

from vitrina.cli.serve import announce, host_option, port_option


@click.command("view")
@click.argument("ref", metavar="REF")
@host_option
@port_option
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
@click.pass_obj
def command(named: str | None, ref: str, host: str, port: int, no_browser: bool) -> None:
    """Open one artifact in the browser, served by the running server or by one that this starts."""
    from vitrina.server.running import find_running
    from vitrina.server.serve import serve
    from vitrina.verbs.connect import connect

    instance = connect(named)
    artifact = instance.show(ref)

    def open_page(url: str) -> None:
        page = f"{url}/a/{artifact.uid}"
        click.echo(f"{artifact.key} is at {click.style(page, bold=True)}")
        if not no_browser:
            webbrowser.open(page)

    running = find_running(instance.settings)
    if running is not None:
        open_page(running)
        return

    def announce_and_open(url: str) -> None:
        announce(instance.settings.name, url)
        open_page(url)

    serve(instance, host=host, port=port, on_ready=announce_and_open)
