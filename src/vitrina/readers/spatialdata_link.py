"""A table that annotates elements, as SpatialData wants it.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html#table-table-of-annotations-for-regions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData

    from vitrina.model.content import TableElement

ATTRS = "spatialdata_attrs"
"""Key of ``uns`` under which SpatialData keeps what a table annotates."""

REGION_KEY = "region"


def link_table(table: AnnData, element: TableElement, names: Mapping[str, str]) -> tuple[AnnData, tuple[Finding, ...]]:
    """The table with the columns and attributes by which SpatialData finds what it annotates.

    Args:
        table: In memory; it is changed.
        element: Says what it annotates.
        names: Of the elements that points, shapes and labels have in the result, by their names in the source.

    Returns:
        The table, and what was wrong with its links, in which case it annotates nothing.
    """
    import pandas as pd

    table.uns.pop(ATTRS, None)
    if not element.region:
        return table, ()
    missing = [name for name in element.region if name not in names]
    if missing:
        return table, (_unlinked(element, f"it annotates {', '.join(missing)}, which the result does not have"),)
    if element.instance_key is None or element.instance_key not in table.obs:
        return table, (_unlinked(element, "no column of it holds the ids of what it annotates"),)
    key = element.region_key or REGION_KEY
    if key in table.obs:
        region = table.obs[key].astype(str)
        if set(region.unique()) != set(element.region):
            return table, (_unlinked(element, f"its column {key!r} names other elements than it says it annotates"),)
    elif len(element.region) == 1:
        region = pd.Series(element.region[0], index=table.obs.index)
    else:
        return table, (_unlinked(element, f"it has no column {key!r} that says which element a row is about"),)
    renamed = [names[name] for name in element.region]
    table.obs[key] = pd.Categorical(region.map(names), categories=list(dict.fromkeys(renamed)))
    table.uns[ATTRS] = {
        "region": renamed if len(renamed) > 1 else renamed[0],
        "region_key": key,
        "instance_key": element.instance_key,
    }
    return table, ()


def _unlinked(element: TableElement, why: str) -> Finding:
    return Finding(
        code="table-unlinked",
        severity="warning",
        path=element.path,
        message=f"The table {element.name!r} annotates nothing in the result: {why}.",
        fix=None,
    )
