"""Tables of SpatialData: the elements that they annotate are there, and so are the instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.curate.codes import build_finding
from vitrina.curate.data.label_ids import MAX_PIXELS, find_label_ids
from vitrina.curate.image_fields import list_levels
from vitrina.curate.nearest import join_some, suggest

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.model.finding import Finding

ATTRS = "spatialdata_attrs"
KEYS = ("region", "region_key", "instance_key")
"""Source: https://spatialdata.scverse.org/en/stable/design_doc.html#table-table-of-annotations-for-regions"""

_ANNOTATABLE = ("labels", "shapes", "points")


def check_annotation(dataset: Any, name: str, table: Any) -> list[Finding]:
    """Whether a table's region, region_key and instance_key can be followed to instances of elements.

    Args:
        dataset: The SpatialData that has the table.
        name: Of the table.
        table: An AnnData; one that says nothing of regions annotates nothing, which is allowed.
    """
    if ATTRS not in table.uns:
        return []
    attrs = table.uns[ATTRS]
    node = f"tables/{name}"
    findings = _check_keys(table, attrs, node)
    if findings:
        return findings
    region = attrs["region"]
    regions = [region] if isinstance(region, str) else [str(one) for one in region]
    return [*_check_regions(table, attrs, regions, node), *_check_instances(dataset, table, attrs, regions, node)]


def _check_keys(table: Any, attrs: Any, node: str) -> list[Finding]:
    findings = []
    missing = [key for key in KEYS if attrs.get(key) is None]
    if missing:
        message = f"{node} annotates elements, but its {ATTRS} lack {join_some(missing)}."
        fix = "Parse the table with TableModel.parse(adata, region=..., region_key=..., instance_key=...)."
        return [build_finding("region-missing", f"{node}/uns#/{ATTRS}", message, fix=fix)]
    for key in KEYS[1:]:
        column = str(attrs[key])
        if column not in table.obs.columns:
            message = f"{node} says that its {key} is the column {column!r}, which obs does not have."
            nearest = suggest(column, [str(name) for name in table.obs.columns])
            findings.append(build_finding("region-missing", f"{node}/uns#/{ATTRS}/{key}", message, fix=nearest))
    return findings


def _check_regions(table: Any, attrs: Any, regions: list[str], node: str) -> list[Finding]:
    column = table.obs[attrs["region_key"]]
    found = {str(value) for value in column.dropna().unique()}
    if found == set(regions) and not column.isna().any():
        return []
    path = f"{node}/obs#/{attrs['region_key']}"
    message = (
        f"{node} annotates {join_some(sorted(regions))}, and its column {attrs['region_key']!r} has "
        f"{join_some(sorted(found)) or 'nothing'}" + (" and missing values." if column.isna().any() else ".")
    )
    return [build_finding("region-differs", path, message, fix=f"Set uns[{ATTRS!r}]['region'] to those of the column.")]


def _check_instances(dataset: Any, table: Any, attrs: Any, regions: list[str], node: str) -> list[Finding]:
    findings = []
    column = table.obs[attrs["region_key"]].astype(str).to_numpy()
    ids = table.obs[attrs["instance_key"]]
    elements = {name: (element_type, element) for element_type, name, element in dataset.gen_elements()}
    for region in regions:
        rows = ids[column == region]
        if region not in elements:
            spare = [name for name, (element_type, _) in elements.items() if element_type in _ANNOTATABLE]
            message = f"{node} annotates {region!r} with {len(rows):,} rows, and the dataset has no such element."
            path = f"{node}/uns#/{ATTRS}/region"
            findings.append(build_finding("region-element-missing", path, message, fix=suggest(region, spare)))
            continue
        element_type, element = elements[region]
        if element_type not in _ANNOTATABLE:
            message = f"{node} annotates {element_type}/{region}, which has no instances; labels and shapes have."
            findings.append(build_finding("region-not-annotatable", f"{node}/uns#/{ATTRS}/region", message))
            continue
        findings += _check_region(rows, _READ_IDS[element_type](element), node, attrs, f"{element_type}/{region}")
    return findings


def _check_region(rows: Any, known: Any, node: str, attrs: Any, element: str) -> list[Finding]:
    import pandas as pd

    path = f"{node}/obs#/{attrs['instance_key']}"
    findings = []
    repeated = rows[rows.duplicated()]
    if len(repeated):
        message = f"{len(repeated):,} rows of {node} have an id that an earlier row of {element} has, such as "
        message += f"{repeated.iloc[0]!r}."
        findings.append(build_finding("instance-repeated", path, message, fix="Keep one row for each instance."))
    if known is None:
        message = f"{element} has more than {MAX_PIXELS:,} pixels; its ids were not read and not compared with {node}."
        return [*findings, build_finding("labels-not-scanned", f"{element}#", message)]
    known = pd.Index(known)
    if pd.api.types.is_numeric_dtype(rows.dtype) != pd.api.types.is_numeric_dtype(known.dtype):
        message = f"{node} has ids of dtype {rows.dtype}, {element} of {known.dtype}; they can never be equal."
        fix = f"Convert obs[{attrs['instance_key']!r}] to the type of the element's index."
        return [*findings, build_finding("instance-dtype-differs", path, message, fix=fix)]
    present = rows.isin(known)
    missing = rows[~present & (rows != 0) if element.startswith("labels/") else ~present]
    if len(missing):
        message = (
            f"{len(missing):,} of {len(rows):,} rows of {node} have ids that {element} does not have: "
            f"{join_some(missing.tolist(), 5)}."
        )
        fix = "Remove the rows, or give the table and the element that belong together."
        findings.append(build_finding("instance-missing", path, message, fix=fix))
    n_alone = len(known) - int(known.isin(rows).sum())
    if n_alone:
        message = f"{n_alone:,} of {len(known):,} instances of {element} have no row in {node}."
        findings.append(build_finding("instance-not-annotated", path, message))
    return findings


def _read_label_ids(element: Any) -> Any:
    return find_label_ids(list_levels(element)[0])


def _read_index(element: Any) -> Any:
    return element.index.compute() if hasattr(element.index, "compute") else element.index


_READ_IDS: dict[str, Callable[[Any], Any]] = {"labels": _read_label_ids, "shapes": _read_index, "points": _read_index}
