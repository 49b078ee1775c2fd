"""When loops are compiled, and what that leaves behind in the process."""

import sys
import threading

import numpy as np
from numba.core import config

from vitrina.pyramid import compiled
from vitrina.pyramid.compiled import find_compiled, warm_up

KEY = ("mean", (1, 2, 2), np.dtype("uint8"))


def forget(monkeypatch):
    monkeypatch.setattr(compiled, "_ready", {})
    monkeypatch.setattr(compiled, "_begun", {})


def test_a_loop_is_compiled_once_and_used_when_it_is_there(monkeypatch):
    forget(monkeypatch)
    assert find_compiled(*KEY) is None
    thread = warm_up(*KEY)
    assert warm_up(*KEY) is thread
    thread.join()
    assert find_compiled(*KEY) is not None


def test_there_is_nothing_to_compile_for_what_has_no_loop(monkeypatch):
    forget(monkeypatch)
    assert warm_up("nearest", (1, 2, 2), np.dtype("uint8")) is None
    assert warm_up("mean", (1, 2, 2), np.dtype("uint64")) is None
    assert compiled._begun == {}


def test_without_numba_numpy_does_the_work(monkeypatch):
    forget(monkeypatch)
    monkeypatch.setitem(sys.modules, "numba", None)
    warm_up(*KEY).join()
    assert find_compiled(*KEY) is None


def test_where_nothing_may_be_kept_it_is_compiled_all_the_same(monkeypatch, tmp_path):
    forget(monkeypatch)
    blocked = tmp_path / "a-file"
    blocked.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    warm_up(*KEY).join()
    assert find_compiled(*KEY) is not None


def test_compiling_in_two_threads_leaves_the_settings_of_the_process_as_they_were(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before, seen = config.CACHE_DIR, []
    second_came, first_has_left = threading.Event(), threading.Event()

    class Compiled:
        def enable_caching(self):
            seen.append(config.CACHE_DIR)
            if len(seen) == 1:
                second_came.wait(0.2)  # the chance to come in between, which it must not have
            else:
                second_came.set()
                first_has_left.wait()

    def keep():
        compiled.keep_compiled(Compiled())
        first_has_left.set()

    threads = [threading.Thread(target=keep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [str(tmp_path / "vitrina" / "numba")] * 2
    assert before == config.CACHE_DIR
