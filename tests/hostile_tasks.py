"""What a hostile parser might do; called in the sandbox."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
import time
from importlib import import_module
from pathlib import Path


def read_text(path):
    return path.read_text()


def measure(path):
    """Whether a fresh process has seen nothing before: its number, and what was left in a global."""
    seen = getattr(measure, "seen", 0)
    measure.seen = seen + 1
    return {"pid": os.getpid(), "seen": seen, "name": path.name}


def list_environment(path):
    del path
    return sorted(os.environ)


def list_open_files(path):
    """Descriptors besides the standard ones."""
    del path
    return [number for number in range(3, 256) if _is_open(number)]


def _is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def run_a_thread(path):
    found = []
    thread = threading.Thread(target=lambda: found.append(path.name))
    thread.start()
    thread.join()
    return found


def eat_memory(path, n_bytes):
    del path
    return len([bytearray(2**20) for _ in range(n_bytes // 2**20)])


def spin(path):
    del path
    while True:
        pass


def sleep(path):
    del path
    time.sleep(3600)


def crash(path):
    del path
    ctypes.string_at(0)


def abort(path):
    del path
    os.abort()


def exit_early(path):
    del path
    os._exit(0)


def answer_much(path):
    del path
    return "x" * 2**20


def fail(path):
    raise RuntimeError(f"{path.name} made no sense")


def raise_own(path):
    from vitrina.errors import UnsupportedError

    raise UnsupportedError("odd-thing", "An odd thing.", hint="Do another.", where=path.name)


def try_each(path, folder):
    """What is refused, by name; anything else is the answer that it gave, or another failure."""
    secret = str(Path(folder) / "secret.txt")
    attempts = {
        "connect": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "unix socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        "fork": _fork,
        "program": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        "shell": lambda: _check_shell(os.system("true")),  # noqa: S605 as an attacker would
        "kill": lambda: os.kill(os.getppid(), 0),
        "read outside": lambda: Path(secret).read_text(),
        "read home": lambda: list(Path.home().iterdir()),
        "list outside": lambda: list(Path(folder).iterdir()),
        "read passwords": lambda: Path("/etc/passwd").read_text(),
        "write": lambda: Path(folder, "new.txt").write_text("x"),
        "write beside": lambda: path.with_name("new.txt").write_text("x"),
        "change": lambda: path.open("r+b").write(b"x"),
        "remove": path.unlink,
        "rename": lambda: path.rename(path.with_name("other")),
        "link": lambda: path.with_name("link").symlink_to(secret),
        "look into": lambda: Path(f"/proc/{os.getppid()}/environ").read_text(),
    }
    results = {}
    for name, attempt in attempts.items():
        try:
            results[name] = str(attempt())
        except OSError as err:
            results[name] = "refused" if isinstance(err, PermissionError) else repr(err)
    return results


def _fork():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return child


def _check_shell(status):
    if status:
        raise PermissionError(status)
    return status


def describe(path, without):
    """What a file contains, by a Vitrina that lacks some of its controls: ``module:name`` and what is there instead."""
    from vitrina.verbs import sandboxed

    _weaken(without)
    return sandboxed.describe(path)


def draw(path, content, without):
    from vitrina.verbs import sandboxed

    _weaken(without)
    return len(sandboxed.draw(path, content))


def describe_and_draw(path):
    """What a file contains, after it was drawn too."""
    from vitrina.verbs import sandboxed

    content = sandboxed.describe(path)
    if content["format"] not in {"file", "folder"}:
        sandboxed.draw(path, content)
    return content


def _weaken(without):
    for target, value in without.items():
        module, _, name = target.partition(":")
        setattr(import_module(module), name, value if value != "nothing" else lambda *_, **__: None)


def main(path, folder, *without):
    """Confine this process, but for some of the controls, and try everything."""
    from vitrina.sandbox import confine
    from vitrina.sandbox.limits import Limits

    for name in without:
        if name == "kernel":  # it offers nothing
            confine.allow_reading_only = confine.refuse_calls = lambda *_: False
        else:  # it says that it was done
            setattr(confine, name, lambda *_: True)
    confine.confine(path, Limits())
    print(json.dumps(try_each(Path(path), folder)))


if __name__ == "__main__":
    main(*sys.argv[1:])
