"""Where this user keeps what can be made again."""

from __future__ import annotations

import os
from pathlib import Path


def get_user_caches() -> Path:
    """Our folder for caches; not made yet.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "vitrina"
