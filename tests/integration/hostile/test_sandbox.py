"""A function in the sandbox can read its file and answer, and nothing else."""

import json
import platform
import subprocess
import sys
from pathlib import Path

import hostile_tasks
import pytest

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.sandbox.limits import Limits
from vitrina.sandbox.sandbox import Sandbox
from vitrina.verbs.sandboxed import PRELOADED

OUTSIDE = {"read outside", "read home", "list outside", "read passwords", "look into"}
ON_LINUX = sys.platform == "linux" and platform.machine() in {"x86_64", "aarch64"}


@pytest.fixture(scope="module")
def sandbox():
    return Sandbox(Limits(memory_bytes=256 * 2**20, cpu_s=2, wall_s=10, answer_bytes=2**16), preloaded=PRELOADED)


@pytest.fixture
def file(tmp_path):
    folder = tmp_path / "given"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("top secret")
    path = folder / "data.txt"
    path.write_text("what was given")
    return path


def call(sandbox, task, path, **arguments):
    return sandbox.call(f"hostile_tasks:{task}", path, **arguments)


def test_a_function_reads_its_file_and_answers(sandbox, file):
    assert call(sandbox, "read_text", file) == "what was given"


def test_every_call_has_a_process_of_its_own_in_which_nothing_is_left_of_the_one_before(sandbox, file):
    first, second = call(sandbox, "measure", file), call(sandbox, "measure", file)
    assert first["pid"] != second["pid"]
    assert (first["seen"], second["seen"]) == (0, 0)


@pytest.mark.skipif(not ON_LINUX, reason="threads are counted in /proc")
def test_the_process_that_forks_has_one_thread_though_all_libraries_are_imported(sandbox, file):
    call(sandbox, "measure", file)
    assert len(list(Path(f"/proc/{sandbox._idle[0]._process.pid}/task").iterdir())) == 1


def test_threads_are_possible_since_libraries_use_them(sandbox, file):
    assert call(sandbox, "run_a_thread", file) == ["data.txt"]


def test_nothing_of_the_environment_but_what_python_needs_is_seen(sandbox, file, monkeypatch):
    monkeypatch.setenv("VITRINA_SECRET", "x")
    monkeypatch.setenv("PGPASSWORD", "x")
    seen = set(call(Sandbox(), "list_environment", file))
    assert not {"VITRINA_SECRET", "PGPASSWORD", "HOME"} & seen


def test_no_descriptor_of_the_process_before_is_open_but_the_one_for_the_answer(sandbox, file):
    assert len(call(sandbox, "list_open_files", file)) == 1


@pytest.mark.skipif(
    not ON_LINUX, reason="the kernel refuses on Linux alone; see test_python_refuses_where_the_kernel_does_not"
)
def test_network_processes_and_all_other_files_are_refused(sandbox, file):
    before = sorted(file.parent.parent.rglob("*"))
    results = call(sandbox, "try_each", file, folder=str(file.parent.parent))
    assert results == dict.fromkeys(results, "refused")
    assert len(results) == 17
    assert sorted(file.parent.parent.rglob("*")) == before
    assert file.read_text() == "what was given"


@pytest.mark.parametrize(("task", "arguments", "code"), [
    ("eat_memory", {"n_bytes": 2**30}, "reader-out-of-memory"),
    ("spin", {}, "reader-too-slow"),
    ("sleep", {}, "reader-too-slow"),
    ("crash", {}, "reader-killed"),
    ("abort", {}, "reader-killed"),
    ("exit_early", {}, "reader-killed"),
    ("answer_much", {}, "reader-killed"),
    ("fail", {}, "reader-failed"),
])  # fmt: skip
def test_whatever_it_does_is_an_error_with_a_code_and_the_next_call_works(sandbox, file, task, arguments, code):
    with pytest.raises(UnreadableError) as caught:
        call(sandbox, task, file, **arguments)
    assert caught.value.code == code
    assert caught.value.where == str(file)
    assert caught.value.hint
    assert "Traceback" not in str(caught.value)
    assert call(sandbox, "read_text", file) == "what was given"


def test_memory_below_the_limit_is_there(sandbox, file):
    assert call(sandbox, "eat_memory", file, n_bytes=128 * 2**20) == 128


def test_errors_of_ours_come_back_as_they_are(sandbox, file):
    with pytest.raises(UnsupportedError) as caught:
        call(sandbox, "raise_own", file)
    assert (caught.value.code, caught.value.message) == ("odd-thing", "An odd thing.")
    assert (caught.value.hint, caught.value.where) == ("Do another.", "data.txt")


def test_what_happens_when_the_process_that_forks_is_gone_is_told_too(file):
    own = Sandbox()
    assert call(own, "read_text", file) == "what was given"
    own._idle[0]._process.kill()
    with pytest.raises(UnreadableError) as caught:
        call(own, "read_text", file)
    assert caught.value.code == "reader-killed"
    assert call(own, "read_text", file) == "what was given"


def try_without(file, *controls):
    """What a process reaches that is confined but for some of the controls."""
    command = [sys.executable, "-P", hostile_tasks.__file__, str(file), str(file.parent.parent), *controls]
    done = subprocess.run(command, check=True, capture_output=True)
    return {name for name, result in json.loads(done.stdout).items() if result != "refused"}


@pytest.mark.skipif(not ON_LINUX, reason="these are controls of Linux")
@pytest.mark.parametrize(("without", "reached"), [
    ((), set()),
    (("allow_reading_only",), {*OUTSIDE, "write", "write beside", "change", "remove", "rename", "link"}),
    (("refuse_calls",), {"connect", "unix socket", "fork"}),
])  # fmt: skip
def test_each_control_is_what_refuses(file, without, reached):
    """Without the refusal of calls, programs still cannot be read, so none starts."""
    assert try_without(file, *without) == reached


def test_python_refuses_where_the_kernel_does_not(file):
    """What Python cannot tell from the work of a reader is reading; the page on hostile files says so."""
    reached = try_without(file, "kernel")
    assert reached == OUTSIDE
