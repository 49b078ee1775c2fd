"""A private PostgreSQL server for the tests: in a temporary folder, on a Unix socket, ended with them.

PostgreSQL refuses to run as root. Whoever is root here, in truth or inside the suite's user namespace, starts it in a
further user namespace, in which the same user has another number.

Source: https://man7.org/linux/man-pages/man7/user_namespaces.7.html
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
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

END_WITH_PARENT = ("setpriv", "--pdeathsig", "INT")
"""Source: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html"""

START_TIMEOUT_S = 60.0


class PostgresqlMissingError(Exception):
    """PostgreSQL, or a way to start it, is not here."""


@dataclass(kw_only=True)
class Cluster:
    """A server that can be started and stopped.

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
    _server: subprocess.Popen[bytes] | None = None

    def get_url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server and wait until it answers. It also ends when this process is killed."""
        settings = ("listen_addresses=", f"unix_socket_directories={self.folder}", *self.options)
        command = [str(self.programs / "postgres"), "-D", str(self.folder / "data")]
        command += [part for setting in settings for part in ("-c", setting)]
        with (self.folder / "log").open("a") as log:
            self._server = subprocess.Popen(
                [*self.prefix, *END_WITH_PARENT, *command], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        is_ready = [str(self.programs / "pg_isready"), "-q", "-h", str(self.folder)]
        while subprocess.run(is_ready, check=False).returncode != 0:
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text(errors='replace')}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End all connections and the server; nothing when it does not run."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)  # a fast shutdown, in PostgreSQL's words
            self._server.wait()
            self._server = None

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


@contextmanager
def run_cluster(options: tuple[str, ...] = FOR_TESTS) -> Iterator[Cluster]:
    """A new server while the block runs.

    Raises:
        PostgresqlMissingError: It is not installed, or cannot be started by this user.
    """
    programs, prefix = find_programs(), plan_prefix()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of a socket has at most 107 bytes
    try:
        initdb = [*prefix, str(programs / "initdb"), "-D", str(folder / "data"), "-U", SUPERUSER]
        initdb += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        done = subprocess.run(initdb, check=False, capture_output=True, text=True, cwd=folder)
        if done.returncode != 0:
            raise RuntimeError(f"initdb ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        cluster = Cluster(folder=folder, programs=programs, options=options, prefix=prefix)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
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
