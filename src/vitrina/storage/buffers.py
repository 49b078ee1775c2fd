"""Memory to read files into, used again for file after file."""

from __future__ import annotations

import threading

PART_BYTES = 8 * 2**20
"""Read, hashed or copied at a time: enough for several threads of one hash, and still in memory when needed again."""


class Buffers:
    """One buffer of PART_BYTES for each thread that asks.

    Fresh memory for each of thousands of small files costs the system as much as reading them.
    """

    def __init__(self) -> None:
        self._local = threading.local()

    def get(self) -> memoryview:
        """The buffer of this thread; whatever was in it is lost when it is used again."""
        try:
            buffer: memoryview = self._local.buffer
        except AttributeError:
            buffer = self._local.buffer = memoryview(bytearray(PART_BYTES))
        return buffer
