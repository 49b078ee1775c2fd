"""``vitrina check``: exit codes, shapes, addresses, artifacts, and where else its findings are met."""

from __future__ import annotations

import json
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import httpx
import numpy as np
import pytest
import tifffile
import zarr

from vitrina.server.app import build_app
from vitrina.server.background import BackgroundServer
from vitrina.verbs.connect import connect

KEYS = {"source", "valid", "version", "kind", "findings"}


@pytest.fixture
def image(vitrina):
    """A valid OME-Zarr 0.5, and the folder that it lies in."""
    pixels = np.arange(3 * 40 * 50, dtype="uint16").reshape(3, 40, 50)
    tifffile.imwrite(vitrina.folder / "a.tif", pixels, photometric="minisblack", metadata={"axes": "CYX"})
    assert vitrina("convert", "a.tif", "a.ome.zarr").code == 0
    return vitrina.folder / "a.ome.zarr"


def break_image(image):
    """Name an array that is not there."""
    path = image / "zarr.json"
    document = json.loads(path.read_text())
    document["attributes"]["ome"]["multiscales"][0]["datasets"][0]["path"] = "absent"
    path.write_text(json.dumps(document))


def test_what_is_valid_exits_with_zero(vitrina, image):
    ran = vitrina("check", "a.ome.zarr")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("a.ome.zarr: valid (image 0.5)")


def test_what_is_broken_exits_with_one_and_names_the_place(vitrina, image):
    break_image(image)
    ran = vitrina("check", "a.ome.zarr")
    assert ran.code == 1
    assert "error   array-missing  #/ome/multiscales/0/datasets/0/path" in ran.out
    assert vitrina("check", "a.ome.zarr", "--metadata-only").code == 0


@pytest.mark.parametrize("name", ["nothing.zarr", "notes.txt", "cut.h5ad"])
def test_what_cannot_be_checked_exits_with_two(vitrina, name):
    (vitrina.folder / "notes.txt").write_text("not data")
    (vitrina.folder / "cut.h5ad").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(50))
    ran = vitrina("check", name, "--json")
    assert ran.code == 2
    assert set(ran.json) == KEYS
    assert (ran.json["source"], ran.json["valid"]) == (name, False)
    assert ran.json["findings"][0]["severity"] == "error"


def test_json_lines_are_one_report_a_line_in_the_order_given(vitrina, image):
    ran = vitrina("check", "nothing", "a.ome.zarr", "a.tif", "--json-lines")
    reports = [json.loads(line) for line in ran.out.splitlines()]
    assert [(one["source"], one["valid"]) for one in reports] == [
        ("nothing", False),
        ("a.ome.zarr", True),
        ("a.tif", True),
    ]
    assert all(set(one) == KEYS for one in reports)
    assert ran.code == 2


def test_strict_makes_errors_of_warnings(vitrina, image):
    warned = vitrina("check", "a.ome.zarr", "--json").json
    assert warned["valid"]
    assert "axis-unit-missing" in {one["code"] for one in warned["findings"] if one["severity"] == "warning"}
    ran = vitrina("check", "a.ome.zarr", "--strict", "--json")
    assert (ran.code, ran.json["valid"]) == (1, False)


def test_documents_of_one_hierarchy_are_the_hierarchy(vitrina, image):
    documents = [path.relative_to(vitrina.folder) for path in image.rglob("zarr.json")]
    assert len(documents) > 1
    ran = vitrina("check", *documents, "--json")
    assert (ran.code, ran.json["source"]) == (0, "a.ome.zarr")


def test_the_page_has_every_report_and_escapes_what_is_in_the_data(vitrina, image):
    (vitrina.folder / "<b>.zarr").mkdir()
    ran = vitrina("check", "a.ome.zarr", "<b>.zarr", "--html", "page.html")
    assert ran.code == 2
    page = (vitrina.folder / "page.html").read_text()
    assert "1 of 2 valid" in page
    assert "&lt;b&gt;.zarr" in page
    assert "<b>.zarr" not in page
    assert "http" not in page.replace("https://", "http")  # nothing is fetched


def test_an_artifact_is_checked_by_its_key_or_uid(vitrina, image):
    uid = vitrina("add", "a.ome.zarr", "--key", "scans/a.ome.zarr", "--json").json[0]["uid"]
    shutil.rmtree(image)
    for ref in ("scans/a.ome.zarr", uid):
        ran = vitrina("check", ref, "--json")
        assert (ran.code, ran.json["source"], ran.json["kind"]) == (0, ref, "image")


def test_findings_are_stored_with_the_artifact_that_is_added(vitrina):
    root = zarr.open_group(vitrina.folder / "odd.zarr", mode="w", zarr_format=2)
    root.create_array("0", data=np.zeros((4, 4), "uint8"), chunks=(4, 4))
    scale = [{"type": "scale", "scale": [1.0, 1.0]}]
    axes = [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]
    root.attrs["multiscales"] = [
        {"version": "0.4", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}
    ]
    root.attrs["omero"] = {"channels": [{"color": "blue", "window": {"start": 0, "end": 1, "min": 0, "max": 1}}]}
    told = {one["code"] for one in vitrina("check", "odd.zarr", "--metadata-only", "--json").json["findings"]}
    stored = vitrina("add", "odd.zarr", "--json").json[0]["content"]["findings"]
    assert told
    assert told <= {one["code"] for one in stored}


def test_the_server_checks_an_artifact_as_the_command_line_does(vitrina, image):
    uid = vitrina("add", "a.ome.zarr", "--json").json[0]["uid"]
    for purpose in ("specification", "viewer"):
        wanted = vitrina("check", uid, "--json", "--for", purpose).json
        with BackgroundServer(build_app(connect(vitrina.folder))) as server:
            answer = httpx.get(
                f"{server.url}/api/v1/artifacts/{uid}/check", params={"purpose": purpose}, trust_env=False
            )
        assert answer.status_code == 200
        assert answer.json() == wanted | {"source": "a.ome.zarr"}


@pytest.fixture
def address(vitrina):
    """The folder behind a plain web server that says nothing of what it serves."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=vitrina.folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_is_checked_as_the_folder_is(vitrina, image, address):
    by_address, by_path = (vitrina("check", one, "--json").json for one in (f"{address}/a.ome.zarr", "a.ome.zarr"))
    assert by_address | {"source": ""} == by_path | {"source": ""}
    break_image(image)
    assert vitrina("check", f"{address}/a.ome.zarr").code == 1
    assert vitrina("check", f"{address}/nothing.zarr").code == 2
