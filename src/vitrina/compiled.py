"""Loops that numba compiles: some ten times as fast as NumPy, once they are there.

numba is imported and compiles in a thread of its own, since that takes up to a second; what it has compiled is kept in
the user's cache folder for the next process. Until then, and where numba is missing, NumPy does the work.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    type Loop = Callable[..., None]
    type Key = tuple[Loop, np.dtype[Any]]

_ready: dict[Key, Loop] = {}
_begun: dict[Key, threading.Thread] = {}
_lock = threading.Lock()
_keeping = threading.Lock()


def warm_up(loop: Loop, *like: Any) -> threading.Thread:
    """Begin to compile a loop for arrays of a type, unless that has begun.

    Args:
        loop: Written to be compiled; right but slow as it is.
        like: Small arguments as it will get them, an array first. Whoever is first to call it with other kinds, such as
            arrays that are read-only, waits until it is compiled for those.
    """
    key = loop, like[0].dtype
    with _lock:
        if key not in _begun:
            _begun[key] = threading.Thread(target=_compile, args=(key, like), name="vitrina-compile", daemon=True)
            _begun[key].start()
        return _begun[key]


def find_compiled(loop: Loop, dtype: np.dtype[Any]) -> Loop | None:
    """The compiled loop, None while it is not ready."""
    return _ready.get((loop, dtype))


def _compile(key: Key, like: tuple[Any, ...]) -> None:
    try:
        import numba
    except ImportError:
        return
    compiled: Any = numba.njit(nogil=True)(key[0])
    keep_compiled(compiled)
    compiled(*like)  # compiles for these types, or loads what was compiled before
    _ready[key] = compiled


def keep_compiled(compiled: Any) -> None:
    """Have numba keep what it compiles, in our folder and not in that of the source; without it where we may not write.

    numba knows the folder as a setting of the process only; it is read here and put back at once, by one thread at a
    time.
    """
    from numba.core import config as numba_config

    settings: Any = numba_config
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    with _keeping:
        before = settings.CACHE_DIR
        try:
            folder = root / "vitrina" / "numba"
            folder.mkdir(parents=True, exist_ok=True)
            settings.CACHE_DIR = str(folder)
            compiled.enable_caching()
        except (OSError, RuntimeError):
            return
        finally:
            settings.CACHE_DIR = before
