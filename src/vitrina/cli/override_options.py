"""The options that say what a file does not say itself; ``override`` and ``convert`` have the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitrina.model.content import Content
    from vitrina.model.overrides import ElementOverrides, Overrides
    from vitrina.readers.source import ReadOptions

OVERRIDE_OPTIONS: tuple[click.Option, ...] = (
    click.Option(["--rgb/--channels", "is_rgb"], default=None, help="Whether three channels are one colour image."),
    click.Option(["--labels/--intensities", "is_labels"], default=None, help="Whether pixels are ids of objects."),
    click.Option(["--axes"], metavar="TCZYX", help="What each dimension is, in the order of the file."),
    click.Option(["--pixel-size"], metavar="Y,X|Z,Y,X", help="Size of a pixel; in micrometers unless --unit is given."),
    click.Option(["--unit"], metavar="UNIT", help="Of the pixel size, such as nanometer, um or mm."),
    click.Option(
        ["--channel-name", "channel_names"],
        metavar="NAME",
        multiple=True,
        help="Once per channel, in order; - keeps the file's.",
    ),
    click.Option(
        ["--color", "channel_colors"], metavar="COLOR", multiple=True, help="#rrggbb or a name, once per channel."
    ),
    click.Option(["--affine", "affine_xy"], metavar="a,b,c,d,e,f", help="x' = a x + b y + c, y' = d x + e y + f."),
    click.Option(["--coordinate-system"], metavar="NAME", help="Into which the affine leads; global unless given."),
)
NAMES = ("overridden_element", "channel_windows", *(option.name or "" for option in OVERRIDE_OPTIONS))


def build_override_options(element: str, window: str) -> tuple[click.Option, ...]:
    """All of them; two have names of their own where a verb has others that are called so.

    Args:
        element: Name of the option that says which element is meant.
        window: Name of the option for contrast windows.
    """
    return (
        click.Option(
            [element, "overridden_element"], metavar="NAME", help="What is corrected, where there are several."
        ),
        *OVERRIDE_OPTIONS,
        click.Option(
            [window, "channel_windows"], metavar="LO:HI", multiple=True, help="Contrast, once per channel; - as above."
        ),
    )


def take_override_options(chosen: dict[str, Any]) -> dict[str, Any]:
    """What was given of OVERRIDE_OPTIONS, taken out of the values of all options."""
    taken = {name: chosen.pop(name) for name in NAMES if name in chosen}
    return {name: value for name, value in taken.items() if value not in {None, ()}}


def build_said(content: Content, given: Mapping[str, Any]) -> ElementOverrides:
    """What was given, of the element that is meant.

    Args:
        content: Of the dataset.
        given: From ``take_override_options``.

    Raises:
        InputError: The element is unclear or unknown, or a value is malformed.
    """
    from vitrina.model.apply_overrides import find_element
    from vitrina.verbs.override_values import build_element_overrides

    element = find_element(content, given.get("overridden_element"))
    return build_element_overrides(
        element.path, {name: value for name, value in given.items() if name != "overridden_element"}
    )


def build_overrides(content: Content, given: Mapping[str, Any]) -> Overrides:
    """The same as overrides of the dataset; none when nothing was given.

    Raises:
        InputError: As ``build_said`` does.
    """
    from vitrina.model.overrides import NO_OVERRIDES

    return NO_OVERRIDES.merge(build_said(content, given)) if given else NO_OVERRIDES


def read_overrides(path: Path, read_options: ReadOptions, given: Mapping[str, Any]) -> Overrides:
    """What was given of a plain file or folder; it is read for that only where something was given.

    Raises:
        NotFoundError: Nothing is there.
        UnreadableError: It is damaged.
        InputError: As ``build_said`` does.
    """
    from vitrina.model.overrides import NO_OVERRIDES
    from vitrina.readers.source import open_source
    from vitrina.verbs.read_content import read_content

    if not given:
        return NO_OVERRIDES
    return build_overrides(read_content(open_source(path.expanduser().absolute(), read_options)), given)
