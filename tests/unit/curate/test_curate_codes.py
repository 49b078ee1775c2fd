import re
from pathlib import Path

from vitrina.curate.codes import CODES

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ROOT / "src/vitrina/curate"
PAGE = ROOT / "docs/reference/findings-curate.md"

# made of parts, or handed on
_INDIRECT = {"obs-length-differs", "var-length-differs", "obs-names-repeated", "var-names-repeated"}


def test_every_code_is_used_and_every_used_code_is_told():
    text = "".join(path.read_text() for path in SOURCES.rglob("*.py") if path.name != "codes.py")
    used = {word for word in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text) if word in CODES}
    assert set(CODES) - used == _INDIRECT


def test_the_page_of_codes_is_that_of_the_table():
    rows = re.findall(r"^\| `([a-z-]+)` \| (error|warning|info) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [(code, one.severity, one.meaning) for code, one in CODES.items()]
