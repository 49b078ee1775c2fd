"""Turning whatever a foreign library raises on damaged bytes into one error that says what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from vitrina.errors import DataError, NotFoundError, UnreadableError, VitrinaError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.readers.source import Source


@contextmanager
def reading(source: Source, code: str, what: str) -> Iterator[None]:
    """While foreign bytes are read: every failure becomes an UnreadableError.

    Args:
        source: What is read.
        code: Code of the error.
        what: The format, with an article, to complete "... cannot be read as".

    Raises:
        UnreadableError: Something failed inside, other than for want of memory.
    """
    try:
        yield
    except (UnreadableError, MemoryError, Warning):  # a warning is raised only where the user asked for it
        raise
    except (DataError, NotFoundError) as err:
        raise UnreadableError(err.code, f"{source.path}: {err.message}", hint=err.hint, where=err.where) from err
    except VitrinaError:
        raise
    except Exception as err:
        reason = str(err).strip().split("\n", 1)[0].rstrip(".") or type(err).__name__
        raise UnreadableError(
            code,
            f"{source.path} cannot be read as {what}: {reason}.",
            hint="The file is probably truncated or damaged: copy or download it again.",
            where=str(source.path),
        ) from err


def check_not_empty(source: Source) -> None:
    """Stop early at a file without bytes.

    Raises:
        UnreadableError: The file is empty.
    """
    if not source.is_folder and source.path.stat().st_size == 0:
        raise UnreadableError(
            "file-empty",
            f"{source.path} is empty: 0 bytes.",
            hint="The file was probably never written to the end: copy or download it again.",
            where=str(source.path),
        )


def is_empty_file(source: Source, *suffixes: str) -> bool:
    """Whether the source is a file without bytes whose name ends with one of the suffixes."""
    if source.is_folder or source.head:
        return False
    return source.path.name.lower().endswith(suffixes)
