"""Runs the command line as a user does, in a process of its own where exit codes and signals matter."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandLine:
    folder: Path

    def __call__(self, *arguments: object) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "vitrina", *map(str, arguments)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def vitrina(tmp_path) -> CommandLine:
    """The command line, in an empty folder that is an instance already."""
    run = CommandLine(tmp_path)
    assert run("init").code == 0
    return run
