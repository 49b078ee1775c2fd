"""Runs the documentation: every ``python`` and ``console`` block of the pages below, in order, in an empty folder.

A ``console`` block holds commands after ``$`` and, below each, what it prints; ``...`` stands for any text. Blocks of
other languages are not run.
"""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

COMMAND_SECONDS = 120
NEED_TORCH = ("train.md",)
"""Pages that ``make test-torch`` runs."""


def run_console(example) -> None:
    """Run the commands of a block in a shell, compare what each prints."""
    checker = doctest.OutputChecker()
    for part in ("\n" + example.parsed).split("\n$ ")[1:]:
        command, _, expected = part.partition("\n")
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=Path.cwd(),
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        output = done.stdout + done.stderr
        assert done.returncode == 0, f"{command!r} ended with {done.returncode}:\n{output}"
        wanted = expected.strip() + "\n"
        if expected.strip():
            flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            assert checker.check_output(wanted, output, flags), f"{command!r} printed\n{output}\nnot\n{wanted}"


def enter_empty_folder(namespace: dict[str, object]) -> None:
    """Start in an empty folder, with no instance remembered from before."""
    folder = TemporaryDirectory()
    patch = pytest.MonkeyPatch()
    patch.chdir(folder.name)
    patch.setenv("XDG_STATE_HOME", str(Path(folder.name) / ".state"))
    patch.delenv("VITRINA_INSTANCE", raising=False)
    namespace["_leave"] = (patch, folder)


def leave_folder(namespace: dict[str, object]) -> None:
    """Go back to where the tests started."""
    patch, folder = namespace["_leave"]
    patch.undo()
    folder.cleanup()


def pytest_collection_modifyitems(items) -> None:
    """Mark the pages that need PyTorch."""
    for item in items:
        if item.path.name in NEED_TORCH:
            item.add_marker(pytest.mark.torch)
            for kind in ("UserWarning", "FutureWarning", "DeprecationWarning"):  # Lightning's advice, PyTorch's changes
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{kind}"))


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), CodeBlockParser(language="console", evaluator=run_console)],
    path=str(Path(__file__).parent),
    patterns=["tutorials/*.md", "how-to/*.md"],
    excludes=[] if find_spec("torch") else [f"**/{name}" for name in NEED_TORCH],
    setup=enter_empty_folder,
    teardown=leave_folder,
).pytest()
