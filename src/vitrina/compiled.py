"""Loops that are compiled: some ten times as fast as NumPy, once they are there.

They are compiled, or loaded as an earlier process has compiled them, in a thread of its own; see ``native``. Until
then, and where numba is missing, NumPy does the work.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from vitrina.caches import get_user_caches
from vitrina.native import load_loop

if TYPE_CHECKING:
    import numpy as np

    from vitrina.native import Loop, NativeLoop

    type Key = tuple[Loop, np.dtype[Any]]

_ready: dict[Key, NativeLoop] = {}
_begun: dict[Key, threading.Thread] = {}
_lock = threading.Lock()
_keeping = threading.Lock()


def warm_up(loop: Loop, *like: Any) -> threading.Thread:
    """Begin to compile a loop for arrays of a type, unless that has begun.

    Args:
        loop: Takes arrays and tuples of integers; right but slow as it is.
        like: Small arguments as it will get them, an array first. The loop is compiled for arrays that are contiguous
            or writeable where these are.
    """
    key = loop, like[0].dtype
    with _lock:
        if key not in _begun:
            _begun[key] = threading.Thread(target=_load, args=(key, like), name="vitrina-compile", daemon=True)
            _begun[key].start()
        return _begun[key]


def run(loop: Loop, *arguments: Any) -> bool:
    """Run the compiled loop, where it is ready and was compiled for such arguments; whether it did."""
    ready = _ready.get((loop, arguments[0].dtype))
    if ready is None or not ready.accepts(arguments):
        return False
    ready(*arguments)
    return True


def _load(key: Key, like: tuple[Any, ...]) -> None:
    try:
        _ready[key] = load_loop(key[0], like)
    except Exception:  # noqa: BLE001 whatever numba lacks or cannot compile, NumPy does
        return


def keep_compiled(compiled: Any) -> None:
    """Have numba keep what it compiles, in our folder and not in that of the source; without it where we may not write.

    numba knows the folder as a setting of the process only; it is read here and put back at once, by one thread at a
    time.
    """
    from numba.core import config as numba_config

    settings: Any = numba_config
    with _keeping:
        before = settings.CACHE_DIR
        try:
            folder = get_user_caches() / "numba"
            folder.mkdir(parents=True, exist_ok=True)
            settings.CACHE_DIR = str(folder)
            compiled.enable_caching()
        except (OSError, RuntimeError):
            return
        finally:
            settings.CACHE_DIR = before
