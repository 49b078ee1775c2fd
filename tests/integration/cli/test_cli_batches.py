"""Many sources in one call: what is made, told and gone on with. Pixels are compared with what was written."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
import tifffile
import zarr
from click.testing import CliRunner

from vitrina.cli.convert import command as convert_command
from vitrina.cli.main import cli
from vitrina.verbs import convert_many as module
from vitrina.verbs.convert_many import Item, do_each, plan_targets
from vitrina.verbs.init import init

PIXELS = np.random.default_rng(1).integers(0, 4000, (3, 64, 64), dtype=np.uint16)


@pytest.fixture
def slides(tmp_path):
    folder = tmp_path / "slides"
    folder.mkdir()
    for number in range(3):
        metadata = {"axes": "CYX"}
        tifffile.imwrite(folder / f"s{number}.ome.tif", PIXELS + number, ome=True, metadata=metadata)
    (folder / "broken.tif").write_bytes(b"II*\0" + bytes(10))
    return folder


def run(*arguments):
    return CliRunner().invoke(cli, list(map(str, arguments)))


def test_each_source_gets_its_result_and_one_that_fails_stops_no_other(slides, tmp_path):
    out = tmp_path / "out"
    done = run("convert", slides / "s0.ome.tif", slides / "broken.tif", slides / "s1.ome.tif", out)
    assert done.exit_code == 1
    assert {path.name for path in out.iterdir()} == {"s0.ome.zarr", "s1.ome.zarr"}
    for number in (0, 1):
        np.testing.assert_array_equal(zarr.open_group(out / f"s{number}.ome.zarr")["0"][...], PIXELS + number)
    assert "2 made, 1 failed" in done.output
    assert "tiff-damaged" in done.output or "broken.tif:" in done.output
    assert "source" in done.stdout.splitlines()[0]


def test_json_tells_the_findings_and_the_error_of_each(slides, tmp_path):
    plain = slides / "plain.tif"
    tifffile.imwrite(plain, PIXELS, photometric="minisblack", metadata=None)
    done = run("convert", plain, slides / "broken.tif", tmp_path / "out", "--json")
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    first, second = report["items"]
    assert (first["state"], first["kind"]) == ("made", "ome-zarr")
    assert "axis-guessed" in {finding["code"] for finding in first["findings"]}
    assert first["size_bytes"] > 0
    assert (second["state"], bool(second["error"]["code"]), report["stopped"]) == ("failed", True, False)


def test_the_same_call_leaves_what_is_made_and_tells_of_what_changed(slides, tmp_path):
    sources = [slides / "s0.ome.tif", slides / "s1.ome.tif"]
    assert run("convert", *sources, tmp_path / "out").exit_code == 0
    made = (tmp_path / "out" / "s0.ome.zarr" / "zarr.json").stat().st_mtime_ns
    again = run("convert", *sources, tmp_path / "out")
    assert (again.exit_code, "2 there already" in again.output) == (0, True)
    assert (tmp_path / "out" / "s0.ome.zarr" / "zarr.json").stat().st_mtime_ns == made
    tifffile.imwrite(sources[0], PIXELS + 9, ome=True, metadata={"axes": "CYX"})

    os.utime(sources[0], (4e9, 4e9))
    changed = run("convert", *sources, tmp_path / "out")
    assert (changed.exit_code, "target-older" in changed.output) == (1, True)
    assert run("convert", *sources, tmp_path / "out", "--overwrite").exit_code == 0
    np.testing.assert_array_equal(zarr.open_group(tmp_path / "out" / "s0.ome.zarr")["0"][...], PIXELS + 9)


def test_the_first_that_fails_stops_the_rest_when_that_is_asked_for(slides, tmp_path):
    done = run("convert", slides / "broken.tif", slides / "s0.ome.tif", tmp_path / "out", "--fail-fast")
    assert (done.exit_code, "1 failed, 1 not done" in done.output) == (1, True)


def test_an_interruption_tells_what_was_done_and_that_the_same_call_goes_on(slides, tmp_path, monkeypatch):
    real = module._convert

    def stop_at_second(item, *arguments, **options):
        if item.source.name == "s1.ome.tif":
            raise KeyboardInterrupt
        return real(item, *arguments, **options)

    monkeypatch.setattr(module, "_convert", stop_at_second)
    sources = sorted(slides.glob("s*.ome.tif"))
    done = run("convert", *sources, tmp_path / "out")
    assert done.exit_code == 130
    assert "1 made, 2 not done" in done.output
    assert "The same call goes on" in done.output
    monkeypatch.undo()
    again = run("convert", *sources, tmp_path / "out")
    assert (again.exit_code, "2 made, 1 there already" in again.output) == (0, True)


def test_two_sources_of_one_name_are_refused_before_anything_is_made(slides, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (slides / "s0.ome.tif").rename(other / "s1.tif")
    done = run("convert", slides / "s1.ome.tif", other / "s1.tif", tmp_path / "out")
    assert type(done.exception).__name__ == "InputError"
    assert not (tmp_path / "out").exists()


def test_one_source_goes_into_a_folder_that_is_there(slides, tmp_path):
    (tmp_path / "out").mkdir()
    assert run("convert", slides / "s0.ome.tif", tmp_path / "out", "--format", "ome-tiff").exit_code == 0
    assert (tmp_path / "out" / "s0.ome.tif").is_file()


def test_what_was_said_of_a_plain_file_counts_in_its_conversion(slides, tmp_path):
    target = tmp_path / "s0.ome.zarr"
    options = ["--pixel-size", "0.5,0.25", "--channel-name", "a", "--channel-name", "-", "--channel-name", "c"]
    assert (
        run(
            "convert", slides / "s0.ome.tif", target, *options, "--color", "red", "--color", "-", "--color", "-"
        ).exit_code
        == 0
    )
    attrs = zarr.open_group(target).attrs["ome"]
    scale = attrs["multiscales"][0]["datasets"][0]["coordinateTransformations"][0]["scale"]
    assert scale == [1.0, 0.5, 0.25]
    assert [channel["label"] for channel in attrs["omero"]["channels"]] == ["a", "Channel 1", "c"]
    assert attrs["omero"]["channels"][0]["color"].upper() == "FF0000"
    refused = run("convert", slides / "s1.ome.tif", tmp_path / "x.ome.zarr", "--channel-name", "a")
    assert "1 names were given for 3 channels" in str(refused.exception)


def test_several_are_added_and_converted_with_a_table(slides, tmp_path, monkeypatch):
    init(tmp_path / "hub")
    monkeypatch.setenv("VITRINA_INSTANCE", str(tmp_path / "hub"))
    done = run("add", slides / "s0.ome.tif", slides / "broken.tif", slides / "s1.ome.tif", "--convert")
    assert done.exit_code == 1
    assert "2 made, 1 failed" in done.output
    found = json.loads(run("find", "--json").stdout)
    assert {item["key"] for item in found["items"]} == {
        "s0.ome.tif",
        "s0.ome.zarr",
        "s1.ome.tif",
        "s1.ome.zarr",
    }


def test_an_override_is_said_told_and_taken_back_on_the_command_line(slides, tmp_path, monkeypatch):
    init(tmp_path / "hub")
    monkeypatch.setenv("VITRINA_INSTANCE", str(tmp_path / "hub"))
    run("add", slides / "s0.ome.tif")
    said = run(
        "override", "s0.ome.tif", "--pixel-size", "0.5,0.5", "--window", "0:100", "--window", "-", "--window", "-"
    )
    assert "pixel size     0.5, 0.5" in said.output
    assert "0:100, -, -" in said.output
    told = json.loads(run("override", "s0.ome.tif", "--json").stdout)
    assert told["elements"][0]["channel_windows"] == [[0.0, 100.0], None, None]
    assert "0.5 µm per pixel" in run("show", "s0.ome.tif").output
    assert "nothing is said" in run("override", "s0.ome.tif", "--clear").output
    wrong = run("override", "s0.ome.tif", "--color", "reddish")
    assert "#rrggbb" in str(wrong.exception)


def test_names_of_results_follow_the_format(tmp_path):
    sources = [tmp_path / "a.ome.tif", tmp_path / "b.h5ad", tmp_path / "run1.2"]
    items = plan_targets(sources, tmp_path, lambda source: "anndata-zarr" if source.suffix == ".h5ad" else "ome-zarr")
    assert [item.target.name for item in items] == ["a.ome.zarr", "b.anndata.zarr", "run1.2.ome.zarr"]


def test_what_failed_before_is_told_and_not_tried(tmp_path):
    failed = Item(source=tmp_path, target=tmp_path, state="failed", error=ValueError("x"))
    told = []
    batch = do_each([failed], lambda _: pytest.fail("tried"), tell=told.append)
    assert (batch.n_failed, told) == (1, [failed])


def test_help_lists_what_can_be_said():
    options = {option for parameter in convert_command.params for option in parameter.opts}
    assert {"--pixel-size", "--channel-name", "--axes", "--override-element", "--keep-going"} <= options
