"""Room for matrices that are sorted by genes on disk, in files that nobody else sees and that go with them."""

from __future__ import annotations

import errno
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.gateway.tables.limits import build_too_large

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def using_scratch(name: str) -> Iterator[Path]:
    """The folder for temporary files, while something is written there.

    Args:
        name: What is written, for messages.

    Raises:
        UnsupportedError: There is no room for it.
    """
    try:
        yield Path(tempfile.gettempdir())
    except OSError as err:
        if err.errno not in _FULL:
            raise
        raise build_too_large(name, f"it has to be sorted where temporary files lie, and: {err.strerror}") from err
