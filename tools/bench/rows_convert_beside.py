"""Our conversions and the limit in one process: ``rows_convert_beside.py WORKLOAD SIDE TINY_TARGET``.

The line ``limit`` has all chunks compressed from memory, after the tiles of the source were decoded where they must be;
the other lines name targets.
"""

from __future__ import annotations

import sys

from rows_convert_limit import Limit
from rows_convert_vitrina import SIDES, convert
from worker import serve
from workloads import COMMON, LIMIT, WORKLOADS, get_tiny


def main() -> None:
    """Serve."""
    workload, side = WORKLOADS[sys.argv[1]], SIDES[sys.argv[2]]
    tiny = get_tiny(workload)
    limit, tiny_limit = Limit(workload), Limit(tiny)
    needed = ("decode", str(COMMON)) if workload.is_rgb else (str(COMMON),)

    def run(line: str) -> None:
        if line != LIMIT:
            convert(workload, side, line)
            return
        for name in needed:
            limit.run(name)

    def warm_up() -> None:
        for name in needed:
            tiny_limit.run(name)
        convert(tiny, side, sys.argv[3])

    serve(run, warm_up, f"{side.uses}, beside the limit")


if __name__ == "__main__":
    main()
