"""Checks in a process of their own: on damaged bytes the libraries of HDF5, Parquet and Zarr can hang or crash.

Such a hang or crash cannot be caught inside a process. The process that reads the file writes an empty line to its
standard output now and then, and the result as JSON at its end.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.checked import Checked
from vitrina.checks.formats.codes import build_finding
from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vitrina.readers.source import Source

SILENCE_SECONDS: Final = 60.0
"""Without a sign of life for so long, the library hangs: the longest single step reads one chunk."""

MAX_MEMORY_BYTES: Final = 16 * 2**30
"""Of addresses, most of which are reserved only; a check works on blocks of some megabytes."""

_BEAT_SECONDS: Final = 0.5

_is_apart: ContextVar[bool] = ContextVar("is_apart", default=False)


@contextmanager
def checking_here() -> Iterator[None]:
    """While this process is one that was made for a single file: no other is started for its checks."""
    token = _is_apart.set(True)
    try:
        yield
    finally:
        _is_apart.reset(token)


def check_apart(
    kind: str,
    source: Source,
    *,
    is_metadata_only: bool,
    command: Sequence[str] | None = None,
    silence_s: float = SILENCE_SECONDS,
) -> Checked:
    """Check a dataset in another process.

    Args:
        kind: ``anndata``, ``mudata``, ``spatialdata`` or ``points``.
        source: The file or folder.
        is_metadata_only: Whether values are left unread.
        command: What to run instead.
        silence_s: How long the process may be silent.

    Raises:
        UnreadableError: Nothing can be read.
        UnsupportedError: It is of no format that is checked.
    """
    if _is_apart.get():
        return _check(kind, source, is_metadata_only=is_metadata_only, beat=_be_still)
    own = [sys.executable, "-P", "-m", __name__, kind, str(source.path), "metadata" if is_metadata_only else "all"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command or own, stdin=subprocess.DEVNULL, stdout=pipe, stderr=subprocess.DEVNULL) as process:  # noqa: S603 our own interpreter and module
        try:
            output = _listen(process, silence_s)
        finally:
            process.kill()
    result = _parse(output)
    if result is None:
        what = "did not go on" if output is None else f"ended with {process.returncode}"
        message = f"A library {what} while it read {source.path}, which damaged bytes make it do."
        fix = "Copy or download the dataset again."
        return Checked(kind=kind, findings=(build_finding("library-failed", "#", message, fix=fix),))
    if "unreadable" in result:
        raise UnreadableError(**result["unreadable"])
    if "unsupported" in result:
        raise UnsupportedError(**result["unsupported"])
    findings = tuple(Finding(**one) for one in result["findings"])
    return Checked(kind=result["kind"], version=result["version"], findings=findings)


def _listen(process: subprocess.Popen[bytes], silence_s: float) -> bytes | None:
    """All that a process writes until it ends; None when it falls silent."""
    if process.stdout is None:
        return None
    written = bytearray()
    while True:
        ready, _, _ = select.select([process.stdout], [], [], silence_s)
        if not ready:
            return None
        part = os.read(process.stdout.fileno(), 2**16)
        if not part:
            return bytes(written)
        written += part.lstrip(b"\n")


def _parse(output: bytes | None) -> dict[str, Any] | None:
    try:
        result = json.loads(output or b"")
    except ValueError:
        return None
    return result if isinstance(result, dict) else None


class Pulse:
    """Writes signs of life, but not too many."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._last > _BEAT_SECONDS:
            self._last = now
            os.write(1, b"\n")

    def start(self) -> None:
        """Go on writing while this process is alive and Python is not stopped inside a library."""

        def beat() -> None:
            while True:
                self()
                time.sleep(_BEAT_SECONDS)

        threading.Thread(target=beat, daemon=True).start()


def main(arguments: Sequence[str]) -> None:
    """Check a dataset and write the result."""
    from vitrina.readers.source import open_source

    kind, path, scope = arguments
    try:
        checked = _check_limited(kind, open_source(Path(path)), is_metadata_only=scope == "metadata")
        result: dict[str, Any] = asdict(checked)
    except (UnreadableError, UnsupportedError) as err:
        parts = {"code": err.code, "message": err.message, "hint": err.hint, "where": err.where}
        result = {"unreadable" if isinstance(err, UnreadableError) else "unsupported": parts}
    sys.stdout.write("\n" + json.dumps(result))


def _check_limited(kind: str, source: Source, *, is_metadata_only: bool) -> Checked:
    _limit_memory()
    pulse = Pulse()
    if source.tree is not None or kind == "points":
        pulse.start()  # h5py may hang without stopping Python, so each step of it is told instead
    return _check(kind, source, is_metadata_only=is_metadata_only, beat=pulse)


def _check(kind: str, source: Source, *, is_metadata_only: bool, beat: Callable[[], None]) -> Checked:
    if kind == "anndata":
        from vitrina.checks.formats.anndata import check_anndata_here

        return check_anndata_here(source, is_metadata_only=is_metadata_only, beat=beat)
    if kind == "mudata":
        from vitrina.checks.formats.mudata import check_mudata_here

        return check_mudata_here(source, is_metadata_only=is_metadata_only, beat=beat)
    if kind == "points":
        from vitrina.checks.formats.points import check_points_here

        return check_points_here(source)
    from vitrina.checks.formats.spatialdata import check_spatialdata_here

    return check_spatialdata_here(source, is_metadata_only=is_metadata_only)


def _be_still() -> None:
    """Nobody waits for a sign of life."""


def _limit_memory() -> None:
    """A damaged length then ends in a MemoryError, before the machine has no memory left; not on all systems."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MAX_MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MAX_MEMORY_BYTES, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


if __name__ == "__main__":
    main(sys.argv[1:])
