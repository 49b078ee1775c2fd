"""Measure the catalog: our figures, what the machine allows, and LaminDB's, in one run and one table.

    python tools/bench/catalog.py [--quick] [--lamindb PYTHON] [--rows ROW ...]

Each row runs in processes of its own, one after the other. What takes long to make (catalogs of 100,000 and 1,000,000
artifacts) is kept in ``build/bench`` for the next run. Without ``--quick`` and ``--rows`` the table also goes to
``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from machine import describe_machine
from measure import Figure, measure_command, parse_figure
from table import Line, Target, print_table, write_section

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
WORK = ROOT / "build" / "bench"

IMPORTS = {"vitrina": "import vitrina", "lamindb": "import lamindb"}
CONNECT = "import vitrina as vt; vt.connect('import')"


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured together, and the lines of the table that come of it."""

    name: str
    targets: tuple[Target, ...]
    is_quick: bool = True
    sides: tuple[str, ...] = ("vitrina", "limit", "lamindb")


ROWS = (
    Row(
        "import",
        (
            Target("import", "import in a new Python", "s", 0.25),
            Target("connect", "import and connect to an instance", "s", None),
        ),
    ),
    Row(
        "register",
        (
            Target("add", "add files of 1 kB one by one: bytes copied, hashed, synced", "/s", 500),
            Target("register", "register one by one: the catalog alone", "/s", 500),
            Target(
                "register-bulk",
                "register 10,000 at once: the catalog alone (LaminDB: 200 files with their bytes)",
                "/s",
                5_000,
            ),
        ),
    ),
    Row(
        "queries",
        (
            Target("two-labels", "100,000 × 4 labels: two labels, and a page of 20", "ms", 5),
            Target("two-labels-below", "the same with terms below them", "ms", 5, others="two-labels"),
            Target("search", "100,000: two of the commonest words", "ms", 10),
            Target("facets", "100,000: all facets", "ms", 5),
        ),
        is_quick=False,
    ),
    Row(
        "million",
        (
            Target(
                "million-sqlite",
                "1,000,000 × 5: two labels, 100 counts, a page; SQLite, 95 of 100",
                "ms",
                20,
                is_p95=True,
            ),
        ),
        is_quick=False,
        sides=("vitrina",),
    ),
    Row(
        "million-postgresql",
        (Target("million-postgresql", "the same; PostgreSQL, 95 of 100", "ms", 20, is_p95=True),),
        is_quick=False,
        sides=("vitrina",),
    ),
    Row("folder", (Target("folder", "save a folder of 200 MB in 1,600 files", "MB/s", 0.8, size=200, is_share=True),)),
    Row(
        "validate",
        (
            Target("validate", "validate 150,000 × 400, five columns of categories", "s", 0.1),
            Target("validate-objects", "the same as objects", "s", 0.1),
        ),
    ),
    Row("describe", (Target("describe", "describe", "ms", 20),), sides=("vitrina", "lamindb")),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the catalog.")
    parser.add_argument("--quick", action="store_true", help="only what takes a minute")
    parser.add_argument("--lamindb", type=Path, metavar="PYTHON", help="Python of an environment with LaminDB")
    parser.add_argument("--rows", nargs="*", choices=[row.name for row in ROWS], help="only these")
    options = parser.parse_args()
    lamindb = options.lamindb.absolute() if options.lamindb and options.lamindb.exists() else None
    rows = [row for row in ROWS if (row.name in options.rows if options.rows else row.is_quick or not options.quick)]
    lines = [line for row in rows for line in measure_row(row, lamindb)]
    WORK.mkdir(parents=True, exist_ok=True)
    machine = describe_machine(WORK)
    print_table(lines, machine=machine, has_lamindb=lamindb is not None)
    if not options.quick and not options.rows:
        write_section(ROOT / "docs" / "benchmarks.md", lines, machine=machine, has_lamindb=lamindb is not None)
        print("written to docs/benchmarks.md")


def measure_row(row: Row, lamindb: Path | None) -> list[Line]:
    """The lines of a row."""
    figures: dict[str, Mapping[str, Figure]] = {}
    for side in row.sides:
        python = {"lamindb": lamindb}.get(side, Path(sys.executable))
        if python is not None:
            print(f"measuring {row.name}: {side}", file=sys.stderr, flush=True)
            measured = measure_imports(side, python) if row.name == "import" else run_rows(side, python, row.name)
            figures[side] = measured
    return [
        Line(
            target=target,
            ours=figures["vitrina"][target.name],
            limit=figures.get("limit", {}).get(target.get_other_name()),
            lamindb=figures.get("lamindb", {}).get(target.get_other_name()),
        )
        for target in row.targets
    ]


def run_rows(side: str, python: Path, row: str) -> Mapping[str, Figure]:
    """The figures of one side, measured in a process of its own; LaminDB gets no network, which it would wait for."""
    command = [str(python), str(HERE / f"rows_{side}.py"), row, str(WORK / side)]
    if side == "lamindb":
        command = [sys.executable, str(ROOT / "tools" / "offline.py"), *command]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, env=build_environment(side))
    if done.returncode != 0:
        sys.exit(f"{side} ended with {done.returncode} when {row} was measured")
    return {name: parse_figure(value) for name, value in json.loads(done.stdout.strip().splitlines()[-1]).items()}


def measure_imports(side: str, python: Path) -> Mapping[str, Figure]:
    """Start Python, import, end; Python alone is the limit."""
    if side == "limit":
        alone = measure_command([str(python), "-c", "pass"], repeats=11)
        return {"import": alone, "connect": alone}
    run_rows(side, python, "import")
    options = {"env": build_environment(side) | {"LAMIN_SETTINGS_DIR": str(WORK / side / "import" / "settings")}}
    if side == "lamindb":  # importing it connects to the instance of the folder
        options["cwd"] = WORK / side / "import"
        figure = measure_command([str(python), "-c", IMPORTS[side]], repeats=7, **options)
        return {"import": figure, "connect": figure}
    options["cwd"] = WORK / side
    return {
        "import": measure_command([str(python), "-c", IMPORTS[side]], repeats=11, **options),
        "connect": measure_command([str(python), "-c", CONNECT], repeats=11, **options),
    }


def build_environment(side: str) -> dict[str, str]:
    """The environment without the user's own instance, and with a state folder of its own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("VITRINA_", "LAMIN_"))}
    return own | {"XDG_STATE_HOME": str(WORK / side / "state")}


if __name__ == "__main__":
    main()
