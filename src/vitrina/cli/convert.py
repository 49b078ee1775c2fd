"""``vitrina convert``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vitrina.cli.convert_formats import OPTIONS, build_options
from vitrina.cli.convert_many import convert_each, is_folder_for_many, keep_going_option
from vitrina.cli.output import json_option, print_findings, print_json, show_progress
from vitrina.cli.override_options import build_override_options, read_overrides, take_override_options
from vitrina.errors import EXIT_INTERRUPTED
from vitrina.verbs.describe import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from vitrina.verbs.convert import Conversion


def add_options(command: click.Command) -> click.Command:
    """The options that say how a result is made, in the order in which help lists them."""
    command.params.extend((*OPTIONS, *build_override_options("--override-element", "--channel-window")))
    return command


@add_options
@click.command("convert")
@click.argument("sources", metavar="SRC...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("target", metavar="DST", type=click.Path(path_type=Path))
@click.option(
    "--series", type=int, metavar="N", multiple=True, help="Only the image with this number, from 0; repeatable."
)
@click.option(
    "--element", metavar="NAME", help="Only this table or these points, where the format holds one and SRC has several."
)
@click.option(
    "--pattern",
    metavar="TEXT",
    help="How the files of a folder are named, such as '{well}_{field}_{channel}_{z}.tif'; or a regex.",
)
@click.option("--overwrite", is_flag=True, help="Replace DST when it exists.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be made.")
@click.option("--verify", is_flag=True, help="Read all levels back and compare every pixel before DST appears.")
@click.option("--no-ome-xml", is_flag=True, help="Do not keep the OME-XML of the source in OME-Zarr.")
@keep_going_option
@json_option
def command(
    sources: tuple[Path, ...],
    target: Path,
    series: tuple[int, ...],
    element: str | None,
    pattern: str | None,
    overwrite: bool,
    dry_run: bool,
    verify: bool,
    no_ome_xml: bool,
    keep_going: bool,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Convert SRC to a format that browsers and other programs read.

    The name of DST says the format, such as .ome.zarr or .ome.tif; where it is only .zarr, what SRC holds does. DST
    appears when it is complete. Interrupted, the same command goes on where it stopped, where the format can.

    Several SRC go into the folder DST, each under its own name, and a table tells what became of each. What a call
    before made of an unchanged SRC is left as it is.
    """
    from vitrina.readers.source import ReadOptions
    from vitrina.verbs.convert import convert, find_format

    read_options = ReadOptions(pattern=pattern)
    given = take_override_options(chosen)

    def convert_one(source: Path, target: Path, progress: Callable[[int, int], None]) -> Conversion:
        return convert(
            source,
            target,
            build_options(target, source, read_options, **chosen),
            series=series,
            element=element,
            overwrites=overwrite,
            verifies=verify,
            is_dry_run=dry_run,
            keeps_ome_xml=not no_ome_xml,
            read_options=read_options,
            overrides=read_overrides(source, read_options, given),
            progress=progress,
        )

    if is_folder_for_many(sources, target):
        convert_each(
            sources,
            target,
            convert_one,
            lambda source: find_format(Path("x.zarr"), source, read_options),
            format_=chosen["format"],
            keeps_going=keep_going,
            overwrites=overwrite,
            as_json=as_json,
        )
        return
    (source,) = sources
    try:
        with show_progress(target.name, unit_is_bytes=False) as progress:
            done = convert_one(source, target, progress)
    except KeyboardInterrupt:
        click.echo("Interrupted. The same command goes on where it stopped.", err=True)
        click.get_current_context().exit(EXIT_INTERRUPTED)
    if as_json:
        print_json(_build_json(done))
        return
    _print(done, is_dry_run=dry_run)
    print_findings(done.findings)


def _print(done: Conversion, *, is_dry_run: bool) -> None:
    for image in done.images:
        sizes = " | ".join(" x ".join(map(str, shape)) for shape in image.shapes)
        chunk = " x ".join(map(str, image.chunk_shape))
        n_levels = f"{len(image.shapes)} level{'s' if len(image.shapes) > 1 else ''}"
        parts = "tiles" if done.format == "ome-tiff" else "chunks"
        click.echo(f"{image.path or image.name}: {image.axes} {image.dtype}, {n_levels}: {sizes}, {parts} of {chunk}")
    for part in done.parts:
        click.echo(f"{part.path or part.name}: {part.size}")
    pixels = format_bytes(done.pixel_bytes)
    if is_dry_run:
        threads = f"{done.n_threads} threads and {format_bytes(done.memory_bytes)} of memory for blocks"
        click.echo(
            f"would make {done.target}"
            + (f": {pixels} of pixels before compression, with {threads}" if done.images else "")
        )
        return
    size = format_bytes(done.size_bytes or 0)
    went_on = "went on and " if done.is_resumed else ""
    click.echo(f"{went_on}made {done.target}: {size}" + (f" for {pixels} of pixels" if done.images else ""))


def _build_json(done: Conversion) -> Any:
    return {**asdict(done), "target": str(done.target)}
