"""Files of strangers, from the command or Python to the thumbnail: their parsers run in the sandbox."""

from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import samples
import tifffile
from hostile_files import write_image

from vitrina.cli.main import main
from vitrina.errors import InputError, StorageError, UnreadableError
from vitrina.readers.registry import get_reader
from vitrina.sandbox.limits import Limits
from vitrina.sandbox.sandbox import Sandbox
from vitrina.settings import SettingsFile, read_settings_file, write_settings_file
from vitrina.verbs import add as add_verb
from vitrina.verbs import thumbnail
from vitrina.verbs.connect import connect
from vitrina.verbs.init import init
from vitrina.verbs.sandboxed import PRELOADED

EVIL_READER = '''
import ctypes, os, socket, time
from vitrina.model.content import Content

class Reader:
    """Does what the first line of a file says."""

    format = "evil"

    def detect(self, source):
        return source.head.startswith(b"EVIL ")

    def read_content(self, source):
        match source.head.split()[1]:
            case b"memory":
                bytearray(2**31)
            case b"spin":
                while True:
                    pass
            case b"crash":
                ctypes.string_at(0)
            case b"socket":
                socket.create_connection(("127.0.0.1", 80))
            case b"fork":
                while True:
                    os.fork()
            case b"write":
                source.path.with_name("written").write_text("x")
            case b"lie":
                return Lie()
        return Content(format=self.format)

    def read_preview(self, source, content, min_side_px):
        raise RuntimeError("no")

class Lie:
    pass
'''


@pytest.fixture(scope="module")
def evil(tmp_path_factory):
    """A package with a reader that does what files say, as someone else's package could."""
    folder = tmp_path_factory.mktemp("evil")
    (folder / "evil_reader.py").write_text(EVIL_READER)
    info = folder / "evil_reader-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil-reader\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[vitrina.readers]\nevil = evil_reader:Reader\n")
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHONPATH", str(folder), prepend=":")
    yield Sandbox(Limits(memory_bytes=2**28, cpu_s=2, wall_s=30), preloaded=PRELOADED)
    patch.undo()


@pytest.fixture
def instance(tmp_path, shared_sandbox):
    made = init(tmp_path / "lab").instance
    made.sandbox = shared_sandbox
    return made


@pytest.fixture
def guarded(instance, monkeypatch):
    """An instance whose own process refuses to read anything."""

    def refuse(*_, **__):
        raise AssertionError("a parser ran outside of the sandbox")

    monkeypatch.setattr("vitrina.verbs.read_content.find_reader", refuse)
    monkeypatch.setattr(add_verb, "find_broken", refuse)
    monkeypatch.setattr(thumbnail, "get_reader", refuse)
    monkeypatch.setattr("vitrina.readers.source.open_zip", refuse)
    return instance


def list_stored(instance):
    root = instance.settings.root / "data"
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


def write_h5ad(path):
    frame = pd.DataFrame({"kind": pd.Categorical(["a", "b"] * 20)}, index=[f"c{i}" for i in range(40)])
    table = ad.AnnData(np.eye(40, 3, dtype=np.float32), obs=frame, var=pd.DataFrame(index=["g0", "g1", "g2"]))
    table.obsm["spatial"] = np.random.default_rng(0).random((40, 2))
    table.write_h5ad(path)


def write_csv(path):
    path.write_text("cell,x,y\n" + "".join(f"{i},{i}.5,{i * i}\n" for i in range(50)))


def write_tiff(path):
    tifffile.imwrite(
        path, np.random.default_rng(0).integers(0, 999, (64, 64), np.uint16), metadata={"axes": "YX"}, ome=True
    )


WRITTEN = {"cells.h5ad": write_h5ad, "cells.csv": write_csv, "image.ome.tif": write_tiff, "image.zarr": write_image}


@pytest.mark.parametrize("name", WRITTEN)
def test_an_untrusted_file_is_described_and_drawn_as_any_other(guarded, tmp_path, name, monkeypatch):
    path = tmp_path / name
    WRITTEN[name](path)
    artifact = guarded.add(path, untrusted=True).artifact
    assert artifact.content.is_untrusted
    picture = guarded.read_thumbnail(artifact)
    assert picture[8:12] == b"WEBP"
    monkeypatch.undo()
    trusted = init(tmp_path / "other").instance.add(path).artifact
    assert replace(artifact.content, is_untrusted=False) == trusted.content
    preview = get_reader(trusted.format).read_preview(guarded.get_source(artifact), trusted.content, thumbnail.SIDE_PX)
    assert thumbnail.draw_source(guarded.get_source(artifact), trusted.content) == picture
    assert preview is not None


def test_an_untrusted_sample_in_a_zip_file_is_too(guarded):
    path = samples.get("ome-zarr-v04-2dt-labels/image.ome.zarr.zip")
    artifact = guarded.add(path, untrusted=True).artifact
    assert (artifact.format, artifact.content.is_untrusted) == ("ome-zarr", True)
    assert guarded.read_thumbnail(artifact)


def test_the_setting_puts_all_that_is_added_into_the_sandbox(tmp_path, monkeypatch):
    root = init(tmp_path / "lab").instance.settings.root
    file = read_settings_file(root)
    write_settings_file(
        root, SettingsFile(database_url=file.database_url, shared=replace(file.shared, isolate_readers=True))
    )
    instance = connect(root)
    asked = []
    call = instance.sandbox.call
    monkeypatch.setattr(
        instance.sandbox, "call", lambda task, *rest, **more: asked.append(task) or call(task, *rest, **more)
    )
    write_csv(tmp_path / "cells.csv")
    artifact = instance.add(tmp_path / "cells.csv").artifact
    instance.read_thumbnail(artifact)
    assert not artifact.content.is_untrusted
    assert [task.rpartition(":")[2] for task in asked] == ["describe", "draw"]


def test_what_is_trusted_starts_no_process(instance, tmp_path, monkeypatch):
    monkeypatch.setattr(Sandbox, "call", lambda *_, **__: pytest.fail("the sandbox was asked"))
    write_csv(tmp_path / "cells.csv")
    instance.read_thumbnail(instance.add(tmp_path / "cells.csv").artifact)


def test_a_check_of_what_is_untrusted_runs_in_the_sandbox(instance, tmp_path, monkeypatch):
    write_h5ad(tmp_path / "a.h5ad")
    artifact = instance.add(tmp_path / "a.h5ad", untrusted=True).artifact
    monkeypatch.setattr("vitrina.verbs.check.check", lambda *_, **__: pytest.fail("it was checked here"))
    report = instance.check_artifact(artifact)
    monkeypatch.undo()
    assert report == replace(instance.check(tmp_path / "a.h5ad"), source="a.h5ad")


@pytest.mark.parametrize(("deed", "codes"), [
    ("memory", {"reader-out-of-memory"}),
    ("spin", {"reader-too-slow"}),
    ("crash", {"reader-killed"}),
    ("socket", {"reader-failed"}),
    ("fork", {"reader-failed"}),
    ("write", {"reader-failed"}),
    ("lie", {"reader-failed", "reader-killed"}),
])  # fmt: skip
def test_a_hostile_parser_is_contained_and_leaves_nothing_half_added(instance, evil, tmp_path, deed, codes):
    path = tmp_path / "a.evil"
    path.write_text(f"EVIL {deed}\n")
    instance.sandbox = evil
    with pytest.raises(UnreadableError) as caught:
        instance.add(path, untrusted=True)
    assert caught.value.code in codes
    assert caught.value.where == str(path)
    assert instance.find().total == 0
    assert list_stored(instance) == []
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "state") == ["a.evil", "lab"]
    write_csv(tmp_path / "cells.csv")
    assert instance.add(tmp_path / "cells.csv", untrusted=True).is_new


def test_a_picture_that_fails_in_the_sandbox_is_none(instance, evil, tmp_path):
    path = tmp_path / "a.evil"
    path.write_text("EVIL nothing\n")
    instance.sandbox = evil
    artifact = instance.add(path, untrusted=True).artifact
    assert artifact.format == "evil"
    assert instance.read_thumbnail(artifact) is None


@pytest.mark.parametrize("answer", ["not base64!", 5, "AAAA", "UklGRgAAAABYWFhY"])
def test_a_picture_that_is_none_is_not_handed_on(instance, tmp_path, monkeypatch, answer):
    write_csv(tmp_path / "cells.csv")
    artifact = instance.add(tmp_path / "cells.csv", untrusted=True).artifact
    monkeypatch.setattr(instance.sandbox, "call", lambda *_, **__: answer)
    assert instance.read_thumbnail(artifact) is None


def test_a_link_out_of_an_untrusted_folder_is_told_before_anything_is_read(guarded, tmp_path):
    write_image(tmp_path / "theirs")
    (tmp_path / "theirs" / "0" / "0.1").symlink_to("/etc/passwd")
    with pytest.raises(StorageError) as caught:
        guarded.add(tmp_path / "theirs", untrusted=True)
    assert caught.value.code == "link-leaves-folder"
    assert guarded.find().total == 0


def run(*arguments):
    with pytest.raises(SystemExit) as caught:
        main([str(one) for one in arguments])
    return caught.value.code


def test_the_command_adds_what_is_untrusted(instance, tmp_path, capsys):
    write_csv(tmp_path / "cells.csv")
    root = instance.settings.root
    assert run("--instance", root, "add", tmp_path / "cells.csv", "--untrusted") == 0
    assert "added" in capsys.readouterr().out
    assert connect(root).show("cells.csv").content.is_untrusted


@pytest.mark.parametrize("option", [["--convert"], ["--schema", "s"]])
def test_what_would_read_all_outside_of_the_sandbox_cannot_go_with_it(instance, tmp_path, option, capsys):
    write_csv(tmp_path / "cells.csv")
    assert (
        run("--instance", instance.settings.root, "add", tmp_path / "cells.csv", "--untrusted", *option)
        == InputError.exit_code
    )
    assert "untrusted-read-whole" in capsys.readouterr().err
    assert instance.find().total == 0
