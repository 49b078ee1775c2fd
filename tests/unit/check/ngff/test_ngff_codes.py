import re
from pathlib import Path

from vitrina.checks.ngff.codes import CODES, GROUPS

ROOT = Path(__file__).resolve().parents[4]
SOURCES = ROOT / "src/vitrina/checks/ngff"
SHARED = ROOT / "src/vitrina/checks/limits.py"
PAGE = ROOT / "docs/reference/findings-ngff.md"

# made of parts
_INDIRECT = {
    "label-colors-invalid", "label-properties-invalid", "omero-color-missing", "omero-window-missing",
    "plate-rows-missing", "plate-columns-missing", *(f"{line}-name-{what}" for line in ("row", "column") for what in
    ("missing", "invalid", "repeated")),
}  # fmt: skip


def test_every_code_is_used_and_every_used_code_is_told():
    sources = [path for path in SOURCES.rglob("*.py") if not path.name.startswith("codes")]
    text = "".join(path.read_text() for path in (*sources, SHARED))
    used = {word for word in re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', text) if word in CODES}
    assert set(CODES) - used == _INDIRECT
    named = set(re.findall(r'find(?:_reference)?\(\s*"([a-z0-9-]+)"', text))
    assert named <= set(CODES)


def test_no_code_is_in_two_groups():
    assert sum(len(group) for group in GROUPS.values()) == len(CODES)


def test_the_page_of_codes_is_that_of_the_table():
    pattern = r"^\| `([a-z0-9-]+)` \| (error|warning|info) \| (.+) \| (.+) \| (yes|no) \|$"
    rows = re.findall(pattern, PAGE.read_text(), re.MULTILINE)
    told = [
        (code, one.severity, one.meaning, one.section, "yes" if one.is_fixable else "no") for code, one in CODES.items()
    ]
    assert rows == told
