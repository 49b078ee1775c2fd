"""AnnData in HDF5 and Zarr against its specification.

Source: https://anndata.readthedocs.io/en/latest/fileformat-prose.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.checked import Checked
from vitrina.checks.formats.annotated.dataset import check_dataset
from vitrina.checks.formats.annotated.version import check_root, find_version
from vitrina.checks.formats.apart import check_apart
from vitrina.checks.formats.nodes.consolidated import check_consolidated
from vitrina.checks.formats.nodes.open import be_still, open_node
from vitrina.checks.limits import limit_findings
from vitrina.readers.quiet import without_format_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree


def check_anndata(source: Source, *, is_metadata_only: bool = False) -> Checked:
    """What is wrong with an AnnData file or hierarchy.

    Matrices are not loaded: of a sparse one the pointers and indices are read block by block, of a dense one the shape.

    Args:
        source: ``.h5ad``, or Zarr in a folder or zip file.
        is_metadata_only: Whether values (category codes, sparse indices, row names) are left unread.

    Raises:
        UnreadableError: Nothing can be read.
    """
    return check_apart("anndata", source, is_metadata_only=is_metadata_only)


def check_anndata_here(
    source: Source, *, is_metadata_only: bool = False, beat: Callable[[], None] = be_still
) -> Checked:
    """The same inside this process, which a library can hang or end where bytes are damaged.

    Args:
        source: See above.
        is_metadata_only: See above.
        beat: Called before anything is read of an HDF5 file.

    Raises:
        UnreadableError: Nothing can be read.
    """
    with without_format_warnings(), open_node(source, beat) as (root, tree):
        findings = limit_findings(_check(root, tree, is_metadata_only=is_metadata_only))
        return Checked(kind="anndata", version=find_version(root), findings=findings)


def _check(root: Node, tree: ZarrTree | None, *, is_metadata_only: bool) -> Iterator[Finding]:
    yield from check_root(root, "anndata")
    yield from check_dataset(root, is_metadata_only=is_metadata_only)
    if tree is not None:
        yield from check_consolidated(tree)
