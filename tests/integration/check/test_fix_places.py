"""In place, beside, interrupted: the original or the complete result, never a mix."""

import errno
import os
import signal
import subprocess
import sys

import pytest
import zarr
from fixable import edit, hash_tree, list_codes, make_pixels, write_store

from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.verbs import fix_place, fix_write
from vitrina.verbs.fix import fix


@pytest.fixture
def store(tmp_path):
    path = write_store(tmp_path / "it.zarr", 3, make_pixels())
    edit(path, 3, lambda block: block["multiscales"][0]["axes"][1].update(unit="um"))
    return path


def test_a_copy_is_repaired_and_the_original_stays(store, tmp_path):
    before = hash_tree(store)
    done = fix(store, out=tmp_path / "deep" / "out.zarr")
    assert hash_tree(store) == before
    assert (done.out, done.backup) == (tmp_path / "deep" / "out.zarr", None)
    assert list_codes(done.out) == set()
    assert not {path.stat().st_ino for path in store.rglob("*")} & {path.stat().st_ino for path in done.out.rglob("*")}


@pytest.mark.parametrize("has_links", [True, False])
def test_the_backup_holds_the_bytes_of_the_original_whatever_is_written(store, has_links, monkeypatch):
    if not has_links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "no")))
    before = hash_tree(store)
    done = fix(store)
    assert hash_tree(done.backup) == before
    shared = {path.stat().st_ino for path in store.rglob("*")} & {path.stat().st_ino for path in done.backup.rglob("*")}
    assert bool(shared) == has_links, "pixels that stay are one file with two names, where the disk can"
    edit(store, 3, lambda block: block.update(own="changed"))  # zarr-python replaces files
    zarr.open_array(store / "0", mode="r+")[...] = 0
    assert hash_tree(done.backup) == before


def test_a_second_backup_is_refused_and_nothing_happens(store):
    fix(store)
    edit(store, 3, lambda block: block["multiscales"][0]["axes"][1].update(unit="nm "))
    before = hash_tree(store.parent)
    with pytest.raises(ConflictError) as caught:
        fix(store)
    assert caught.value.code == "backup-exists"
    assert hash_tree(store.parent) == before


def test_places_that_cannot_be(store, tmp_path):
    with pytest.raises(ConflictError):
        fix(store, out=tmp_path)
    with pytest.raises(InputError):
        fix(store, out=store / "inside")
    with pytest.raises(NotFoundError):
        fix(tmp_path / "absent")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["it.zarr"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("step", ["write_new", "exchange"])
def test_what_stops_on_the_way_leaves_the_original(store, monkeypatch, error, step):
    before = hash_tree(store.parent)

    def stop(*_):
        raise error("stopped")

    monkeypatch.setattr(fix_write if step == "write_new" else fix_place, step, stop)
    with pytest.raises(error):
        fix(store)
    assert hash_tree(store.parent) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from vitrina.verbs import fix_place
from vitrina.verbs.fix import fix

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

step = sys.argv[2]
if step == "before":
    fix_place.exchange = kill
elif step == "after":
    exchange = fix_place.exchange
    fix_place.exchange = lambda one, other, aside: (exchange(one, other, aside), kill())
else:
    def exchange(one, other, aside):  # where there is no exchange: between the two renames
        other.rename(other.with_name(other.name + ".backup"))
        kill()
    fix_place.exchange = exchange
fix(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("step", ["before", "after", "between"])
def test_a_kill_leaves_one_or_the_other_and_the_next_repair_finishes(store, step):
    before = hash_tree(store)
    killed = subprocess.run([sys.executable, "-c", KILLED, store, step], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    backup = store.with_name("it.zarr.backup")
    if step == "before":
        assert hash_tree(store) == before
    elif step == "after":
        assert list_codes(store) == set()
    else:
        assert hash_tree(backup) == before
        assert not store.exists()
    done = fix(store)
    assert bool(done.repairs) == (step == "before"), "what had been complete is finished, not made again"
    assert list_codes(store) == set()
    assert hash_tree(backup) == before
    assert sorted(path.name for path in store.parent.iterdir()) == ["it.zarr", "it.zarr.backup"]
