"""What no reader knows, read by bioformats2raw where that is installed: Bio-Formats knows 150 formats.

It is a program of its own under the GPL, run as such and never part of Vitrina. Its output is OME-Zarr 0.4 with one
group per image, which the reader of OME-Zarr takes up.

Source: https://github.com/glencoesoftware/bioformats2raw
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.errors import StorageError, UnsupportedError
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = "bioformats2raw"

RESERVE_BYTES = 2**30
"""The program is stopped when the disk has less than this left: it never says how much it will write."""

POLL_S = 0.5
MAX_TOLD_BYTES = 4096

_ENDING_S = 10.0


def find_bioformats2raw() -> Path | None:
    """The program on the search path, None where there is none."""
    found = shutil.which(PROGRAM)
    return Path(found) if found else None


@contextmanager
def reading_by_bioformats2raw(path: Path, beside: Path, *, reserve_bytes: int = RESERVE_BYTES) -> Iterator[Path]:
    """A file as OME-Zarr of one level per image, for as long as it is needed; it lies beside the result meanwhile.

    Args:
        path: The file or folder.
        beside: Where the result will lie; its folder is made.
        reserve_bytes: What the disk must have left.

    Raises:
        UnsupportedError: The program is not there, or cannot read the file.
        StorageError: The disk is full, or the program cannot be started.
    """
    program = find_bioformats2raw()
    if program is None:
        raise UnsupportedError(
            "format-unknown-source",
            f"{path} cannot be read: no reader knows its format, and {PROGRAM} is not on the PATH.",
            hint=f"Install {PROGRAM}, which reads what Bio-Formats does; CZI, LIF and ND2 need the extra "
            "vitrina[microscopes], slides by MIRAX and others vitrina[slides].",
            where=str(path),
        )
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=f".{beside.name}.{PROGRAM}-", dir=beside.parent)
    except OSError as err:
        raise StorageError(
            "storage-failed", f"No folder can be made beside {beside}: {err}.", where=str(beside)
        ) from err
    with folder as name:
        output = Path(name) / "raw.zarr"
        _run(program, path, output, reserve_bytes)
        if not output.is_dir():
            raise UnsupportedError("bioformats2raw-failed", f"{PROGRAM} wrote nothing for {path}.", where=str(path))
        yield output


def tell_read(path: Path) -> Finding:
    """That the source was read so."""
    return Finding(
        code="read-by-bioformats2raw",
        severity="info",
        path="#",
        message=f"No reader knows the format of {path.name}; it was read by {PROGRAM}.",
    )


def _run(program: Path, path: Path, output: Path, reserve_bytes: int) -> None:
    """Run the program to its end, which may take hours. Whatever ends this, ends the program too."""
    # levels are made by our own engine, from the finest
    command = [str(program), "--resolutions", "1", str(path), str(output)]
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(  # noqa: S603 the user's own program, with arguments that no shell sees
                command, stdin=subprocess.DEVNULL, stdout=told, stderr=subprocess.STDOUT, start_new_session=True
            )
        except OSError as err:
            raise StorageError(
                "bioformats2raw-failed", f"{program} cannot be started: {err}.", where=str(path)
            ) from err
        try:
            code = _wait(process, output, reserve_bytes)
        finally:
            _end(process)
        if code != 0:
            told.seek(max(0, told.seek(0, os.SEEK_END) - MAX_TOLD_BYTES))
            raise _failed(path, code, told.read())


def _wait(process: subprocess.Popen[bytes], output: Path, reserve_bytes: int) -> int:
    while True:
        try:
            return process.wait(POLL_S)
        except subprocess.TimeoutExpired:
            free_bytes = shutil.disk_usage(output.parent).free
        if free_bytes < reserve_bytes:
            raise StorageError(
                "disk-full",
                f"{PROGRAM} was stopped: the disk of {output.parent.parent} has {free_bytes:,} bytes left.",
                hint="Free some space, or choose a target on another disk.",
                where=str(output.parent.parent),
            )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program, first politely, and then all that it has started."""
    with suppress(ProcessLookupError):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_ENDING_S)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _failed(path: Path, code: int, told: bytes) -> UnsupportedError:
    lines = [line.strip() for line in told.decode("utf-8", "replace").splitlines() if line.strip()]
    causes = [line for line in lines if "Exception" in line or "Error" in line] or lines
    reason = causes[-1][:500] if causes else f"it ended with the code {code}"
    return UnsupportedError(
        "bioformats2raw-failed",
        f"{path} cannot be read: no reader knows its format, and {PROGRAM} failed: {reason}",
        hint="Bio-Formats lists what it reads at https://bio-formats.readthedocs.io/en/stable/supported-formats.html.",
        where=str(path),
    )
