"""What ``validate()`` gives: what was found in a dataset that satisfies its schema."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from vitrina.curate.checked import Checked
    from vitrina.model.finding import Finding
    from vitrina.model.schema import Schema


class Report:
    """The outcome of a check.

    Args:
        checked: What was found.
        schema: What the dataset was held against.
    """

    def __init__(self, checked: Checked, schema: Schema) -> None:
        self._checked = checked
        self._schema = schema

    @property
    def is_valid(self) -> bool:
        """Whether there is no error."""
        return self._checked.is_valid

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong or worth knowing, errors first."""
        return self._checked.findings

    @property
    def labels(self) -> dict[str, dict[str, list[str]]]:
        """Names of the terms found, by slot and column."""
        found: dict[str, dict[str, list[str]]] = {}
        for (slot, name), terms in self._checked.terms.items():
            found.setdefault(slot, {})[name] = [term.name for term in terms]
        return found

    def to_dataframe(self) -> pd.DataFrame:
        """The findings as a table."""
        import pandas as pd

        columns = ["severity", "code", "path", "message", "fix"]
        rows = [[getattr(finding, column) for column in columns] for finding in self.findings]
        return pd.DataFrame(rows, columns=pd.Index(columns))

    def __repr__(self) -> str:
        counts = Counter(finding.severity for finding in self.findings)
        told = ", ".join(f"{n} {severity}{'s' if n > 1 else ''}" for severity, n in counts.items()) or "no findings"
        state = "satisfies" if self.is_valid else "does not satisfy"
        lines = [f"{state} {self._schema.name or self._schema.uid}: {told}"]
        for finding in self.findings:
            lines.append(f"  {finding.severity} {finding.code} at {finding.path}: {finding.message}")
            if finding.fix:
                lines.append(f"    {finding.fix}")
        return "\n".join(lines)
