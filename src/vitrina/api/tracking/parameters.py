"""Arguments as parameters of a run: what JSON can hold as it is, everything else as Python shows it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.api.artifact import Artifact
from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitrina.model.annotation import JsonValue

MAX_TEXT_CHARS = 1_000
MAX_ITEMS = 1_000
MAX_DEPTH = 8
MAX_INTEGER = 2**53
"""Up to there every reader of JSON takes integers exactly: https://www.rfc-editor.org/rfc/rfc8259.html#section-6"""


def build_parameters(values: Mapping[str, object]) -> dict[str, JsonValue]:
    """Values as JSON: artifacts by uid, what JSON cannot hold as text, long ones cut."""
    return {_clean(str(name)): _build_value(value, MAX_DEPTH) for name, value in values.items()}


def find_artifacts(values: Mapping[str, object]) -> list[Artifact]:
    """The saved artifacts among values, in lists and mappings of them too."""
    return list(_iter_artifacts(values, MAX_DEPTH))


def bind_arguments(
    function: Callable[..., object], arguments: tuple[Any, ...], named: dict[str, Any]
) -> dict[str, Any]:
    """Arguments by name, defaults among them; ``self`` and ``cls`` are left out, extra ones go by their own names."""
    signature = inspect.signature(function)
    bound = signature.bind(*arguments, **named)
    bound.apply_defaults()
    values = dict(bound.arguments)
    for name, parameter in signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            values |= values.pop(name)
    first = next(iter(signature.parameters), None)
    if first in {"self", "cls"} and "." in function.__qualname__:
        values.pop(first)
    return values


def check_parameters(parameters: object) -> Mapping[str, object]:
    """The parameters, when they are a mapping.

    Raises:
        InputError: They are something else.
    """
    if not isinstance(parameters, Mapping):
        found = type(parameters).__name__
        raise InputError("parameters-malformed", f"Parameters are a mapping of names and values, not a {found}.")
    return parameters


def _build_value(value: object, depth: int) -> JsonValue:
    if isinstance(value, Artifact) and value.is_saved:
        return value.uid
    if depth and isinstance(value, list | tuple) and len(value) <= MAX_ITEMS:
        return [_build_value(item, depth - 1) for item in value]
    if depth and isinstance(value, dict) and len(value) <= MAX_ITEMS:
        return {_clean(str(name)): _build_value(item, depth - 1) for name, item in value.items()}
    return _build_scalar(value)


def _build_scalar(value: object) -> JsonValue:
    """A value that contains no others; subclasses such as NumPy's float64 become plain ones."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < MAX_INTEGER else str(int(value))
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    return _clean(value) if isinstance(value, str) else _show(value)


def _show(value: object) -> str:
    try:
        return _clean(repr(value))
    except Exception:  # noqa: BLE001 - whatever a foreign __repr__ raises
        return f"<{type(value).__name__}>"


def _clean(text: str) -> str:
    """Without what a JSON column refuses, and not longer than anyone reads."""
    kept = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return kept if len(kept) <= MAX_TEXT_CHARS else f"{kept[:MAX_TEXT_CHARS]}…"


def _iter_artifacts(value: object, depth: int) -> Iterator[Artifact]:
    if isinstance(value, Artifact):
        if value.is_saved:
            yield value
    elif depth and isinstance(value, list | tuple):
        for item in value:
            yield from _iter_artifacts(item, depth - 1)
    elif depth and isinstance(value, dict):
        for item in value.values():
            yield from _iter_artifacts(item, depth - 1)
