"""Silence for warnings that tell a library's developer, not its user, to change something."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def without_format_warnings() -> Iterator[None]:
    """While an object is loaded: no deprecations between libraries, no advice to rewrite old files.

    Vitrina reads stored data as it is, whatever its age; what a user should know of it stands in its findings.
    """
    with warnings.catch_warnings():
        for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning, UserWarning):
            warnings.simplefilter("ignore", category)
        yield
