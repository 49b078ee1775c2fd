"""How a person says what the names of files mean: a template such as ``{well}_{field}_{channel}_{z}.tif``, or a regex.

A template is compared with the end of each path below the folder. In braces stand ``well``, ``row``, ``column``,
``field``, ``channel``, ``t`` and ``z``; ``*`` is anything but ``/``. A regular expression has them as named groups,
such as ``(?P<well>[A-P][0-9]{2})``. It must not take long on any name: strangers call their files what they please.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import InputError
from vitrina.readers.planes.stack import PlaneName
from vitrina.readers.plates.wells import name_row, parse_well

if TYPE_CHECKING:
    from collections.abc import Iterable

NUMBERS = ("field", "t", "z")
FIELDS = ("well", "row", "column", "channel", *NUMBERS)

MAX_STEPS = 10_000_000
"""Ways in which a pattern could be held against one name; a name that fits in none costs as many steps."""

MAX_PATTERN = 1_000
MAX_PATH = 1_000
"""Characters; longer names do not fit."""

_TEMPLATES = {
    "well": "[A-Za-z]{1,2}-?[0-9]{1,2}",
    "row": "(?:[A-Za-z]{1,2}|[0-9]{1,2})",
    "column": "[0-9]{1,2}",
    "channel": "[^/]{1,64}?",
    "field": "[0-9]{1,9}",
    "t": "[0-9]{1,9}",
    "z": "[0-9]{1,9}",
}
_BRACES = re.compile(r"\{([^{}]*)\}|(\*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """What a name says.

    Attributes:
        well: Row and column, None where the pattern has none.
        field: Number of the field of view.
        plane: Which plane it is.
    """

    well: tuple[str, str] | None
    field: int
    plane: PlaneName


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern that is ready to be held against names.

    Attributes:
        text: As the person wrote it.
        regex: The same as a regular expression.
    """

    text: str
    regex: re.Pattern[str]

    @property
    def has_wells(self) -> bool:
        """Whether names tell wells, so that the files are a plate."""
        return "well" in self.regex.groupindex or {"row", "column"} <= set(self.regex.groupindex)

    @property
    def has_depth(self) -> bool:
        """Whether names tell the depth; else a file may hold a stack."""
        return "z" in self.regex.groupindex

    def match(self, path: str) -> NamedFile | None:
        """What a path says, None where it does not fit."""
        found = self.regex.search(path) if len(path) <= MAX_PATH else None
        if found is None:
            return None
        values = {name: text for name, text in found.groupdict().items() if text is not None}
        well = _find_well(values) if self.has_wells else None
        if self.has_wells and well is None:
            return None
        numbers = {name: _find_number(values.get(name, "0")) for name in NUMBERS}
        if any(number is None for number in numbers.values()):
            return None
        field, t, z = (numbers[name] or 0 for name in NUMBERS)
        return NamedFile(
            well=well, field=field, plane=PlaneName(path=path, t=t, channel=values.get("channel", ""), z=z)
        )


def compile_pattern(text: str) -> Pattern:
    """A template or regular expression.

    Raises:
        InputError: It is neither, or names what is unknown.
    """
    if len(text) > MAX_PATTERN:
        raise _refuse(text[:60] + "...", f"it has more than {MAX_PATTERN} characters")
    regex = text if "(?P<" in text else _translate(text)
    try:
        compiled = re.compile(regex if "(?P<" in text else regex + r"\Z")
    except (re.error, OverflowError, RecursionError) as err:
        raise _refuse(text, f"it is no regular expression: {err}") from err
    named = set(compiled.groupindex)
    if not named or not named <= set(FIELDS):
        unknown = ", ".join(sorted(named - set(FIELDS))) or "nothing"
        raise _refuse(text, f"it names {unknown}, where {', '.join(FIELDS)} are known")
    if "well" not in named and ("row" in named) != ("column" in named):
        raise _refuse(text, "row and column stand together")
    return Pattern(text=text, regex=compiled)


def check_cost(pattern: Pattern, paths: Iterable[str]) -> None:
    """Whether a pattern is quickly held against names.

    Args:
        pattern: What a person wrote.
        paths: The names, all of them.

    Raises:
        InputError: It could take for ever.
    """
    if "(?P<" not in pattern.text:
        return
    longest = digits = 1
    for path in paths:
        longest = max(longest, min(len(path), MAX_PATH))
        digits = max(digits, *map(len, re.findall(r"\d+", path[:MAX_PATH])), 1)
    steps = _count_ways(_parse(pattern), longest, digits, inside=False, text=pattern.text) * longest
    if steps > MAX_STEPS:
        raise _refuse(
            pattern.text,
            f"it could be held against a name of {longest} characters in {steps:.2g} ways",
            hint="Say how often a part may be repeated, such as [0-9]{1,4}, or write a template with {well} and {z}.",
        )


def _translate(template: str) -> str:
    parts, end = [], 0
    for match in _BRACES.finditer(template):
        parts.append(re.escape(template[end : match.start()]))
        end = match.end()
        name = match.group(1)
        if match.group(2):
            parts.append("[^/]{0,128}?")
        elif name in _TEMPLATES:
            parts.append(f"(?P<{name}>{_TEMPLATES[name]})")
        else:
            raise _refuse(template, f"{{{name}}} is unknown, where {', '.join(FIELDS)} are known")
    n_free = template.count("*") + template.count("{channel}")
    if n_free > 3:
        raise _refuse(template, "it has more than three parts that can be anything")
    return r"(?:\A|(?<=/))" + "".join([*parts, re.escape(template[end:])])


def _find_well(values: dict[str, str]) -> tuple[str, str] | None:
    if "well" in values:
        return parse_well(values["well"])
    row, column = values.get("row", ""), values.get("column", "")
    if row.isdecimal() and 0 < int(row[:3]) <= 702:
        row = name_row(int(row))
    return parse_well(f"{row}{column}")


def _find_number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 9 else None


def _parse(pattern: Pattern) -> Any:
    from re import _parser  # type: ignore[attr-defined]  # the standard library's own parser has no public name

    return _parser.parse(pattern.regex.pattern)


def _count_ways(parsed: Any, longest: int, digits: int, *, inside: bool, text: str) -> float:
    """In how many ways the repeats of a pattern can share a name, at most."""
    ways = 1.0
    for code, argument in parsed:
        name = str(code)
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            low, high, body = argument
            is_variable = low != high
            if inside and is_variable:
                raise _refuse(text, "a repeat inside of a repeat can take for ever")
            most = digits if _is_digits(body) else longest
            ways *= max(min(int(high), most) - int(low) + 1, 1) if is_variable else 1
            ways *= _count_ways(body, longest, digits, inside=inside or int(high) > 1, text=text)
        elif name in {"GROUPREF", "GROUPREF_EXISTS"}:
            raise _refuse(text, "references to groups are not known")
        elif name == "BRANCH":
            if inside:
                raise _refuse(text, "alternatives inside of a repeat can take for ever")
            ways *= math.fsum(_count_ways(one, longest, digits, inside=inside, text=text) for one in argument[1])
        elif name == "SUBPATTERN":
            ways *= _count_ways(argument[-1], longest, digits, inside=inside, text=text)
        elif name in {"ASSERT", "ASSERT_NOT"}:
            ways *= _count_ways(argument[1], longest, digits, inside=inside, text=text)
        elif name == "ATOMIC_GROUP":
            ways *= _count_ways(argument, longest, digits, inside=inside, text=text)
    return ways


def _is_digits(body: Any) -> bool:
    """Whether what is repeated is one digit."""
    return (
        len(body) == 1
        and str(body[0][0]) == "IN"
        and str(body[0][1])
        in {
            "[(CATEGORY, CATEGORY_DIGIT)]",
            "[(RANGE, (48, 57))]",
        }
    )


def _refuse(text: str, reason: str, hint: str | None = None) -> InputError:
    return InputError(
        "pattern-unclear",
        f"The pattern {text!r} cannot be used: {reason}.",
        hint=hint or "Write for example '{well}_{field}_{channel}_{z}.tif', or 'ch{channel}/*{z}.tif'.",
    )
