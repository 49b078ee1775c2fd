"""The page on hostile files names controls and tests that exist, and leaves no test of hostile files out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/reference/hostile-files.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ") and " | `" in line]
RISKS = [row for row in ROWS if len(row) == 4 and ".py" in row[2]]
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/integration/hostile").glob("test_*.py"))


@pytest.mark.parametrize("row", RISKS, ids=lambda row: row[0][:60])
def test_every_control_and_test_of_the_page_exists(row):
    for path, name in re.findall(r"`([a-z_0-9/]+\.py): (\w+)`", row[2]):
        source = (ROOT / "src/vitrina" / path).read_text(encoding="utf-8")
        assert re.search(rf"^(?:def|class) {name}\b|^{name} = ", source, re.MULTILINE), f"{path} has no {name}"
    named = re.findall(r"`(test_\w+)`", row[3])
    assert named
    for name in named:
        assert f"def {name}(" in TESTS, name


def test_the_page_is_read_whole():
    assert len(RISKS) == PAGE.count(".py: ") - sum(row[2].count(".py: ") - 1 for row in RISKS)
    assert len(RISKS) > 30


def test_the_codes_of_the_sandbox_are_those_of_the_page():
    source = (ROOT / "src/vitrina/sandbox/sandbox.py").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(reader-[a-z-]+)` \|", PAGE, re.MULTILINE)) == set(
        re.findall(r'"(reader-[a-z-]+)"', source)
    )


def test_the_limits_of_the_page_are_those_of_the_sandbox():
    from vitrina.sandbox.limits import Limits

    limits = Limits()
    assert limits.memory_bytes == 2 * 2**30
    assert "2 GiB of memory" in PAGE
    assert f"{limits.cpu_s} seconds of processors and {limits.wall_s:g} seconds in all" in PAGE
