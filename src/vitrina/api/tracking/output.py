"""What a script prints, kept while it is shown as before."""

from __future__ import annotations

import sys
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_HEAD_CHARS = 65_536
MAX_TAIL_CHARS = 458_752
"""Half a MiB in all: the beginning says what was started, the end how it ended."""


class Transcript:
    """The beginning and the end of a text that may be long. Thread-safe."""

    def __init__(self, max_head: int = MAX_HEAD_CHARS, max_tail: int = MAX_TAIL_CHARS) -> None:
        self._lock = threading.Lock()
        self._head: list[str] = []
        self._head_room = max_head
        self._tail: deque[str] = deque()
        self._tail_length = 0
        self._max_tail = max_tail
        self._n_dropped = 0

    def write(self, text: str) -> None:
        """Append a text."""
        with self._lock:
            if self._head_room:
                self._head.append(text[: self._head_room])
                text = text[self._head_room :]
                self._head_room -= len(self._head[-1])
            if text:
                self._tail.append(text)
                self._tail_length += len(text)
            while self._tail_length > self._max_tail:
                self._drop(self._tail_length - self._max_tail)

    def read(self) -> str:
        """Everything that was kept, with a line that says how much is missing."""
        with self._lock:
            gap = f"\n… {self._n_dropped:,} characters were left out here …\n" if self._n_dropped else ""
            return "".join([*self._head, gap, *self._tail])

    def _drop(self, n_chars: int) -> None:
        oldest = self._tail.popleft()
        self._tail_length -= len(oldest)
        self._n_dropped += min(n_chars, len(oldest))
        if len(oldest) > n_chars:
            self._tail.appendleft(oldest[n_chars:])
            self._tail_length += len(oldest) - n_chars


class Tee:
    """A text stream that writes to another one, of which it has everything else, and into a transcript.

    Args:
        stream: Where the text goes as before.
        transcript: Where it is kept.
    """

    def __init__(self, stream: Any, transcript: Transcript) -> None:
        self._stream = stream
        self._transcript: Transcript | None = transcript

    def write(self, text: str) -> Any:
        """Write to both."""
        if self._transcript is not None:
            self._transcript.write(text)
        return self._stream.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write to both."""
        for line in lines:
            self.write(line)

    def stop(self) -> None:
        """Keep nothing more. Whoever holds this stream goes on writing to the other one."""
        self._transcript = None

    @property
    def stream(self) -> Any:
        """The stream that was there before."""
        return self._stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class OutputRecorder:
    """Keeps what Python code prints to ``sys.stdout`` and ``sys.stderr`` until it is stopped.

    What other programs, or libraries below Python, write to the terminal passes by.
    """

    def __init__(self) -> None:
        self._transcript = Transcript()
        self._tees: dict[str, Tee] = {}

    def start(self) -> None:
        """Put tees in place of both streams."""
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is not None:
                self._tees[name] = Tee(stream, self._transcript)
                setattr(sys, name, self._tees[name])

    def stop(self) -> str:
        """Put the streams back, where nobody else has put their own, and give what was kept."""
        for name, tee in self._tees.items():
            tee.stop()
            if getattr(sys, name) is tee:
                setattr(sys, name, tee.stream)
        return self._transcript.read()
