"""Puts the built web assets and reference ontologies into the wheel and the source distribution.

In a checkout they are brought up to date first (``make web``, which needs Node.js, and ``make ontology``); a source
distribution carries them, so that a wheel made from it needs neither. Editable installs never come here: they name the
recipe until it was run.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = "src/vitrina/server/assets"
ONTOLOGIES = "src/vitrina/ontology/reference.sqlite"


class BuiltFilesHook(BuildHookInterface[Any]):
    """The hook that hatchling runs before it collects files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        if (root / "web" / "package.json").is_file():
            subprocess.run(["make", "web", "ontology"], cwd=root, check=True)
        if not (root / ASSETS / "hub" / "index.html").is_file():
            raise RuntimeError(f"The web assets are missing in {root / ASSETS}. Run `make web` first.")
        if not (root / ONTOLOGIES).is_file():
            raise RuntimeError(f"The reference ontologies are missing: {root / ONTOLOGIES}. Run `make ontology` first.")
        build_data["artifacts"] += [f"/{ASSETS}/**", f"/{ONTOLOGIES}"]
