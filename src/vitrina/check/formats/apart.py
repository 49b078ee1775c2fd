"""Checks of HDF5 files in a process of their own: on damaged bytes the HDF5 library can hang or crash.

Such a hang or crash cannot be caught inside a process. The process that reads the file writes an empty line to its
standard output now and then, and the result as JSON at its end.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vitrina.check.checked import Checked
from vitrina.check.formats.codes import build_finding
from vitrina.errors import UnreadableError
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.readers.source import Source

SILENCE_SECONDS: Final = 60.0
"""Without a sign of life for so long, the library hangs: the longest single step reads one chunk."""

_BEAT_SECONDS: Final = 0.5


def check_apart(
    kind: str,
    source: Source,
    *,
    is_metadata_only: bool,
    command: Sequence[str] | None = None,
    silence_s: float = SILENCE_SECONDS,
) -> Checked:
    """Check an HDF5 file in another process.

    Args:
        kind: ``anndata`` or ``mudata``.
        source: The file.
        is_metadata_only: Whether values are left unread.
        command: What to run instead.
        silence_s: How long the process may be silent.

    Raises:
        UnreadableError: Nothing can be read.
    """
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
        message = f"The HDF5 library {what} while it read {source.path}, which damaged bytes make it do."
        fix = "Copy or download the file again."
        return Checked(kind=kind, findings=(build_finding("hdf5-library-failed", "#", message, fix=fix),))
    if "unreadable" in result:
        raise UnreadableError(**result["unreadable"])
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


def main(arguments: Sequence[str]) -> None:
    """Check a file and write the result."""
    from vitrina.check.formats.anndata import check_anndata_here
    from vitrina.check.formats.mudata import check_mudata_here
    from vitrina.readers.source import open_source

    kind, path, scope = arguments
    check = check_mudata_here if kind == "mudata" else check_anndata_here
    try:
        checked = check(open_source(Path(path)), is_metadata_only=scope == "metadata", beat=Pulse())
        result: dict[str, Any] = asdict(checked)
    except UnreadableError as err:
        parts = {"code": err.code, "message": err.message, "hint": err.hint, "where": err.where}
        result = {"unreadable": parts}
    sys.stdout.write("\n" + json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
