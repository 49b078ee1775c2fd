"""``vitrina demo``."""

from __future__ import annotations

from pathlib import Path

import click

from vitrina.cli.output import print_findings, show_progress
from vitrina.cli.serve import announce, host_option, port_option
from vitrina.errors import VitrinaError


@click.command("demo")
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    default="vitrina-demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the demo's instance; made when it does not exist.",
)
@host_option
@port_option
def command(paths: tuple[Path, ...], folder: Path, host: str, port: int) -> None:
    """Make an instance, put data in, and serve it: a simulated tissue section, or your own files and folders."""
    from vitrina.server.listen import open_socket
    from vitrina.server.serve import serve
    from vitrina.verbs.demo import add_section
    from vitrina.verbs.init import init

    open_socket(host, port).close()  # a busy port is told before the work, not after
    instance = init(folder).instance
    if not paths:
        with show_progress("simulating a tissue section", unit_is_bytes=False) as progress:
            done = add_section(instance, progress=progress)
        click.echo(f"{'simulated' if done.is_new else 'there already:'} {done.artifact.key}")
    for path in paths:
        try:
            with show_progress(path.name) as progress:
                done = instance.add(path, progress=progress)
        except VitrinaError as err:
            click.secho(f"{path}: {err.code}: {err}", err=True, fg="red")
            continue
        click.echo(f"{'added' if done.is_new else 'unchanged'} {done.artifact.key}")
        print_findings(done.artifact.content.findings)
    serve(instance, host=host, port=port, on_ready=lambda url: announce(instance.settings.name, url))
