import re
from pathlib import Path

from vitrina.checks.formats.codes import CODES, build_finding

ROOT = Path(__file__).resolve().parents[4]
SOURCES = ROOT / "src/vitrina/checks/formats"
SHARED = ROOT / "src/vitrina/checks/limits.py"
PAGE = ROOT / "docs/reference/findings-formats.md"

# made of the name of an axis
_MADE = {
    "obs-length-differs", "var-length-differs", "modality-obs-differs", "modality-var-differs",
}  # fmt: skip


def test_every_code_is_used_and_every_used_code_is_told():
    sources = [path for path in SOURCES.rglob("*.py") if path.name != "codes.py"]
    text = "".join(path.read_text() for path in (*sources, SHARED))
    used = {word for word in re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', text) if word in CODES}
    assert set(CODES) - used == _MADE
    given = set(re.findall(r'(?:build_finding|BrokenNodeError|DamagedTiffError)\(\s*"([a-z0-9-]+)"', text))
    assert given <= set(CODES)


def test_the_page_of_codes_is_that_of_the_table():
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (error|warning|info) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [(code, one.severity, one.meaning) for code, one in CODES.items()]


def test_a_finding_is_as_bad_as_the_table_says():
    assert build_finding("names-repeated", "obs#", "Names repeat.").severity == "warning"
