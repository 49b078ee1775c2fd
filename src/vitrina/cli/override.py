"""``vitrina override``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vitrina.cli.output import json_option, print_json
from vitrina.cli.override_options import build_override_options, build_said, take_override_options
from vitrina.errors import InputError

if TYPE_CHECKING:
    from typing import Any

    from vitrina.model.artifact import Artifact


def add_options(command: click.Command) -> click.Command:
    """The options that say what is known better, before those of every verb."""
    command.params[1:1] = build_override_options("--element", "--window")
    return command


@add_options
@click.command("override")
@click.argument("ref", metavar="REF")
@click.option("--clear", is_flag=True, help="Go back to what the file says: of --element, or of everything.")
@json_option
@click.pass_obj
def command(named: str | None, /, ref: str, clear: bool, as_json: bool, **chosen: Any) -> None:
    """Say what the file of an artifact does not say, or says wrongly: pixel size, channels, colours, axes, placement.

    No byte changes. What is said shows wherever the artifact is described, drawn, served or converted, and later
    versions inherit it. Without options, tell what was said.
    """
    from vitrina.verbs.connect import connect

    instance = connect(named)
    artifact = instance.show(ref)
    given = take_override_options(chosen)
    if clear:
        if given.keys() - {"overridden_element"}:
            raise InputError("override-and-clear", "--clear takes back what was said, and says nothing new.")
        artifact = instance.clear_overrides(artifact, given.get("overridden_element"))
    elif given.keys() - {"overridden_element"}:
        artifact = instance.override(artifact, build_said(artifact.content, given))
    if as_json:
        from vitrina.model.jsonable import build_json

        print_json(build_json(artifact.overrides))
        return
    _print(artifact)


def _print(artifact: Artifact) -> None:
    overrides = artifact.overrides
    if overrides.changed_at is None:
        click.echo(f"{artifact.key}: nothing is said that the file does not say")
        return
    click.echo(f"{artifact.key}: said {overrides.changed_at:%Y-%m-%d %H:%M} UTC by {overrides.changed_by}")
    for element in overrides.elements:
        click.echo(f"  {element.path or '(root)'}")
        for name, text in _list_fields(element):
            click.echo(f"    {name:<13}  {text}")


def _list_fields(element: Any) -> list[tuple[str, str]]:
    lines: list[tuple[str, str | None]] = [
        ("axes", "".join(element.axes).upper() if element.axes else None),
        ("kind", {True: "labels", False: "intensities", None: None}[element.is_labels]),
        ("colour image", {True: "yes", False: "no", None: None}[element.is_rgb]),
        ("pixel size", ", ".join(f"{size:g}" for size in element.pixel_size) if element.pixel_size else None),
        ("unit", element.unit or ("micrometer" if element.pixel_size else None)),
        ("channels", _join(element.channel_names, str)),
        ("colours", _join(element.channel_colors, lambda color: "#{:02x}{:02x}{:02x}".format(*color))),
        ("windows", _join(element.channel_windows, lambda window: f"{window[0]:g}:{window[1]:g}")),
        ("affine", ", ".join(f"{number:g}" for number in element.affine_xy) if element.affine_xy else None),
        ("leads into", (element.coordinate_system or "global") if element.affine_xy else None),
    ]
    return [(name, text) for name, text in lines if text is not None]


def _join(values: Any, show: Any) -> str | None:
    return None if values is None else ", ".join("-" if value is None else show(value) for value in values)
