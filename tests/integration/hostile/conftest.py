"""The sandbox of these tests finds the tasks and readers that lie beside them."""

import os
from pathlib import Path

import pytest

from vitrina.sandbox.limits import Limits
from vitrina.sandbox.sandbox import Sandbox
from vitrina.verbs.sandboxed import PRELOADED

TESTS = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def _tasks_are_found():
    """The process that forks is another Python, which has to find the tasks of these tests."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHONPATH", str(TESTS), prepend=os.pathsep)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def small_sandbox(_tasks_are_found):
    """Little memory and time, so that what has no bound meets it soon."""
    return Sandbox(Limits(memory_bytes=512 * 2**20, cpu_s=20, wall_s=60), preloaded=PRELOADED)


@pytest.fixture(scope="session")
def shared_sandbox(_tasks_are_found):
    """As instances have it, started once."""
    return Sandbox(preloaded=PRELOADED)
