"""A real LaminDB instance, made by the ``lamindb`` package in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYTHON = Path(os.environ.get("VITRINA_LAMINDB_PYTHON", ROOT / "build" / "lamindb-env" / "bin" / "python"))


@dataclass(frozen=True, slots=True)
class Lamin:
    """An instance in a folder, and what LaminDB itself says of it."""

    folder: Path
    expected: dict[str, Any]

    @property
    def storage(self) -> Path:
        return self.folder / "storage"

    @property
    def artifacts(self) -> dict[str, dict[str, Any]]:
        """By uid."""
        return {artifact["uid"]: artifact for artifact in self.expected["artifacts"]}

    def find(self, **fields: Any) -> dict[str, Any]:
        """The one artifact with the fields."""
        (found,) = (one for one in self.expected["artifacts"] if fields.items() <= one.items())
        return found


def make_lamin(folder: Path) -> Lamin:
    """The instance; the test is skipped where LaminDB is not installed, but never under CI."""
    if not PYTHON.exists():
        message = f"LaminDB is not installed: {PYTHON} is needed; `make lamindb-env` makes it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    script = ROOT / "tools" / "lamindb" / "make_instance.py"
    done = subprocess.run([PYTHON, script, folder], check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return Lamin(folder, json.loads((folder / "expected.json").read_text()))
