"""MuData in HDF5 and Zarr against its specification.

Source: https://mudata.readthedocs.io/en/latest/io/spec.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.checked import Checked
from vitrina.checks.formats.annotated.dataset import check_dataset
from vitrina.checks.formats.annotated.modalities import check_modalities
from vitrina.checks.formats.annotated.version import check_root, find_version
from vitrina.checks.formats.apart import check_apart
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going
from vitrina.checks.formats.nodes.consolidated import check_consolidated
from vitrina.checks.formats.nodes.open import be_still, open_node
from vitrina.checks.limits import limit_findings
from vitrina.readers.mudata import H5MU_MAGIC
from vitrina.readers.quiet import without_format_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree


def check_mudata(source: Source, *, is_metadata_only: bool = False) -> Checked:
    """What is wrong with a MuData file or hierarchy, and with each of its modalities.

    Args:
        source: ``.h5mu``, or Zarr in a folder or zip file.
        is_metadata_only: Whether values are left unread.

    Raises:
        UnreadableError: Nothing can be read.
    """
    return check_apart("mudata", source, is_metadata_only=is_metadata_only)


def check_mudata_here(
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
        findings = limit_findings(_check(source, root, tree, is_metadata_only=is_metadata_only))
        return Checked(kind="mudata", version=find_version(root), findings=findings)


def _check(source: Source, root: Node, tree: ZarrTree | None, *, is_metadata_only: bool) -> Iterator[Finding]:
    yield from check_root(root, "MuData")
    if tree is None and not source.head.startswith(H5MU_MAGIC):
        message = f"{source.path.name} does not begin with 'MuData', by which the format is told from plain HDF5."
        yield build_finding("mudata-header-missing", "#", message, fix="Write it again with mudata.")
    yield from check_dataset(root, is_metadata_only=is_metadata_only, own_groups=("mod",))
    yield from keep_going("mod", check_modalities(root, is_metadata_only=is_metadata_only))
    if tree is not None:
        yield from check_consolidated(tree)
