import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from vitrina.errors import EXIT_INTERRUPTED


@pytest.fixture
def table(tmp_path):
    path = tmp_path.parent / f"{tmp_path.name}-cells.csv"
    pd.DataFrame({"cell": ["a", "b"], "x": [0.5, 1.5], "y": [2.0, 3.0]}).to_csv(path, index=False)
    return path


class TestInit:
    def test_makes_an_instance_and_names_the_next_step(self, vitrina):
        ran = vitrina("init", "lab")
        assert (ran.code, ran.err) == (0, "")
        assert "Made the instance lab" in ran.out
        assert "vitrina add" in ran.out

    def test_twice_is_no_error(self, vitrina):
        assert "This is the instance" in vitrina("init").out

    def test_with_another_storage_than_before_is_a_conflict(self, vitrina):
        ran = vitrina("init", "--storage", "file:///elsewhere")
        assert ran.code == 4
        assert ran.err.startswith("instance-exists")


class TestAdd:
    def test_then_find_then_show(self, vitrina, table):
        added = vitrina("add", table, "--key", "pilot/cells.csv")
        assert added.code == 0
        assert added.out.startswith("added ")
        assert "pilot/cells.csv  (table)" in added.out
        assert "pilot/cells.csv" in vitrina("find", "pilot").out
        assert "2 rows × 3 columns" in vitrina("show", "pilot/cells.csv").out

    def test_the_same_again_changes_nothing(self, vitrina, table):
        vitrina("add", table)
        assert vitrina("add", table).out.startswith("unchanged ")
        assert vitrina("find", "--json").json["total"] == 1

    def test_other_bytes_under_the_key_are_a_new_version(self, vitrina, table):
        vitrina("add", table, "--key", "cells.csv")
        table.write_text(table.read_text() + "c,1.0,2.0\n")
        vitrina("add", table, "--key", "cells.csv")
        found = vitrina("find", "--all-versions", "--json").json["items"]
        assert [item["uid"][-4:] for item in found] == ["0002", "0001"]
        assert [item["is_latest"] for item in found] == [True, False]

    def test_prints_records_as_json(self, vitrina, table):
        (record,) = vitrina("add", table, "--json").json
        assert record["format"] == "table"
        assert record["content"]["elements"][0]["n_obs"] == 2

    def test_of_nothing_names_the_path_and_exits_with_3(self, vitrina):
        ran = vitrina("add", "/no/such/file")
        assert ran.code == 3
        assert "/no/such/file" in ran.err

    def test_of_several_goes_on_after_a_failure_and_says_which(self, vitrina, table):
        ran = vitrina("add", "/no/such/file", table)
        assert ran.code == 3
        assert "/no/such/file: path-missing" in ran.err
        assert vitrina("find", "--json").json["total"] == 1

    def test_in_place_copies_nothing_and_leaves_the_mode_alone(self, vitrina, table):
        mode = table.stat().st_mode
        assert vitrina("add", table, "--in-place").code == 0
        assert table.stat().st_mode == mode
        assert not (vitrina.folder / "data").exists() or not any((vitrina.folder / "data").rglob("*.csv"))
        shown = vitrina("show", table.name).out.replace("│", "")
        assert str(table.parent) in "".join(shown.split())  # a long path goes over several lines

    def test_of_the_instance_itself_is_refused(self, vitrina):
        ran = vitrina("add", ".")
        assert ran.code == 2
        assert ran.err.startswith("path-inside-instance")

    def test_of_an_unknown_format_stores_it_and_says_so(self, vitrina, tmp_path):
        path = tmp_path.parent / f"{tmp_path.name}.bin"
        path.write_bytes(os.urandom(100))
        ran = vitrina("add", path)
        assert ran.code == 0
        assert "format-unknown" in ran.err

    def test_interrupted_keeps_nothing_and_exits_with_130(self, vitrina, tmp_path):
        folder = tmp_path.parent / f"{tmp_path.name}-many"
        folder.mkdir()
        for number in range(4000):
            (folder / str(number)).write_bytes(b"x" * 5000)
        adding = subprocess.Popen(
            [sys.executable, "-m", "vitrina", "add", str(folder)],
            cwd=vitrina.folder,
            stderr=subprocess.PIPE,
            text=True,
        )
        staging = vitrina.folder / "data" / ".staging"
        for _ in range(3000):
            if staging.is_dir() and any(staging.rglob("*")):
                break
            time.sleep(0.01)
        adding.send_signal(signal.SIGINT)
        _, err = adding.communicate(timeout=60)
        assert adding.returncode == EXIT_INTERRUPTED
        assert "Interrupted" in err
        assert "Traceback" not in err
        assert [path for path in (vitrina.folder / "data").rglob("*") if path != staging] == []
        assert vitrina("find", "--json").json["total"] == 0


class TestFind:
    def test_in_an_empty_catalog_names_the_next_step(self, vitrina):
        assert vitrina("find").out == "The catalog is empty. Next: vitrina add SRC.\n"

    def test_without_a_match_says_so(self, vitrina):
        assert vitrina("find", "nothing").out == "Nothing matches.\n"

    def test_prints_the_page_as_the_api_does(self, vitrina, table):
        vitrina("add", table)
        page = vitrina("find", "--json").json
        assert set(page) == {"items", "total", "next_cursor", "facets", "hints"}

    def test_with_a_limit_out_of_range_is_an_input_error(self, vitrina):
        assert vitrina("find", "--limit", "0").code == 2


class TestShow:
    def test_of_an_unknown_key_is_not_found_and_names_the_nearest(self, vitrina, table):
        vitrina("add", table, "--key", "pilot/cells.csv")
        ran = vitrina("show", "pilot/cell.csv")
        assert ran.code == 3
        assert "pilot/cells.csv" in ran.err

    def test_error_as_json_has_code_and_hint(self, vitrina):
        ran = vitrina("show", "nothing", "--json")
        assert ran.code == 3
        assert json.loads(ran.out)["code"] == "ref-not-found"


def test_without_an_instance_the_error_names_init(vitrina, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "nothing"))
    ran = type(vitrina)(tmp_path.parent)("find")
    assert ran.code == 3
    assert "vitrina init" in ran.err


def test_wrong_usage_exits_with_2(vitrina):
    assert vitrina("no-such-verb").code == 2
    assert vitrina("add").code == 2


def test_a_busy_port_is_a_conflict_that_names_the_port_option(vitrina):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = vitrina("serve", "--port", taken.getsockname()[1])
    assert ran.code == 4
    assert "--port" in ran.err
