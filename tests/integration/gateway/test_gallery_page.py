"""docs/gallery.md shows every sample: what it calls drawn is drawn, and what it calls not drawn is not, for its reason.

That the pictures show the data is for the eye, and for ``make gallery``, which takes none of an empty canvas.
"""

import re
from pathlib import Path

import pytest
import samples
from PIL import Image

from vitrina.errors import VitrinaError
from vitrina.gateway.check_view import check_view
from vitrina.gateway.vitessce.plan import Urls
from vitrina.gateway.vitessce.view import plan_view
from vitrina.readers.source import open_source
from vitrina.verbs.read_content import read_content

DOCS = Path(__file__).resolve().parents[3] / "docs"
MAX_BYTES = 60_000


def read_rows():
    """Path of the sample, name of its picture if it has one, and the text of the row."""
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .*`.*$", page, re.MULTILINE)
    return {re.search("`(.*?)`", row)[1]: (re.search(r"\((images/\S+)\)", row), row) for row in rows}


ROWS = read_rows()
WAYS = {"/data": "as it lies", "/zarr": "through the gateway"}
IS_WITHHELD = re.compile("upstream contradicts itself")


def judge(path):
    """How the viewer reads a dataset, and why it cannot."""
    try:
        content = read_content(open_source(path))
    except VitrinaError as err:
        return None, err.message.replace(f"{samples.SHARED / 'data'}/", "")
    problems = [finding.message for finding in check_view(content) if finding.severity == "error"]
    if problems:
        return None, problems[0]
    plan = plan_view(content, Urls(data="/data", zarr="/zarr"))
    return {WAYS[file.url[:5]] for file in plan.files}, ""


@pytest.mark.parametrize("name", ROWS)
def test_a_row_says_what_the_viewer_does(name):
    picture, row = ROWS[name]
    ways, reason = judge(samples.get(name))
    assert {way for way in WAYS.values() if way in row} == (ways or set())
    if ways is None:
        assert picture is None
        assert reason in row


def test_every_sample_has_a_row():
    data = samples.get("LICENSES").parent
    conversions = (DOCS / "reference/conversions.md").read_text(encoding="utf-8")
    assert set(ROWS) == set(re.findall(r"^\| `(.*?)`", conversions, re.MULTILINE))
    folders = {path.parent.name for path in data.glob("*/SOURCE.md")}
    assert {name.split("/")[0] for name in ROWS} == folders


def test_every_picture_is_there_is_small_and_belongs_to_a_row():
    named = {DOCS / found[1] for found, _ in ROWS.values() if found}
    assert named == set((DOCS / "images/gallery").iterdir())
    for path in named:
        assert path.stat().st_size <= MAX_BYTES
        with Image.open(path) as picture:
            assert picture.size == (640, 400)


def test_pictures_are_given_away_only_under_a_licence_that_is_certain():
    data = samples.get("LICENSES").parent
    for name, (picture, row) in ROWS.items():
        said = re.search(r"^License: (.*)$", (data / name.split("/")[0] / "SOURCE.md").read_text(), re.MULTILINE)[1]
        is_withheld = IS_WITHHELD.search(said) is not None
        assert not (is_withheld and picture)
        if picture:
            assert said.replace("as recalled, not checked here", "unconfirmed") in row
