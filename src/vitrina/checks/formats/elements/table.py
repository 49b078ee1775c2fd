"""Tables of SpatialData: AnnData, and the elements that they annotate.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html#table-table-of-annotations-for-regions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vitrina.checks.formats.annotated.dataset import check_dataset
from vitrina.checks.formats.annotated.version import check_root
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going
from vitrina.checks.formats.elements.instances import check_columns, check_instances
from vitrina.checks.formats.elements.links import check_regions, parse_link
from vitrina.checks.formats.nodes.zarr import ZarrNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vitrina.model.finding import Finding
    from vitrina.readers.zarr_tree import ZarrTree

_TYPE: Final = "ngff:regions_table"
_VERSIONS: Final = ("0.1", "0.2")
"""Source: https://github.com/scverse/spatialdata/blob/main/src/spatialdata/_io/format.py"""


def check_table(tree: ZarrTree, path: str, elements: Mapping[str, str], *, is_metadata_only: bool) -> Iterator[Finding]:
    """What is wrong with the table at a path; ``elements`` gives the folder of each element's name."""
    table = ZarrNode(tree, path)
    stated = table.attrs.get("spatialdata-encoding-type")
    if stated != _TYPE:
        message = f"{path} lies among tables, but its spatialdata-encoding-type is {str(stated)[:60]!r}, not {_TYPE!r}."
        yield build_finding("element-type-differs", f"{path}#/spatialdata-encoding-type", message)
    version = table.attrs.get("version")
    if version not in _VERSIONS:
        found = "absent" if version is None else repr(version)[:40]
        message = f"The version of {path} must be {' or '.join(_VERSIONS)}, but it is {found}."
        yield build_finding("element-version", f"{path}#/version", message)
    yield from check_root(table, "anndata")
    yield from check_dataset(table, is_metadata_only=is_metadata_only)
    link, findings = parse_link(table, path)
    yield from findings
    if link is None:
        return
    yield from check_regions(link, elements, path)
    yield from keep_going(path, check_columns(table, link, path))
    if not is_metadata_only:
        yield from keep_going(path, check_instances(tree, table, link, elements, path))
