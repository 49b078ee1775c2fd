"""Scripts that track themselves, run as users run them: in a process of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from importlib.metadata import version

import pandas as pd
import pytest

from vitrina.verbs.init import init

HEAD = """\
import sys
import vitrina as vt
vt.connect({root!r})
"""


class Lab:
    """An instance with one table, and a folder for scripts."""

    def __init__(self, folder):
        self.folder = folder
        self.instance = init(folder / "lab").instance
        table = folder / "cells.csv"
        pd.DataFrame({"cell": ["a", "b"], "x": [0.5, 1.5]}).to_csv(table, index=False)
        self.table = self.instance.add(table, key="cells.csv").artifact

    def write(self, code, name="segment.py", folder=None):
        path = (folder or self.folder) / name
        path.write_text(HEAD.format(root=str(self.folder / "lab")) + textwrap.dedent(code), encoding="utf-8")
        return path

    def start(self, path, *arguments):
        return subprocess.Popen(
            [sys.executable, *arguments, str(path)],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def run(self, code, **where):
        process = self.start(self.write(code, **where))
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def find(self, **where):
        return self.instance.find_runs(**where).items


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path)


WORK = """
vt.track(params={"radius": 2.5})
table = vt.Artifact.get("cells.csv").load()
print("read", len(table), "cells")
table["area"] = 1.0
vt.Artifact.from_dataframe(table, key="areas.parquet").save()
"""


BRIEF = """
vt.track()
print("reading")
"""


class TestEndings:
    def test_a_script_that_finishes_is_completed_with_all_that_it_did(self, lab):
        code, out, err = lab.run(WORK + "vt.finish()\nprint('not recorded')\n")
        assert (code, out, err) == (0, "read 2 cells\nnot recorded\n", "")
        (run,) = lab.find()
        assert (run.status, run.error, run.parameters) == ("completed", None, {"radius": 2.5})
        assert run.finished_at > run.started_at
        assert (run.transform.key, run.transform.kind) == ("segment.py", "script")
        assert run.input_uids == (lab.table.uid,)
        assert run.output_uids == (lab.instance.show("areas.parquet").uid,)
        assert lab.instance.read_source(run.transform.uid) == (lab.folder / "segment.py").read_text(encoding="utf-8")
        assert lab.instance.read_log(run.uid) == "read 2 cells\n"

    def test_a_script_that_ends_without_a_word_is_completed(self, lab):
        assert lab.run(BRIEF)[0] == 0
        (run,) = lab.find()
        assert (run.status, run.error) == ("completed", None)

    def test_an_exception_is_recorded_and_shown_as_before(self, lab):
        code, _, err = lab.run(BRIEF + "def fail():\n    raise ValueError('no cells')\nfail()\n")
        assert code == 1
        assert err.endswith("ValueError: no cells\n")
        (run,) = lab.find()
        assert (run.status, run.error) == ("errored", "ValueError: no cells")
        assert lab.instance.read_log(run.uid).endswith("ValueError: no cells\n")

    def test_an_exception_that_was_caught_is_no_end(self, lab):
        lab.run(BRIEF + "try:\n    sys.exit(3)\nexcept SystemExit:\n    print('go on')\n")
        assert [run.status for run in lab.find()] == ["completed"]

    @pytest.mark.parametrize(
        ("end", "code", "status", "error"),
        [
            ("sys.exit()", 0, "completed", None),
            ("sys.exit(0)", 0, "completed", None),
            ("sys.exit(3)", 3, "errored", "exit code 3"),
            ("raise SystemExit('bad input')", 1, "errored", "bad input"),
        ],
    )
    def test_leaving_by_sys_exit_is_judged_by_its_code(self, lab, end, code, status, error):
        assert lab.run(BRIEF + end)[0] == code
        assert [(run.status, run.error) for run in lab.find()] == [(status, error)]

    def test_ctrl_c_is_aborted(self, lab):
        process = lab.start(lab.write(BRIEF + "import time\nprint('waiting')\ntime.sleep(60)\n"))
        lines = [process.stdout.readline(), process.stdout.readline()]
        assert lines == ["reading\n", "waiting\n"]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGINT
        assert [(run.status, run.error) for run in lab.find()] == [("aborted", "KeyboardInterrupt")]

    def test_what_is_killed_stays_started(self, lab):
        process = lab.start(lab.write(BRIEF + "import time\nprint('waiting')\ntime.sleep(60)\n"))
        process.stdout.readline()
        process.stdout.readline()
        process.kill()
        process.communicate(timeout=60)
        assert [(run.status, run.finished_at) for run in lab.find()] == [("started", None)]

    def test_a_module_run_by_name_is_watched_as_well(self, lab):
        path = lab.write(BRIEF + "sys.exit(4)\n")
        process = subprocess.run(
            [sys.executable, "-m", "segment"], cwd=lab.folder, capture_output=True, check=False, timeout=120
        )
        assert process.returncode == 4
        (run,) = lab.find()
        assert (run.error, run.transform.key) == ("exit code 4", path.name)

    def test_a_child_that_is_forked_does_not_end_the_run(self, lab):
        code, _, err = lab.run(
            BRIEF
            + """
import os, warnings
warnings.simplefilter("ignore")
child = os.fork()
if not child:
    sys.exit(5)
os.waitpid(child, 0)
"""
        )
        assert (code, err) == (0, "")
        assert [run.status for run in lab.find()] == ["completed"]


class TestWhatIsRecorded:
    def test_without_tracking_nothing_is_recorded_and_nothing_is_said(self, lab):
        code, _, err = lab.run(WORK.replace("vt.track", "dict"))
        assert (code, err) == (0, "")
        assert lab.find() == ()

    def test_the_packages_are_those_that_are_installed(self, lab):
        lab.run(BRIEF)
        lines = lab.instance.read_environment(lab.find()[0].uid).splitlines()
        assert lines[0].startswith(f"# Python {sys.version.split()[0]} on ")
        names = [line.partition("==")[0] for line in lines[1:]]
        assert names == sorted(set(names))
        for name in ("numpy", "vitrina", "sqlalchemy", "typing-extensions"):
            assert f"{name}=={version(name)}" in lines

    def test_opening_and_caching_read_too_and_once(self, lab):
        lab.run("""
            vt.track()
            artifact = vt.Artifact.get("cells.csv")
            for _ in range(3):
                artifact.cache()
                artifact.load()
        """)
        assert lab.find()[0].input_uids == (lab.table.uid,)

    def test_what_is_only_looked_at_is_no_input(self, lab):
        lab.run("""
            vt.track()
            vt.Artifact.get("cells.csv").describe()
            vt.Artifact.to_dataframe()
        """)
        assert lab.find()[0].input_uids == ()

    def test_saving_unchanged_what_was_read_makes_no_output(self, lab):
        lab.run("""
            vt.track()
            import shutil
            path = shutil.copy(vt.Artifact.get("cells.csv").cache(), "copied.csv")
            vt.Artifact(path, key="cells.csv").save()
            vt.Artifact(path, key="copy.csv").save()
        """)
        (run,) = lab.find()
        assert run.output_uids == (lab.instance.show("copy.csv").uid,)

    def test_what_another_run_saved_before_with_the_same_bytes_is_an_output_of_both(self, lab):
        lab.run(WORK)
        lab.run(WORK)
        saved = lab.instance.show("areas.parquet")
        assert saved.version == "0001"
        assert len(lab.find(output_uid=saved.uid)) == 2

    def test_changed_code_is_a_new_version(self, lab):
        for code in (BRIEF, BRIEF, BRIEF + "# more\n"):
            lab.run(code)
        assert [run.transform.version for run in lab.find()] == ["0002", "0001", "0001"]

    def test_tracking_twice_ends_the_run_before(self, lab):
        lab.run("vt.track('one.py')\nprint(1)\nvt.track('two.py')\nprint(2)\n")
        found = [(run.transform.key, run.status, lab.instance.read_log(run.uid)) for run in lab.find()]
        assert found == [("two.py", "completed", "2\n"), ("one.py", "completed", "1\n")]

    def test_a_transform_of_the_catalog_can_be_run_again(self, lab):
        lab.run("vt.track('pipeline', kind='pipeline')\nvt.finish()\n")
        lab.run("vt.track(vt.Transform.get('pipeline'))\n", name="other.py")
        assert len({run.transform.uid for run in lab.find()}) == 1

    def test_threads_belong_to_the_script(self, lab):
        lab.run("""
            vt.track()
            from concurrent.futures import ThreadPoolExecutor
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda key: vt.Artifact.get(key).load(), ["cells.csv"] * 4))
        """)
        assert lab.find()[0].input_uids == (lab.table.uid,)

    def test_a_long_log_keeps_its_beginning_and_its_end(self, lab):
        lab.run("""
            vt.track()
            print("first line")
            for number in range(200):
                print("x" * 5000)
            print("last line", file=sys.stderr)
        """)
        log = lab.instance.read_log(lab.find()[0].uid)
        assert log.startswith("first line\n")
        assert log.endswith("last line\n")
        assert "characters were left out here" in log
        assert len(log) < 600_000


class TestGit:
    @pytest.fixture
    def repository(self, lab):
        folder = lab.folder / "repo" / "analysis"
        folder.mkdir(parents=True)
        lab.write(BRIEF, folder=folder)

        def git(*arguments):
            identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
            command = ["git", *identity, *arguments]
            return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()

        git("init", "-q", str(folder.parent))
        return git

    def test_the_commit_and_the_path_in_the_repository_are_recorded(self, lab, repository):
        repository("add", ".")
        repository("commit", "-q", "-m", "one")
        lab.run(BRIEF, folder=lab.folder / "repo" / "analysis")
        (run,) = lab.find()
        assert run.transform.key == "analysis/segment.py"
        assert run.git_commit == run.transform.git_commit == repository("rev-parse", "HEAD")

    @pytest.mark.parametrize("state", ["changed", "untracked"])
    def test_code_that_is_not_as_committed_is_dirty(self, lab, repository, state):
        (lab.folder / "repo" / "other.txt").write_text("1")
        repository("add", "../other.txt")
        if state == "changed":
            repository("add", ".")
        repository("commit", "-q", "-m", "one")
        lab.run(BRIEF + "# changed\n", folder=lab.folder / "repo" / "analysis")
        assert lab.find()[0].git_commit == repository("rev-parse", "HEAD") + "-dirty"

    @pytest.mark.usefixtures("repository")
    def test_before_the_first_commit_there_is_none(self, lab):
        lab.run(BRIEF, folder=lab.folder / "repo" / "analysis")
        assert [(run.git_commit, run.transform.key) for run in lab.find()] == [(None, "segment.py")]


class TestMistakes:
    def test_finishing_without_tracking_says_what_to_do(self, lab):
        code, _, err = lab.run("vt.finish()\n")
        assert code == 1
        assert err.endswith("No run is being tracked. Begin one with vt.track().\n")

    def test_code_without_a_file_needs_a_key(self, lab):
        head = HEAD.format(root=str(lab.folder / "lab"))
        for call, n_runs in (("vt.track()", 0), ("vt.track(key='console')", 1)):
            process = subprocess.run(
                [sys.executable, "-c", head + call], capture_output=True, text=True, check=False, timeout=120
            )
            assert (process.returncode != 0) == (n_runs == 0), process.stderr
            assert len(lab.find()) == n_runs
        assert "vt.track(key=" not in process.stderr

    def test_parameters_are_names_and_values(self, lab):
        code, _, err = lab.run("vt.track(params=[1])\n")
        assert code == 1
        assert err.splitlines()[-1].startswith("vitrina.errors.InputError: Parameters are a mapping")
        assert lab.find() == ()

    def test_an_instance_that_cannot_be_written_at_the_end_is_told_in_one_line(self, lab):
        code, _, err = lab.run("""
            run = vt.track()
            import shutil
            from vitrina.errors import StorageError
            def fail(*_, **__):
                raise StorageError("gone", "The disk is gone.")
            import vitrina.verbs.instance
            vitrina.verbs.instance.Instance.finish_run = fail
        """)
        assert code == 0
        assert err.splitlines() == [f"vitrina: the end of run {lab.find()[0].uid} was not recorded: The disk is gone."]


def test_tracking_costs_a_fraction_of_a_second_of_files_not_of_programs(lab):
    """Besides git, which is asked four times, no program runs."""
    code, out, _ = lab.run("""
        import subprocess
        real, called = subprocess.run, []
        def note(command, **options):
            called.append(command[0])
            return real(command, **options)
        subprocess.run = note
        vt.track()
        vt.finish()
        print(sorted(set(called)), len(called) <= 4)
    """)
    assert (code, out) == (0, "['git'] True\n")
