"""The loops of ``kernels.py``, compiled: some ten times as fast as NumPy, once they are there.

numba is imported and compiles in a thread of its own, since that takes up to a second; what it has compiled is kept in
the user's cache folder for the next process. Until then, and where numba is missing, NumPy does the work.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitrina.pyramid.kernels import find_kernel

if TYPE_CHECKING:
    import numpy as np

    from vitrina.pyramid.downsample import Method
    from vitrina.pyramid.kernels import Kernel
    from vitrina.pyramid.plan import Zyx

    type Key = tuple[Method, Zyx, np.dtype[Any]]

_ready: dict[Key, Kernel] = {}
_begun: dict[Key, threading.Thread] = {}
_lock = threading.Lock()
_keeping = threading.Lock()


def warm_up(method: Method, factor_zyx: Zyx, dtype: np.dtype[Any]) -> threading.Thread | None:
    """Begin to compile what shrinks blocks of a type, unless that has begun; None where there is nothing to compile."""
    kernel = find_kernel(method, factor_zyx, dtype)
    if kernel is None:
        return None
    key = (method, factor_zyx, dtype)
    with _lock:
        if key not in _begun:
            _begun[key] = threading.Thread(target=_compile, args=(key, kernel), name="vitrina-compile", daemon=True)
            _begun[key].start()
        return _begun[key]


def find_compiled(method: Method, factor_zyx: Zyx, dtype: np.dtype[Any]) -> Kernel | None:
    """The compiled loop, None while it is not ready."""
    return _ready.get((method, factor_zyx, dtype))


def _compile(key: Key, kernel: Kernel) -> None:
    try:
        import numba
    except ImportError:
        return
    import numpy as np

    dtype = key[2]
    compiled: Kernel = numba.njit(nogil=True)(kernel)
    keep_compiled(compiled)
    block, out = np.zeros((1, 2, 2, 2), dtype), np.zeros((1, 1, 1, 1), dtype)
    compiled(block, out, (0, 0, 0), (1, 1, 1))  # compiles for this type, or loads what was compiled before
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
