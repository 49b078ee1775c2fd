"""Versions, trash and collections as a user has them on the command line."""

import io
import json

import pandas as pd
import pytest


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path.parent / f"{tmp_path.name}-data"
    folder.mkdir()
    for name in "abc":
        (folder / name).write_text(name * 1000)
    return folder


@pytest.fixture
def table(tmp_path):
    path = tmp_path.parent / f"{tmp_path.name}-cells.csv"
    pd.DataFrame({"cell": ["a", "b"], "x": [0.5, 1.5]}).to_csv(path, index=False)
    return path


def test_add_says_how_much_is_shared(vitrina, folder):
    assert "sharing" not in vitrina("add", folder, "--key", "t").out
    (folder / "c").write_text("other")
    assert "sharing 2 of 3 files (2 kB) with what is stored" in vitrina("add", folder, "--key", "t").out
    assert "sharing its 1 kB with" not in vitrina("add", folder / "a", "--key", "a").out
    assert "sharing its 1 kB with what is stored" in vitrina("add", folder / "a", "--key", "copy").out


def test_diff_tells_contents_first_then_files(vitrina, table):
    vitrina("add", table, "--key", "cells.csv")
    pd.DataFrame({"cell": ["a", "b", "c"], "y": [1, 2, 3]}).to_csv(table, index=False)
    vitrina("add", table, "--key", "cells.csv")
    ran = vitrina("diff", "cells.csv@0001", "cells.csv")
    lines = ran.out.splitlines()
    assert "~ the file" in lines[-1]
    assert any(line.startswith("~ ") and "/n_obs  2 -> 3" in line for line in lines)
    assert any(line.startswith("- ") and "/obs_columns/x" in line for line in lines)
    assert any(line.startswith("+ ") and "/obs_columns/y" in line for line in lines)
    assert "Files: 1 changed, 0 unchanged." in ran.err
    as_json = vitrina("diff", "cells.csv@0001", "cells.csv", "--json").json
    assert [one["kind"] for one in as_json["files"]] == ["changed"]
    assert vitrina("diff", "cells.csv", "cells.csv").out == "The same bytes.\n"


def test_diff_lists_so_many_files_and_says_how_many_more(vitrina, folder):
    vitrina("add", folder, "--key", "t")
    for number in range(60):
        (folder / f"new{number:02}").write_text("x")
    vitrina("add", folder, "--key", "t")
    ran = vitrina("diff", "t@0001", "t")
    assert len(ran.out.splitlines()) == 50
    assert "60 added, 3 unchanged (10 not listed; --all-files lists them)" in ran.err
    assert len(vitrina("diff", "t@0001", "t", "--all-files").out.splitlines()) == 60


def test_checkout_makes_a_writable_copy_here(vitrina, folder):
    vitrina("add", folder, "--key", "t")
    ran = vitrina("checkout", "t")
    assert (ran.code, ran.out) == (0, f"t@0001 is at {vitrina.folder / folder.name}\n")
    (vitrina.folder / folder.name / "a").write_text("mine")
    assert vitrina("verify").code == 0
    again = vitrina("checkout", "t")
    assert (again.code, again.err.split(":")[0]) == (4, "path-taken")


def test_deleted_it_is_gone_and_restored_it_is_back(vitrina, folder):
    vitrina("add", folder, "--key", "t")
    ran = vitrina("delete", "t")
    assert ran.out.startswith("moved to the trash ")
    assert "vitrina restore" in ran.err
    assert vitrina("find", "--json").json["total"] == 0
    assert "t\n" in vitrina("restore", "--list").out
    assert vitrina("restore", "t").out.endswith("t, the latest version\n")
    assert vitrina("find", "--json").json["total"] == 1
    assert vitrina("restore", "--list").out == "The trash is empty.\n"
    assert vitrina("restore").code == 2


def test_deleted_for_good_it_asks_first(vitrina, folder, monkeypatch):
    vitrina("add", folder, "--key", "t")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert vitrina("delete", "t", "--permanent").code == 130
    assert vitrina("find", "--json").json["total"] == 1
    assert vitrina("delete", "t", "--permanent", "--yes").out.endswith("t, 3 kB freed\n")
    (deleted,) = vitrina("add", folder, "--key", "t", "--json").json
    assert deleted["uid"].endswith("0002")
    assert vitrina("delete", "t", "--permanent", "--yes", "--json").json[0]["freed_bytes"] == 3000


def test_verify_exits_with_1_and_names_the_file(vitrina, folder):
    vitrina("add", folder, "--key", "t")
    good = vitrina("verify", "t")
    assert (good.code, good.out) == (0, "1 artifact, 3 kB: all as saved.\n")
    stored = next((vitrina.folder / "data").glob("*/*/b"))
    stored.chmod(0o644)
    stored.write_text("B" * 1000)
    bad = vitrina("verify")
    assert bad.code == 1
    assert "error bytes-changed: t@0001" in bad.err
    assert json.loads(vitrina("verify", "--json").out)["findings"][0]["code"] == "bytes-changed"


def test_gc_says_what_would_go(vitrina, folder):
    vitrina("add", folder, "--key", "t")
    vitrina("delete", "t")
    assert vitrina("gc").out == "0 B were freed.\n"
    dry = vitrina("gc", "--older-than", "0d", "--dry-run")
    assert "would remove artifact t@0001" in dry.out
    assert dry.out.endswith("3 kB would be freed.\n")
    assert vitrina("gc", "--older-than", "0d", "--json").json["freed_bytes"] == 3000
    wrong = vitrina("gc", "--older-than", "soon")
    assert (wrong.code, wrong.err.split(":")[0]) == (2, "duration-malformed")


def test_a_collection_is_made_listed_shown_and_deleted(vitrina, folder):
    assert "vitrina collection create" in vitrina("collection", "list").out
    for name in "ab":
        vitrina("add", folder / name)
    made = vitrina("collection", "create", "cohort", "a", "b", "--description", "Both")
    assert made.out.endswith("cohort@0001  2 artifacts\n")
    vitrina("collection", "create", "cohort", "a")
    assert "cohort@0002  1 artifact\n" in vitrina("collection", "list").out
    assert len(vitrina("collection", "list", "--all-versions", "--json").json) == 2
    shown = vitrina("collection", "show", "cohort@0001")
    assert "Both" in shown.out
    assert [line.split()[-1] for line in shown.out.splitlines()[-2:]] == ["a", "b"]
    held = vitrina("delete", "b", "--permanent", "--yes")
    assert (held.code, held.err.split(":")[0]) == (4, "artifact-collected")
    assert vitrina("collection", "delete", "cohort").out.endswith("cohort@0002\n")
    assert vitrina("collection", "show", "cohort").out.splitlines()[0].endswith("2 artifacts")
