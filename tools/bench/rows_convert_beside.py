"""Our conversions, and how long they are within the codec: ``rows_convert_beside.py WORKLOAD SIDE TINY_TARGET``.

The lines that it reads name targets. After ``again`` each call of the codec is made twice, one right after the other:
what the second ones take is the codec alone, from memory, on the same chunks and at the same moments.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import imagecodecs
import tifffile
from rows_convert_vitrina import SIDES, convert
from worker import serve
from workloads import AGAIN, N_THREADS, WORKLOADS, get_tiny

from vitrina.convert.zarr.codecs import Codec

if TYPE_CHECKING:
    from collections.abc import Callable

JPEG = 7
"""Source: https://www.loc.gov/preservation/digital/formats/content/tiff_tags.shtml, tag 259"""


class Watch:
    """Adds up what calls of the codec take, in all threads."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._seconds_again: list[float] = []
        self._is_called_again = False

    def begin(self, *, is_called_again: bool) -> None:
        """Begin to add up."""
        self._seconds, self._seconds_again, self._is_called_again = [], [], is_called_again

    def tell(self) -> dict[str, float]:
        """Seconds of all threads by their number; see ``Taken``."""
        return {"codec": sum(self._seconds) / N_THREADS, "again": sum(self._seconds_again) / N_THREADS}

    def watch(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, watched."""

        def watched(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            result = function(*args, **kwargs)
            ended = time.perf_counter()
            self._seconds.append(ended - started)
            if self._is_called_again:
                function(*args, **kwargs)
                self._seconds_again.append(time.perf_counter() - ended)
            return result

        return watched


def main() -> None:
    """Serve."""
    workload, side = WORKLOADS[sys.argv[1]], SIDES[sys.argv[2]]
    watch = Watch()
    Codec.encode = watch.watch(Codec.encode)
    tifffile.TIFF.DECOMPRESSORS.get(JPEG)  # looked up before it is watched, since tifffile asks where it is from
    imagecodecs.jpeg_decode = watch.watch(imagecodecs.jpeg_decode)

    def run(line: str) -> dict[str, float]:
        watch.begin(is_called_again=line.startswith(AGAIN))
        convert(workload, side, line.removeprefix(AGAIN))
        return watch.tell()

    serve(run, lambda: convert(get_tiny(workload), side, sys.argv[3]), f"{side.uses}, beside the limit")


if __name__ == "__main__":
    main()
