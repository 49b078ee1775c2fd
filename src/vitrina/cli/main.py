"""Entry point of ``vitrina``: finds the verb, and turns every error into one clear message and an exit code."""

from __future__ import annotations

import importlib
import keyword
import logging
import os
import sys
import warnings
from typing import TYPE_CHECKING

import click

from vitrina.errors import EXIT_INTERRUPTED, DataError, VitrinaError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_INTERNAL = 70  # EX_SOFTWARE of sysexits.h: a defect of Vitrina, not of its input

VERBS = {
    "init": "Make an instance in a folder.",
    "add": "Add files and folders to the catalog.",
    "check": "Check data against its specification, or for the viewer.",
    "fix": "Repair what can be repaired without guessing.",
    "convert": "Convert images to OME-Zarr or OME-TIFF with a pyramid.",
    "find": "Find artifacts.",
    "show": "Describe one artifact.",
    "override": "Say what a file does not: pixel size, channels, colours, axes, placement.",
    "label": "Label an artifact with terms and values.",
    "diff": "Tell what changed from one artifact to another.",
    "checkout": "Get a writable copy of an artifact.",
    "collection": "Make, list, show and delete frozen sets of artifacts.",
    "delete": "Move artifacts to the trash, or remove them for good.",
    "restore": "Take artifacts out of the trash.",
    "gc": "Free the space of what nobody can reach.",
    "verify": "Read stored bytes anew and compare them with what was saved.",
    "curate": "Hold an artifact against a schema.",
    "lineage": "Tell where an artifact came from and what it went into.",
    "ontology": "Look up tissues, cell types, assays, genes; import own ontologies.",
    "import": "Move in from another catalog.",
    "backup": "Save the catalog to a file, or load one, also into another database.",
    "serve": "Serve the hub, the viewer and the data.",
    "view": "Open an artifact in the browser.",
    "demo": "See Vitrina with a simulated tissue section, or with your own data.",
}


class VerbGroup(click.Group):
    """Verbs whose modules are imported only when they are called, so that ``--help`` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        del ctx
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        module = importlib.import_module(f"vitrina.cli.{name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.command(cls=VerbGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--instance", metavar="DIR|URL", help="Folder or database of the instance; see below for the default.")
@click.version_option(package_name="vitrina")
@click.pass_context
def cli(ctx: click.Context, instance: str | None) -> None:
    """Vitrina: a data hub for spatial omics and bioimaging on your own machine.

    The instance is the one named by --instance, else by VITRINA_INSTANCE, else the nearest folder above this one that
    holds .vitrina/, else the last one used.
    """
    ctx.obj = instance


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    args = list(sys.argv[1:] if arguments is None else arguments)
    _silence_libraries()
    try:
        code = cli.main(args=args, prog_name="vitrina", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as err:
        click.echo(err.format_message())
        code = 0
    except click.ClickException as err:
        err.show()
        code = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted; nothing half-done was kept.", err=True)
        code = EXIT_INTERRUPTED
    except VitrinaError as err:
        _show_error(err, as_json="--json" in args)
        code = err.exit_code
    except BrokenPipeError:
        # The reader of our output has gone (`vitrina find | head`): https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as err:
        if os.environ.get("VITRINA_DEBUG"):
            raise
        click.echo(f"vitrina: a defect in Vitrina itself: {type(err).__name__}: {err}", err=True)
        click.echo("  Set VITRINA_DEBUG=1 to see where, and please report it.", err=True)
        code = EXIT_INTERNAL
    sys.exit(code or 0)


def _silence_libraries() -> None:
    """Keep the warnings of libraries from the user, for whom findings say what matters; VITRINA_DEBUG shows them."""
    if not os.environ.get("VITRINA_DEBUG"):
        warnings.simplefilter("ignore")
        logging.getLogger("tifffile").setLevel(logging.CRITICAL)


def _show_error(error: VitrinaError, *, as_json: bool) -> None:
    if as_json:
        from vitrina.cli.output import print_json

        shape: dict[str, object] = {
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
            "where": error.where,
        }
        if isinstance(error, DataError) and error.findings:
            from vitrina.model.jsonable import build_json

            shape["findings"] = [build_json(finding) for finding in error.findings]
        print_json(shape)
    click.secho(f"{error.code}: {error.message}", err=True, fg="red")
    if error.hint:
        click.echo(f"  {error.hint}", err=True)
    if isinstance(error, DataError) and error.findings and not as_json:
        from vitrina.cli.output import print_findings

        print_findings(error.findings)
