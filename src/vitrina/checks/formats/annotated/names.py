"""Names of rows, read in pieces."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from vitrina.checks.formats.nodes.node import BLOCK_VALUES, check_chunk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.formats.nodes.node import Node

MAX_NAMES: Final = 20_000_000
"""Of longer lists the first names are read."""


def read_names(node: Node) -> Iterator[list[str]]:
    """The values of an array as text, block by block, at most ``MAX_NAMES`` of them."""
    check_chunk(node)
    n_names = min(node.shape[0] if node.shape else 0, MAX_NAMES)
    for start in range(0, n_names, BLOCK_VALUES):
        yield [str(value) for value in node.read(start, min(start + BLOCK_VALUES, n_names))]


def find_repeated(node: Node) -> dict[str, int]:
    """Values that occur more than once, as text, with how often they do."""
    import numpy as np

    hashes = [np.fromiter(map(hash, names), dtype=np.int64, count=len(names)) for names in read_names(node)]
    if not hashes:
        return {}
    unique, counts = np.unique(np.concatenate(hashes), return_counts=True)
    suspects = set(unique[counts > 1].tolist())
    if not suspects:
        return {}
    found: Counter[str] = Counter()
    for names in read_names(node):
        found.update(name for name in names if hash(name) in suspects)
    return {name: count for name, count in found.items() if count > 1}
