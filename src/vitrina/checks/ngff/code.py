"""What a code of a finding means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.finding import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding.

    Attributes:
        severity: How bad it is, unless the rule that gives it says otherwise.
        meaning: One sentence.
        section: Where the specification says so: an anchor of https://ngff.openmicroscopy.org/0.5/ or .../0.6/, or
            another document by name.
        is_fixable: Whether it can be mended without knowing more than the store says.
        holds_for_drafts: Whether an error stays one in a version that is a draft, for no version allows it.
    """

    severity: Severity
    meaning: str
    section: str
    is_fixable: bool = False
    holds_for_drafts: bool = False
