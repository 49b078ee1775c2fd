"""A private PostgreSQL server for the tests: in a temporary folder, on a Unix socket, ended with them.

PostgreSQL refuses to run as root. Whoever is root here, in truth or inside the suite's user namespace, starts it in a
further user namespace, in which the same user has another number.

Source: https://man7.org/linux/man-pages/man7/user_namespaces.7.html
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARIES = Path("/usr/lib/postgresql")  # where Debian keeps the programs of each version
SUPERUSER = "vitrina"

FOR_TESTS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Source: https://www.postgresql.org/docs/15/non-durability.html"""


class PostgresqlMissingError(Exception):
    """PostgreSQL, or a way to start it, is not here."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running server.

    Attributes:
        folder: Holds its data, its socket and its log.
        programs: Where ``pg_ctl`` is.
        options: Settings that it runs with, as ``name=value``.
        prefix: What to put before a program that must not run as root.
    """

    folder: Path
    programs: Path
    options: tuple[str, ...]
    prefix: tuple[str, ...]

    def get_url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={self.folder}"

    def start(self) -> None:
        options = " ".join(f"-c {option}" for option in ("listen_addresses=", *self.options))
        self._control("start", "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", f"-k {self.folder} {options}")

    def stop(self, mode: str = "fast") -> None:
        self._control("stop", "-w", "-m", mode)

    def create_database(self, name: str, template: str = "template0") -> str:
        """Make a database as a copy of another one; its URL."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.get_url(name)

    @contextmanager
    def lend_database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a database that exists while the block runs."""
        name = f"lent_{uuid.uuid4().hex}"
        url = self.create_database(name, template)
        try:
            yield url
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        import psycopg

        with psycopg.connect(self.get_url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _control(self, *arguments: str) -> None:
        command = [*self.prefix, str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), *arguments]
        run(command, self.folder)


@contextmanager
def run_cluster(options: tuple[str, ...] = FOR_TESTS) -> Iterator[Cluster]:
    """A new server while the block runs.

    Raises:
        PostgresqlMissingError: It is not installed, or cannot be started by this user.
    """
    programs, prefix = find_programs(), plan_prefix()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of a socket has at most 107 bytes
    try:
        cluster = Cluster(folder=folder, programs=programs, options=options, prefix=prefix)
        run(
            [
                *(*prefix, str(programs / "initdb"), "-D", str(folder / "data"), "-U", SUPERUSER),
                *("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            folder,
        )
        cluster.start()
        try:
            yield cluster
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                cluster.stop("immediate")
    finally:
        shutil.rmtree(folder)


def find_programs() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``, newest version first."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(LIBRARIES.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]), reverse=True)
    if not versions:
        raise PostgresqlMissingError("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    return versions[0].parent


def plan_prefix() -> tuple[str, ...]:
    """Nothing for an ordinary user; for root, the command that makes a program believe to be another user."""
    if os.geteuid() != 0:
        return ()
    user = next((user for user in pwd.getpwall() if user.pw_name in ("postgres", "nobody")), None)
    if user is None:
        raise PostgresqlMissingError("PostgreSQL does not run as root, and there is no user postgres or nobody")
    prefix = ("unshare", f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}")
    if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode != 0:
        raise PostgresqlMissingError("PostgreSQL does not run as root, and this system allows no user namespaces")
    return prefix


def run(command: list[str], folder: Path) -> None:
    """Run a program to its end; what it printed is told when it failed."""
    with (folder / "output").open("w+") as output:  # a pipe would stay open as long as the server runs
        started = time.monotonic()
        status = subprocess.run(command, check=False, stdout=output, stderr=subprocess.STDOUT, cwd=folder).returncode
        output.seek(0)
        if status != 0:
            log = folder / "log"
            told = output.read() + (log.read_text(errors="replace") if log.exists() else "")
            seconds = time.monotonic() - started
            raise RuntimeError(f"{' '.join(command)} ended with {status} after {seconds:.0f} s:\n{told}")
