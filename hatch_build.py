"""Puts the built web assets into the wheel and the source distribution.

In a checkout the assets are brought up to date first (``make web``, which needs Node.js); a source distribution carries
them, so that a wheel made from it needs no Node.js. Editable installs never come here: they show a page that names
``make web`` until the assets are built.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = "src/vitrina/server/assets"


class WebAssetsHook(BuildHookInterface[Any]):
    """The hook that hatchling runs before it collects files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        if (root / "web" / "package.json").is_file():
            subprocess.run(["make", "web"], cwd=root, check=True)
        if not (root / ASSETS / "hub" / "index.html").is_file():
            raise RuntimeError(f"The web assets are missing in {root / ASSETS}. Run `make web` first.")
        build_data["artifacts"].append(f"/{ASSETS}/**")
