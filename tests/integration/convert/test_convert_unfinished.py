"""Where a result grows before it appears: what is kept, what is thrown away, and who may work at it."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from vitrina.convert.unfinished import Unfinished
from vitrina.errors import ConflictError

RECIPE = {"source": "a", "level": 1}


@pytest.fixture
def target(tmp_path):
    return tmp_path / "image.ome.zarr"


def list_names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def interrupt(target, recipe=RECIPE):
    """Leave a part behind, with a journal: the context ends without a commit."""
    with Unfinished(target, recipe) as unfinished:
        unfinished.path.mkdir()
        (unfinished.path / "chunk").write_text("stored")
        unfinished.open_journal("a").append(0, [])


def test_nothing_is_seen_before_it_is_complete(target):
    with Unfinished(target, RECIPE) as unfinished:
        unfinished.path.mkdir()
        (unfinished.path / "chunk").write_text("stored")
        assert not unfinished.is_resumed
        assert not target.exists()
        assert list_names(target.parent) == [".image.ome.zarr.part"]
        unfinished.commit()
        assert (target / "chunk").read_text() == "stored"
    assert list_names(target.parent) == ["image.ome.zarr"]


def test_what_was_interrupted_goes_on_by_the_same_recipe(target):
    interrupt(target)
    assert not target.exists()
    with Unfinished(target, dict(reversed(RECIPE.items()))) as unfinished:
        assert unfinished.is_resumed
        assert (unfinished.path / "chunk").read_text() == "stored"
        assert unfinished.open_journal("a").done == [()]
        unfinished.commit()
    assert list_names(target.parent) == ["image.ome.zarr"]


@pytest.mark.parametrize("recipe", [{"source": "b", "level": 1}, {"source": "a", "level": 2}, {"source": "a"}])
def test_by_another_recipe_it_is_thrown_away(target, recipe):
    interrupt(target)
    with Unfinished(target, recipe) as unfinished:
        assert not unfinished.is_resumed
        assert not unfinished.path.exists()
        assert unfinished.open_journal("a").done == []
        unfinished.path.write_text("another")
        unfinished.commit()
    assert target.read_text() == "another"


def test_what_stopped_before_anything_was_written_is_no_part(target):
    with Unfinished(target, RECIPE):
        pass
    with Unfinished(target, RECIPE) as unfinished:
        assert not unfinished.is_resumed


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_result_that_is_there_is_not_replaced_unasked(target, is_folder):
    target.mkdir() if is_folder else target.write_text("before")
    with pytest.raises(ConflictError) as caught:
        Unfinished(target, RECIPE)
    assert caught.value.code == "target-exists"
    assert list_names(target.parent) == ["image.ome.zarr"]


def test_asked_to_it_is_replaced_whatever_it_was(target):
    for before, after in (("folder", "file"), ("file", "folder"), ("folder", "folder")):
        if not target.exists():
            target.mkdir()
            (target / "old").touch()
        assert target.is_dir() == (before == "folder")
        with Unfinished(target, RECIPE, overwrites=True) as unfinished:
            unfinished.path.write_text("new") if after == "file" else unfinished.path.mkdir()
            assert target.exists(), "until the new one is complete"
            unfinished.commit()
        assert list_names(target.parent) == ["image.ome.zarr"]
        assert (list_names(target) == []) if after == "folder" else (target.read_text() == "new")


def test_what_comes_meanwhile_is_not_replaced(target):
    with Unfinished(target, RECIPE) as unfinished:
        unfinished.path.mkdir()
        target.write_text("of somebody else")
        with pytest.raises(ConflictError):
            unfinished.commit()
    assert target.read_text() == "of somebody else"
    assert unfinished.path.exists()


def test_companions_come_with_the_result_and_replace_what_is_there(tmp_path):
    target = tmp_path / "image.ome.tif"
    (tmp_path / "image.offsets.json").write_text("old")
    with Unfinished(target, RECIPE) as unfinished:
        unfinished.path.write_text("tiff")
        companion = unfinished.path.with_name("image.offsets.json")
        companion.write_text("new")
        assert (tmp_path / "image.offsets.json").read_text() == "old"
        unfinished.commit(companion)
    assert list_names(tmp_path) == ["image.offsets.json", "image.ome.tif"]
    assert (tmp_path / "image.offsets.json").read_text() == "new"


def stop_between_the_last_steps(target, content):
    """What was there is moved away already, and the new result is not moved in yet."""
    rename, renamed = Path.rename, []

    def stop(path, to):
        if renamed:
            raise KeyboardInterrupt
        renamed.append(to)
        return rename(path, to)

    with pytest.MonkeyPatch.context() as patch, Unfinished(target, RECIPE, overwrites=True) as unfinished:
        unfinished.path.write_text(content)
        patch.setattr(Path, "rename", stop)
        with pytest.raises(KeyboardInterrupt):
            unfinished.commit()
    assert not target.exists()


def test_stopped_between_the_last_steps_it_goes_on(target):
    target.write_text("old")
    stop_between_the_last_steps(target, "new")
    with Unfinished(target, RECIPE, overwrites=True) as unfinished:
        assert unfinished.is_resumed
        unfinished.commit()
    assert target.read_text() == "new"
    assert list_names(target.parent) == ["image.ome.zarr"]


def test_stopped_between_the_last_steps_what_was_there_is_not_lost(target):
    target.write_text("old")
    stop_between_the_last_steps(target, "new")
    with Unfinished(target, {"source": "another"}, overwrites=True) as unfinished:
        assert not unfinished.is_resumed
        assert target.read_text() == "old"
    stop_between_the_last_steps(target, "newer")
    before = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(ConflictError) as caught:
        Unfinished(target, RECIPE)
    assert caught.value.code == "target-exists"
    assert target.read_text() == "old"
    assert set(Path("/proc/self/fd").iterdir()) == before


HOLD = """
    import sys
    from pathlib import Path
    from vitrina.convert.unfinished import Unfinished

    with Unfinished(Path(sys.argv[1]), {"source": "a", "level": 1}) as unfinished:
        unfinished.path.mkdir()
        print("held", flush=True)
        sys.stdin.read()
"""


def test_one_process_at_a_time_makes_a_result(target):
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLD), target], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    before = list_names(target.with_name(".image.ome.zarr.part"))
    with pytest.raises(ConflictError) as caught:
        Unfinished(target, {"source": "another"})
    assert caught.value.code == "target-being-made"
    assert list_names(target.with_name(".image.ome.zarr.part")) == before
    holder.kill()
    holder.communicate()
    with Unfinished(target, RECIPE) as unfinished:
        assert unfinished.is_resumed, "the lock of a process that was killed is gone with it"


def test_no_file_stays_open(target):
    before = set(Path("/proc/self/fd").iterdir())
    interrupt(target)
    with Unfinished(target, RECIPE) as unfinished:
        unfinished.open_journal("a")
        unfinished.open_journal("b")
        unfinished.commit()
    with pytest.raises(ConflictError):
        Unfinished(target, RECIPE)
    assert set(Path("/proc/self/fd").iterdir()) == before


def test_without_a_folder_to_put_it_in_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Unfinished(tmp_path / "absent" / "image.ome.zarr", RECIPE)
