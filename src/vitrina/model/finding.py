"""The one shape in which anything that is wrong with data is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

type Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or worth knowing, about a dataset.

    Attributes:
        code: Stable name of the rule, in kebab case.
        severity: ``error`` breaks a MUST, ``warning`` a SHOULD, ``info`` is worth knowing.
        path: Where: ``<node>#<json pointer>``, either part may be empty.
        message: One whole sentence with the value, the place and the expectation.
        fix: What the user can do about it, or None.
    """

    code: str
    severity: Severity
    path: str
    message: str
    fix: str | None = None
