"""The servers that are measured: ours, nginx and tiled, each one process on loopback, and the load that wrk makes."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from worker import TICK, FailedError, read_busy, wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
START_S = 60

NGINX = """\
user {user};
daemon off;
master_process off;
worker_processes 1;
pid {work}/nginx.pid;
error_log {work}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    default_type application/octet-stream;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ root {root}; }}
    }}
}}
"""

WRK = """\
local requests, at = {}, 0
function init(arguments)
    for path in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format("GET", path)
    end
end
function request()
    at = at % #requests + 1
    return requests[at]
end
function done(summary, latency)
    local failed = summary.errors
    io.write(string.format("DONE %d %d %d %d %d\\n", summary.requests, summary.duration, summary.bytes,
        failed.connect + failed.read + failed.write + failed.status + failed.timeout, latency:percentile(50)))
end
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a server did in one turn.

    Attributes:
        n: Requests answered.
        wall: Seconds.
        cpu: Processor seconds of the server.
        others: Processor seconds of everything else on the machine, but for wrk.
        n_bytes: Sent.
        p50_ms: That half of the answers took at most.
    """

    n: int
    wall: float
    cpu: float
    others: float
    n_bytes: int
    p50_ms: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.n / self.wall

    @property
    def cpu_ms(self) -> float:
        """Processor time per answer."""
        return self.cpu / self.n * 1_000


class Process:
    """A server on a port of its own.

    Args:
        command: Starts it; ``{port}`` is replaced.
        work: Where its log goes.
        name: Of the log.
        ready: A path that is answered when it is ready.
        env: Its environment.
        port: Where it listens; a free one when None.
    """

    def __init__(
        self,
        command: Sequence[str],
        work: Path,
        name: str,
        ready: str,
        *,
        env: dict[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        self.port = port or find_port()
        self._log = work / f"{name}.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [word.replace("{port}", str(self.port)) for word in command],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env,
            )
        try:
            self._wait(ready)
        except BaseException:
            self.close()
            raise

    def get(self, path: str) -> bytes:
        """The body of an answer.

        Raises:
            OSError: There is none, or it says that something is wrong.
        """
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=START_S) as answer:
            body: bytes = answer.read()
        return body

    def read_cpu(self) -> float:
        """Processor seconds so far, of all threads."""
        words = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / TICK

    def read_rss_mb(self) -> float:
        """Megabytes of memory in use now."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
        return 0.0

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait(self, ready: str) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                self.get(ready)
            except OSError:
                time.sleep(0.02)
            else:
                return
        lines = self._log.read_text(errors="replace").strip().splitlines()
        raise FailedError(lines[-1] if lines else "it did not start")


def start_vitrina(root: str, work: Path, name: str = "vitrina") -> Process:
    """Our server, as `vitrina serve` starts it."""
    command = [str(Path(sys.executable).with_name("vitrina")), "--instance", root, "serve", "--port", "{port}"]
    return Process(command, work, name, "/api/v1/health", env=build_environment(work))


def start_nginx(root: str, work: Path, ready: str) -> Process:
    """Nginx with one worker and a folder of files.

    Raises:
        FailedError: It is not installed.
    """
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        raise FailedError("not installed (apt-get install nginx-light)")
    config = work / "nginx.conf"
    port = find_port()
    config.write_text(NGINX.format(user=getpass.getuser(), work=work, port=port, root=root))
    return Process([program, "-c", str(config), "-p", str(work)], work, "nginx-start", ready, port=port)


def start_tiled(python: Path | None, array: str, work: Path) -> Process:
    """The array behind tiled.

    Raises:
        FailedError: It is not installed.
    """
    if python is None or not python.exists():
        raise FailedError("not installed (make server-peers-env)")
    return Process([str(python), str(HERE / "server_tiled.py"), array, "{port}"], work, "tiled", "/api/v1/")


def run_wrk(process: Process, paths: Sequence[str], work: Path, *, connections: int, seconds: float) -> Load:
    """Ask for the paths one after the other, over so many connections, for some time.

    Raises:
        FailedError: wrk is not installed, or requests failed.
    """
    program = shutil.which("wrk")
    if program is None:
        raise FailedError("wrk is not installed (apt-get install wrk)")
    script, listed = work / "wrk.lua", work / "paths.txt"
    script.write_text(WRK)
    listed.write_text("\n".join(paths))
    url = f"http://127.0.0.1:{process.port}"
    command = [program, "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s", "-s", str(script), url]
    busy, cpu = read_busy(), process.read_cpu()
    wrk = subprocess.Popen([*command, "--", str(listed)], stdout=subprocess.PIPE, text=True)
    output = wrk.stdout.read()
    _, _, usage = wait_for(wrk)
    cpu = process.read_cpu() - cpu
    others = max(0.0, read_busy() - busy - cpu - usage.ru_utime - usage.ru_stime)
    line = next((line for line in output.splitlines() if line.startswith("DONE")), None)
    if line is None:
        raise FailedError(f"wrk said {output[-200:]!r}")
    n, wall_us, n_bytes, n_failed, p50_us = (int(word) for word in line.split()[1:])
    if n_failed or not n:
        raise FailedError(f"{n_failed} of {n} requests failed")
    return Load(n=n, wall=wall_us / 1e6, cpu=cpu, others=others, n_bytes=n_bytes, p50_ms=p50_us / 1e3)


def find_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def build_environment(work: Path) -> dict[str, str]:
    """The environment without the user's own instance; state and caches lie with the benchmark."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("VITRINA_")}
    return own | {"XDG_STATE_HOME": str(work / "state"), "XDG_CACHE_HOME": str(work / "cache")}
