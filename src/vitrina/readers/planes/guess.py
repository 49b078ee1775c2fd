"""Whether the files of a folder are the planes of one image, judged by their names alone.

Names must be alike but for their numbers. A number after ``t``, ``c`` or ``z`` (or ``time``, ``ch``, ``plane``, and so
on) is that; a single other number is the depth. Folders beside each other are channels. Anything less clear is left to
the person who knows, with a pattern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.readers.planes.stack import PlaneName

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_FILLED_SHARE = 0.5
"""Of all planes that the numbers span, at least so many must be there."""

_ROLES = {
    **dict.fromkeys(("t", "time", "timepoint", "tp", "frame"), "t"),
    **dict.fromkeys(("c", "ch", "channel", "w", "wave", "wavelength"), "c"),
    **dict.fromkeys(("z", "plane", "slice", "zstep", "section"), "z"),
}
_DIGITS = re.compile(r"\d{1,9}")
_WORD = re.compile(r"([A-Za-z]+)[-_ ]?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessedPlanes:
    """Planes of one image.

    Attributes:
        names: What each file holds.
        is_sure: Whether all numbers have a letter that says what they are.
    """

    names: tuple[PlaneName, ...]
    is_sure: bool


def guess_planes(paths: Sequence[str]) -> GuessedPlanes | None:
    """The planes that paths name, None where that is not clear.

    Args:
        paths: Below the folder, all of them.
    """
    split = [path.rpartition("/") for path in paths]
    folders = sorted({folder for folder, *_ in split})
    if len(paths) < 2 or any("/" in folder for folder in folders) or ("" in folders and len(folders) > 1):
        return None
    stems = [_strip_folder(name.rpartition(".")[0], folder) for folder, _, name in split]
    skeletons = {_DIGITS.sub("#", stem) for stem in stems}
    if len(skeletons) != 1:
        return None
    numbers = [[int(text) for text in _DIGITS.findall(stem)] for stem in stems]
    roles = _find_roles(stems[0], numbers)
    if roles is None:
        return None
    in_folders = len(folders) > 1
    if in_folders and "c" in roles.values():
        return None
    names = tuple(
        PlaneName(
            path=path,
            t=_pick(roles, own, "t"),
            channel=folder if in_folders else (str(_pick(roles, own, "c")) if "c" in roles.values() else ""),
            z=_pick(roles, own, "z"),
        )
        for path, (folder, *_), own in zip(paths, split, numbers, strict=True)
    )
    if len({(name.t, name.channel, name.z) for name in names}) < len(names):
        return None
    spans = [len(set(values)) for values in zip(*((n.t, n.channel, n.z) for n in names), strict=True)]
    is_filled = len(names) >= MIN_FILLED_SHARE * spans[0] * spans[1] * spans[2]
    return GuessedPlanes(names=names, is_sure="?" not in roles.values()) if is_filled else None


def _strip_folder(stem: str, folder: str) -> str:
    """A name without that of its folder, with which it may begin: ``ch0/ch00012`` is plane 12 of ``ch0``."""
    return stem[len(folder) :] if folder and stem.startswith(folder) and stem != folder else stem


def _find_roles(stem: str, numbers: list[list[int]]) -> dict[int, str] | None:
    """What each number stands for that is not the same in all names; ``?`` is the depth by exclusion."""
    roles: dict[int, str] = {}
    for index, match in enumerate(_DIGITS.finditer(stem)):
        if len({own[index] for own in numbers}) == 1:
            continue
        word = _WORD.search(stem[: match.start()])
        role = _ROLES.get(word.group(1).lower(), "?") if word else "?"
        if role in roles.values():
            return None
        roles[index] = role
    has_both = {"z", "?"} <= set(roles.values())
    return None if has_both else roles


def _pick(roles: dict[int, str], numbers: list[int], role: str) -> int:
    wanted = {role, "?"} if role == "z" else {role}
    return next((numbers[index] for index, own in roles.items() if own in wanted), 0)
