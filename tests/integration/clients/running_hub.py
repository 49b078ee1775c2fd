"""A hub in a process of its own, on loopback, with datasets registered where they lie."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import samples

from vitrina.verbs.init import init

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.artifact import Artifact
    from vitrina.verbs.instance import Instance

PLANES = {2: "zarr", 3: "zarr3"}


class Hub:
    """Where datasets are found. They are added when they are first asked for, beside the running server."""

    def __init__(self, instance: Instance, url: str) -> None:
        self.instance = instance
        self.url = url
        self._added: dict[Path, Artifact] = {}

    def add(self, path: Path) -> Artifact:
        """The artifact of a file or folder."""
        if path not in self._added:
            key = f"{len(self._added):03}/{path.name}"
            self._added[path] = self.instance.add(path, key=key, in_place=True).artifact
        return self._added[path]

    def add_sample(self, name: str) -> Artifact:
        """The artifact of a dataset of ``../shared/data``."""
        return self.add(samples.get(name))

    def build_zarr_url(self, artifact: Artifact, zarr_format: int, node: str = "") -> str:
        """Where the gateway serves it, or a node of it."""
        return f"{self.url}/{PLANES[zarr_format]}/{artifact.uid}" + (f"/{node}" if node else "")

    def build_data_url(self, artifact: Artifact, inside: str = "") -> str:
        """Where its stored bytes are."""
        return f"{self.url}/data/{artifact.uid}/{artifact.basename}" + (f"/{inside}" if inside else "")


@contextmanager
def run_hub(folder: Path) -> Iterator[Hub]:
    """A new instance, and ``vitrina serve`` for it on a free port."""
    instance = init(folder).instance
    program = Path(sys.executable).parent / "vitrina"
    with subprocess.Popen(
        [program, "--instance", folder, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "XDG_STATE_HOME": str(folder.parent)},
    ) as process:
        try:
            line = process.stdout.readline()
            yield Hub(instance, next(word for word in line.split() if word.startswith("http://")))
        finally:
            process.terminate()
