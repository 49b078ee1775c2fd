"""Decoded parts are kept, dropped and shared; counted by hand."""

import threading
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakSet

import numpy as np
import pytest

from vitrina.readers.pixels import decoded_cache
from vitrina.readers.pixels.decoded_cache import DecodedCache


class Decoder:
    def __init__(self):
        self.decoded = []

    def __call__(self, key):
        def decode():
            self.decoded.append(key)
            return np.full(10, key, np.uint8)

        return decode


def test_the_parts_used_last_are_kept():
    cache, decoder = DecodedCache(30), Decoder()
    for key in (1, 2, 3, 1, 4, 1, 3, 2):
        assert cache.get(key, decoder(key))[0] == key
    assert decoder.decoded == [1, 2, 3, 4, 2]  # 4 drops 2, which comes again


def test_a_part_larger_than_all_room_is_kept_until_the_next():
    cache, decoder = DecodedCache(5), Decoder()
    for key in (1, 1, 2, 2, 1):
        cache.get(key, decoder(key))
    assert decoder.decoded == [1, 2, 1]


def test_threads_wait_for_the_one_that_decodes():
    cache, started, may_end = DecodedCache(100), threading.Event(), threading.Event()
    n_decoded = []

    def decode():
        n_decoded.append(1)
        started.set()
        may_end.wait()
        return np.ones(3)

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(cache.get, "a", decode)
        started.wait()
        assert cache.is_busy("a")
        assert not cache.is_busy("b")
        others = [pool.submit(cache.get, "a", decode) for _ in range(3)]
        may_end.set()
        assert all(one.result() is first.result() for one in others)
    assert n_decoded == [1]
    assert not cache.is_busy("a")


def test_a_failure_is_told_and_not_kept():
    cache, decoder = DecodedCache(100), Decoder()

    def fail():
        raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        cache.get(1, fail)
    assert cache.get(1, decoder(1))[0] == 1


def test_all_caches_together_have_a_limit_and_the_one_used_longest_ago_pays(monkeypatch):
    monkeypatch.setattr(DecodedCache, "_all", WeakSet())  # without those that other tests have left
    monkeypatch.setattr(decoded_cache, "MAX_ALL_BYTES", 40)
    first, second, decoder = DecodedCache(100), DecodedCache(100), Decoder()
    for cache, key in ((first, 1), (first, 2), (second, 3), (second, 4), (first, 2), (second, 5), (second, 6)):
        cache.get(key, decoder(key))
    decoder.decoded.clear()
    for key in (2, 1):
        first.get(key, decoder(key))
    assert decoder.decoded == [2, 1], "5 drops 1, and 6 drops 2: the first cache was used before the second"
    for key in (6, 5):
        second.get(key, decoder(key))
    assert decoder.decoded == [2, 1], "what the second holds last is still there"
