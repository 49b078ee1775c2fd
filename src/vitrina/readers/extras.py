"""Libraries that only some formats need, and that are therefore installed on demand."""

from __future__ import annotations

import importlib
from typing import Any

from vitrina.errors import MissingExtraError


def import_extra(module: str, extra: str, what: str, *, where: str | None = None) -> Any:
    """A library of an extra.

    Args:
        module: Its name for Python.
        extra: The extra that installs it.
        what: What needs it, at the beginning of a sentence.
        where: Path that is read.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as err:
        raise MissingExtraError(
            "extra-missing",
            f"{what} needs {module}, which is not installed ({err}).",
            hint=f"Install it with: pip install 'vitrina[{extra}]'.",
            where=where,
        ) from err
