"""How our verdicts on third-party cases compare with those of their authors.

Run from the repository's root: ``make conformance``, or ``.venv/bin/python tools/conformance.py [FOLDER]`` with the
folder of ``cases.json``. Contested cases, whose verdict the text of the specification contradicts, are shown apart.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from vitrina.checks.checked import Checked
from vitrina.checks.ngff.check import check_attributes, check_ngff
from vitrina.model.report import harden
from vitrina.readers.source import FolderTree

SHARED = Path(__file__).resolve().parents[2] / "shared/conformance"


@dataclass(frozen=True)
class Outcome:
    """A case, and what we say of it."""

    id: str
    collection: str
    expected: str
    is_contested: bool
    checked: Checked
    said: str

    @property
    def is_right(self) -> bool:
        """Whether we agree with the author of the case."""
        return self.said == self.expected


def judge_cases(folder: Path) -> list[Outcome]:
    """Our verdict on each case of a folder with ``cases.json``."""
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))["cases"]
    return [_judge(folder, case) for case in cases]


def count_right(outcomes: list[Outcome]) -> tuple[int, int]:
    """How many of the cases that count are judged as their authors do, and how many count."""
    counted = [outcome for outcome in outcomes if not outcome.is_contested]
    return sum(outcome.is_right for outcome in counted), len(counted)


def read_attributes(folder: Path, case: dict[str, str]) -> dict[str, object]:
    """The attributes document of a case."""
    value = json.loads((folder / case["file"]).read_text(encoding="utf-8"))
    for part in case["pointer"].split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def _judge(folder: Path, case: dict[str, str]) -> Outcome:
    if case["layout"] == "store":
        checked = check_ngff(FolderTree(folder / case["tree"]))
    else:
        checked = check_attributes(read_attributes(folder, case))
    findings = harden(checked.findings) if case["strict"] else checked.findings
    is_valid = all(finding.severity != "error" for finding in findings)
    return Outcome(
        id=case["id"],
        collection=case["collection"],
        expected=case["expect"],
        is_contested=bool(case["contested"]),
        checked=checked,
        said="valid" if is_valid else "invalid",
    )


def _print_matrix(name: str, outcomes: list[Outcome]) -> None:
    counts = Counter((outcome.expected, outcome.said) for outcome in outcomes)
    right, total = sum(outcome.is_right for outcome in outcomes), len(outcomes)
    cells = [counts[expected, said] for expected in ("valid", "invalid") for said in ("valid", "invalid")]
    print(f"{name:28}{cells[0]:>10}{cells[1]:>12}{cells[2]:>14}{cells[3]:>12}{right:>9} / {total}")


def main() -> int:
    """Print the table; fails below 99 %."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED)
    folder = parser.parse_args().folder
    if not (folder / "cases.json").exists():
        print(f"There are no cases in {folder}.")
        return 2
    outcomes = judge_cases(folder)
    counted = [outcome for outcome in outcomes if not outcome.is_contested]
    print(f"{'':28}{'valid and':>10}{'valid and':>12}{'invalid and':>14}{'invalid and':>12}")
    print(f"{'collection':28}{'we agree':>10}{'we do not':>12}{'we do not':>14}{'we agree':>12}{'right':>9}")
    for name in dict.fromkeys(outcome.collection for outcome in counted):
        _print_matrix(name, [outcome for outcome in counted if outcome.collection == name])
    _print_matrix("all", counted)
    for outcome in outcomes:
        if not outcome.is_right:
            kind = "contested" if outcome.is_contested else "wrong"
            print(f"\n{kind}: {outcome.id} is {outcome.expected} to its authors, {outcome.said} to us")
            for finding in outcome.checked.findings:
                print(f"    {finding.severity} {finding.code} {finding.path}: {finding.message}")
    right, total = count_right(outcomes)
    return 0 if right >= 0.99 * total else 1


if __name__ == "__main__":
    sys.exit(main())
