"""Print a module that holds every built-in reader to the Reader protocol, for mypy: the registry names them as text."""

from __future__ import annotations

from vitrina.readers.registry import BUILT_IN


def main() -> None:
    """Print the module."""
    points = BUILT_IN.values()
    print("from vitrina.readers.reader import Reader")
    for number, point in enumerate(points):
        print(f"from {point.module} import {point.attr} as _{number}")
    print(f"READERS: tuple[Reader, ...] = ({', '.join(f'_{number}()' for number in range(len(points)))})")


if __name__ == "__main__":
    main()
