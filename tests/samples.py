"""Real datasets, and code that users already write, beside the repository in ``../shared``."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def get(name: str) -> Path:
    """The path of a sample; the test is skipped where the samples are absent, but never under CI."""
    path = SHARED / "data" / name
    if path.exists():
        return path
    message = f"../shared/data is not here: {path} is needed"
    if not (SHARED / "data").exists() and not os.environ.get("CI"):
        pytest.skip(message)
    pytest.fail(message)


def list_code_blocks(document: str) -> list[str]:
    """The Python code in a document of ``../shared/seeds``, given by its number; absent ones are as in ``get``."""
    found = sorted((SHARED / "seeds").glob(f"{document}_*.txt"))
    if found:
        return re.findall(r"```python\n(.*?)```", found[0].read_text(encoding="utf-8"), re.DOTALL)
    message = f"../shared/seeds is not here: document {document} is needed"
    if not (SHARED / "seeds").exists() and not os.environ.get("CI"):
        pytest.skip(message)
    pytest.fail(message)
