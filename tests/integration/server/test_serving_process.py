"""Starting and stopping: real sockets, threads, processes and signals."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import httpx
import pytest
from serving import CountingStore, StubInstance

from vitrina.errors import ConflictError, InputError
from vitrina.server.app import build_app
from vitrina.server.background import BackgroundServer
from vitrina.server.listen import build_url, open_socket
from vitrina.server.running import find_running, forget_running, write_running

PROGRAM = """
import sys
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, sys.argv[1])
from serving import UID, StubInstance, build_artifact
from vitrina.server.serve import serve
from vitrina.storage.local import LocalStore

root = Path(sys.argv[2])
instance = StubInstance([build_artifact()], LocalStore(root))
instance.settings = SimpleNamespace(name="lab", public_url=None, allowed_hosts=(), folder=root)
serve(instance, host="127.0.0.1", port=0, on_ready=lambda url: print(url, flush=True))
print("stopped", flush=True)
"""


@pytest.fixture
def app():
    return build_app(StubInstance([], CountingStore({})))


@pytest.fixture
def process(tmp_path):
    from serving import UID

    folder = tmp_path / UID / "lung.zarr"
    folder.mkdir(parents=True)
    with (folder / "big").open("wb") as file:
        file.truncate(2**30)
    tests = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, tests, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_server_within_two_seconds_even_while_it_sends(process, tmp_path, number):
    from serving import UID

    url = process.stdout.readline().strip()
    assert json.loads((tmp_path / "server.json").read_text())["url"] == url
    idle = socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))
    busy = socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))
    busy.sendall(f"GET /data/{UID}/lung.zarr/big HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
    assert busy.recv(100).startswith(b"HTTP/1.1 200")
    start = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert time.monotonic() - start < 2
    assert (process.returncode, out) == (0, "stopped\n")
    assert "Traceback" not in err
    assert not (tmp_path / "server.json").exists()
    idle.close()
    busy.close()


def test_a_busy_port_is_a_conflict_that_names_the_option():
    with open_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConflictError) as caught:
            open_socket("127.0.0.1", port)
    assert caught.value.code == "port-busy"
    assert "--port" in caught.value.hint


@pytest.mark.parametrize(("host", "port"), [("no such host", 0), ("127.0.0.1", 70000), ("192.0.2.1", 0)])
def test_an_address_that_is_not_ours_is_refused(host, port):
    with pytest.raises(InputError):
        open_socket(host, port)


def test_the_address_of_ipv6_is_in_brackets(app):
    with open_socket("::1", 0) as listener:
        assert build_url(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def test_all_addresses_are_told_as_one_that_a_browser_reaches():
    with open_socket("0.0.0.0", 0) as listener:  # noqa: S104
        assert build_url(listener).startswith("http://127.0.0.1:")


def test_a_server_in_the_background_answers_and_stops(app):
    before = set(threading.enumerate())  # a server that another test shows data with may still run
    server = BackgroundServer(app)
    url = server.start()
    assert httpx.get(f"{url}/api/v1/health", trust_env=False).json()["status"] == "ok"
    server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)
    assert "vitrina-server" not in {thread.name for thread in set(threading.enumerate()) - before}


def test_a_running_server_is_found_while_it_answers(tmp_path):
    settings = SimpleNamespace(folder=tmp_path)
    instance = StubInstance([], CountingStore({}))
    assert find_running(settings) is None
    with BackgroundServer(build_app(instance, server_id="one")) as server:
        write_running(settings, server.url, "one")
        assert find_running(settings) == server.url
        write_running(settings, server.url, "another")
        assert find_running(settings) is None
        write_running(settings, server.url, "one")
    assert find_running(settings) is None


def test_a_stopped_server_forgets_only_itself(tmp_path):
    settings = SimpleNamespace(folder=tmp_path)
    write_running(settings, "http://127.0.0.1:1", "new")
    forget_running(settings, "old")
    assert (tmp_path / "server.json").exists()
    forget_running(settings, "new")
    assert not (tmp_path / "server.json").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"url": 1}', "\xff"])
def test_a_damaged_note_of_a_server_is_no_server(tmp_path, text):
    (tmp_path / "server.json").write_text(text, encoding="latin-1")
    assert find_running(SimpleNamespace(folder=tmp_path)) is None
