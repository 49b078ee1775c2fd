"""A PostgreSQL server whose data stay, so that a large catalog need not be filled for each measurement."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from clusters import SUPERUSER, Cluster, find_programs, plan_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def run_kept_cluster(folder: Path) -> Iterator[Cluster]:
    """A server while the block runs, on loopback sockets alone, with PostgreSQL's own defaults: writes are durable.

    Raises:
        PostgresqlMissingError: It is not installed, or cannot be started by this user.
    """
    programs, prefix = find_programs(), plan_prefix()
    if not (folder / "data" / "PG_VERSION").exists():
        folder.mkdir(parents=True, exist_ok=True)
        initdb = [*prefix, str(programs / "initdb"), "-D", str(folder / "data"), "-U", SUPERUSER]
        initdb += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
    cluster = Cluster(folder=folder, programs=programs, options=(), prefix=prefix)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
