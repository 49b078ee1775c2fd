"""Checks of the documentation that need no run: links lead somewhere, every verb and decision is listed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def find_broken_links(pages: list[Path]) -> list[str]:
    """Relative links in Markdown pages that lead to no file."""
    return [
        f"{page.relative_to(ROOT)}: {target} does not exist"
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]


def find_unlisted(pages: list[Path]) -> list[str]:
    """Pages below docs/ that no other page links to."""
    linked = {
        (page.parent / target).resolve()
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target
    }
    return [
        f"{page.relative_to(ROOT)}: no page links to it"
        for page in pages
        if page.resolve() not in linked and page.name != "README.md"
    ]


def main() -> None:
    """Print what is wrong and fail when there is something."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    problems = find_broken_links(pages) + find_unlisted(pages)
    print("\n".join(problems) or f"docs: {len(pages)} pages, every link leads somewhere, every page is linked")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
