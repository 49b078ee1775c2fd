"""Gathering findings while parts of a dataset may be damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.nodes.node import BrokenNodeError
from vitrina.errors import VitrinaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vitrina.model.finding import Finding


def keep_going(path: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings of one part of a dataset; whatever cannot be read of it becomes its last finding.

    Args:
        path: Of the part.
        findings: As they are found out.
    """
    try:
        yield from findings
    except BrokenNodeError as err:
        yield build_finding(err.code, f"{err.path}#", err.message, fix=err.fix)
    except VitrinaError as err:
        yield build_finding("element-unreadable", f"{path}#", err.message, fix=err.hint)
    except Exception as err:  # noqa: BLE001 libraries raise anything on damaged bytes, and a check tells it
        reason = str(err).strip().split("\n", 1)[0][:160].rstrip(".") or type(err).__name__
        message = f"{path or 'The root'} cannot be read: {reason}."
        fix = "The data is probably damaged: copy or download it again."
        yield build_finding("element-unreadable", f"{path}#", message, fix=fix)


def shorten(values: Iterable[object], most: int = 5) -> str:
    """Some values for a message, and whether there are more."""
    shown = [repr(value)[:60] for value in values]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most:,} more" if len(shown) > most else "")
