"""What values are in a registry, told in detail."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from vitrina.model.resolution import Resolution

N_SHOWN = 10


@dataclass(frozen=True)
class InspectResult:
    """Which of some values a registry or its reference knows.

    Attributes:
        registry: Class name.
        field: What the values should be.
        resolutions: What each distinct value means.
    """

    registry: str
    field: str
    resolutions: Mapping[str, Resolution]

    @cached_property
    def validated(self) -> list[str]:
        """Values that are the field of a term, letter by letter."""
        return [value for value, resolution in self.resolutions.items() if resolution.is_valid]

    @cached_property
    def non_validated(self) -> list[str]:
        """All other values."""
        return [value for value, resolution in self.resolutions.items() if not resolution.is_valid]

    @property
    def frac_validated(self) -> float:
        """Share of the distinct values that are valid, 0 to 1; 1 of no values."""
        return len(self.validated) / len(self.resolutions) if self.resolutions else 1.0

    @property
    def n(self) -> int:
        """Number of distinct values."""
        return len(self.resolutions)

    @property
    def synonyms_mapper(self) -> dict[str, str]:
        """What ``standardize`` would write in place of values."""
        return {
            value: resolution.standard
            for value, resolution in self.resolutions.items()
            if resolution.standard is not None and not resolution.is_valid
        }

    @property
    def proposals(self) -> dict[str, tuple[str, ...]]:
        """The nearest names of values that mean nothing."""
        return {value: resolution.proposals for value, resolution in self.resolutions.items() if resolution.proposals}

    @property
    def df(self) -> pd.DataFrame:
        """A row per value."""
        import pandas as pd

        rows = [
            (value, one.is_valid, one.standard, one.matched_by, ", ".join(one.proposals) or None)
            for value, one in self.resolutions.items()
        ]
        columns = ["value", "validated", "standard", "matched_by", "proposals"]
        return pd.DataFrame(rows, columns=pd.Index(columns)).set_index("value")

    def __repr__(self) -> str:
        lines = [f"{len(self.validated):,} of {self.n:,} values are a {self.registry}.{self.field}"]
        mapper = self.synonyms_mapper
        for value in self.non_validated[:N_SHOWN]:
            near = " or ".join(map(repr, self.proposals.get(value, ())))
            note = f"standardize writes {mapper[value]!r}" if value in mapper else ""
            note = note or (f"did you mean {near}?" if near else "unknown")
            lines.append(f"  {value!r}: {note}")
        if len(self.non_validated) > N_SHOWN:
            lines.append(f"  and {len(self.non_validated) - N_SHOWN:,} more")
        return "\n".join(lines)
