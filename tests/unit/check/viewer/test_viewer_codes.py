import re
from pathlib import Path

from vitrina.checks.viewer.codes import CODES

ROOT = Path(__file__).resolve().parents[4]
SOURCES = ROOT / "src/vitrina/checks/viewer"
PAGE = ROOT / "docs/reference/viewer-readiness.md"


def test_every_code_is_used():
    text = "".join(path.read_text() for path in SOURCES.rglob("*.py") if path.name != "codes.py")
    used = {word for word in re.findall(r'"([a-z]+(?:-[a-z0-9]+)+)"', text) if word in CODES}
    assert set(CODES) == used


def test_the_page_of_codes_is_that_of_the_table():
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (error|warning|info) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [(code, one.severity, one.meaning) for code, one in CODES.items()]


def test_every_code_on_the_page_is_known_and_every_known_one_was_tried():
    text = PAGE.read_text()
    trials = text.split("## What was tried")[1].split("\n## ")[0]
    topics = text.split("## The viewer's troubleshooting page")[1]
    listed = set(re.findall(r"^\| `([a-z0-9-]+)` \|", trials, re.MULTILINE))
    assert listed == set(CODES)
    assert set(re.findall(r"`([a-z0-9]+-[a-z0-9-]+)`", topics)) <= set(CODES)
