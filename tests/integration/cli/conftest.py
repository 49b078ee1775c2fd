"""Runs the command line as a user does: arguments in; output, errors and exit code out."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from vitrina.cli.main import main


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
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            main([str(argument) for argument in arguments])
        assert "a defect in Vitrina" not in err.getvalue(), err.getvalue()
        return Ran(ended.value.code, out.getvalue(), err.getvalue())


@pytest.fixture
def vitrina(tmp_path) -> CommandLine:
    """The command line, in an empty folder that is an instance already."""
    run = CommandLine(tmp_path)
    assert run("init").code == 0
    return run
