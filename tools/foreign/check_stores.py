"""What `vitrina check` says of valid stores that other writers wrote, and of ours.

Run from the repository's root after ``tools/foreign/write_stores.py``; ``make foreign-stores`` runs both::

    .venv/bin/python tools/foreign/check_stores.py build/foreign-stores

Ours are made here: the stores of ome-zarr-py, converted. Fails where there is an error that ``FAULTS`` does not argue:
there the store breaks a MUST of the specification, and docs/reference/conformance.md says which.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from importlib.metadata import version as get_version
from pathlib import Path

VITRINA = Path(sys.executable).parent / "vitrina"
OURS = "vitrina"
OPTIONS = {
    "v04": ["--version", "0.4"],
    "v05-sharded": ["--version", "0.5", "--chunk", "16,16", "--shard", "2,2", "--min-size", "32"],
    "v05-collection": ["--collection", "--all-axes", "--min-size", "32", "--shard", "none", "--codec", "gzip"],
}
FAULTS = {("iohub", "0.5"): {"labels-without-list"}, ("ome-zarr-models", "0.4"): {"omero-invalid"}}


@dataclass(frozen=True)
class Said:
    """A store, and what we say of it."""

    writer: str
    path: str
    version: str
    findings: tuple[dict[str, str], ...]

    def count(self, severity: str) -> int:
        """How many findings of a severity."""
        return sum(finding["severity"] == severity for finding in self.findings)

    @property
    def unargued(self) -> list[dict[str, str]]:
        """The errors that are not the writer's fault."""
        faults = FAULTS.get((self.writer, self.version), set())
        errors = [finding for finding in self.findings if finding["severity"] == "error"]
        return [error for error in errors if error["code"] not in faults]


def write_ours(folder: Path) -> list[str]:
    """Convert each image of ome-zarr-py in several ways."""
    shutil.rmtree(folder / OURS, ignore_errors=True)
    (folder / OURS).mkdir()
    paths = []
    sources = [path for path in sorted((folder / "ome-zarr").glob("*-v05.zarr")) if "plate" not in path.name]
    for source in sources:
        for name, options in OPTIONS.items():
            path = folder / OURS / f"{source.name.removesuffix('-v05.zarr')}-{name}.ome.zarr"
            subprocess.run([VITRINA, "convert", source, path, *options], check=True, capture_output=True)
            paths.append(str(path))
    return paths


def check_all(stores: dict[str, str]) -> list[Said]:
    """Check all stores in one call; ``stores`` has the writer of each path."""
    asked = subprocess.run(
        [VITRINA, "check", "--json-lines", *stores], check=False, capture_output=True, text=True, encoding="utf-8"
    )
    reports = {report["source"]: report for report in map(json.loads, asked.stdout.splitlines())}
    unread = [path for path in stores if path not in reports]
    if unread:
        raise SystemExit(f"no report for {unread}: {asked.stderr}")
    return [
        Said(
            writer,
            path,
            reports[path].get("version") or "none",
            tuple(reports[path].get("findings") or [_get_refusal(reports[path])]),
        )
        for path, writer in stores.items()
    ]


def _get_refusal(report: dict[str, object]) -> dict[str, str]:
    """Nothing to say of a valid store; a store that is not read at all is an error as well."""
    if report.get("valid"):
        return {"severity": "none", "code": "", "path": "", "message": ""}
    return {"severity": "error", "code": "not-read", "path": "#", "message": json.dumps(report)}


def print_table(said: list[Said], versions: dict[str, str]) -> None:
    """A row for each writer and version of OME-Zarr, then every error."""
    rows: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        rows[one.writer, one.version].append(one)
    print(f"{'writer':26}{'version':>20}{'stores':>8}{'errors':>8}{'argued':>8}{'warnings':>10}")
    for (writer, version), stores in [*rows.items(), (("all", ""), said)]:
        name = f"{writer} {versions.get(writer, '')}"
        errors = sum(one.count("error") for one in stores)
        argued = errors - sum(len(one.unargued) for one in stores)
        warnings = sum(one.count("warning") for one in stores)
        print(f"{name:26}{version:>20}{len(stores):>8}{errors:>8}{argued:>8}{warnings:>10}")
    for one in said:
        for finding in one.findings:
            if finding["severity"] == "error":
                word = "error" if finding in one.unargued else "argued"
                print(f"\n{word}: {one.path}\n    {finding['code']} {finding['path']}: {finding['message']}")


def main() -> int:
    """Print the table; fails where an error is not argued."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    listed = json.loads((folder / "stores.json").read_text(encoding="utf-8"))
    listed[OURS] = {"version": get_version("vitrina"), "stores": write_ours(folder)}
    said = check_all({path: writer for writer, written in listed.items() for path in written["stores"]})
    print_table(said, {writer: written["version"] for writer, written in listed.items()})
    return 1 if any(one.unargued for one in said) else 0


if __name__ == "__main__":
    sys.exit(main())
