"""Print a module that holds readers and targets to their protocols, for mypy: their registries name them as text."""

from __future__ import annotations

from vitrina.convert.targets import TARGETS
from vitrina.readers.registry import BUILT_IN


def main() -> None:
    """Print the module."""
    print_seam("vitrina.readers.reader", "Reader", [point.value for point in BUILT_IN.values()])
    print_seam("vitrina.convert.target", "Target", [path for path, _ in TARGETS.values()])


def print_seam(module: str, protocol: str, paths: list[str]) -> None:
    """One protocol and all that should satisfy it, each ``module:Class``."""
    print(f"from {module} import {protocol}")
    names = [f"_{protocol}{number}" for number in range(len(paths))]
    for name, path in zip(names, paths, strict=True):
        own, _, made = path.partition(":")
        print(f"from {own} import {made} as {name}")
    print(f"{protocol.upper()}S: tuple[{protocol}, ...] = ({', '.join(f'{name}()' for name in names)})")


if __name__ == "__main__":
    main()
