"""What CELLxGENE asks of spatial assays: Visium and those on beads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.curate.codes import build_finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.curate.rules import Ancestors
    from vitrina.model.finding import Finding

VISIUM: Final = "EFO:0010961"
BEADS: Final = "EFO:0920001"
"""Bead-based spatial transcriptomics, Slide-seqV2 among it."""

POSITIONS: Final = ("in_tissue", "array_row", "array_col")


def is_spatial(assays: Sequence[str], ancestors: Ancestors) -> bool:
    """Whether an assay is Visium or on beads, or a kind of these."""
    return _is_visium(assays, ancestors) or any(assay == BEADS or BEADS in ancestors(assay) for assay in assays)


def _is_visium(assays: Sequence[str], ancestors: Ancestors) -> bool:
    return any(assay == VISIUM or VISIUM in ancestors(assay) for assay in assays)


def check_spatial(dataset: Any, assays: Sequence[str], ancestors: Ancestors) -> list[Finding]:
    """What is wrong with ``uns['spatial']`` and the positions of spots."""
    spatial = dataset.uns.get("spatial")
    if not is_spatial(assays, ancestors):
        findings = [] if spatial is None else [_forbid("uns#/spatial", "uns['spatial'] is for spatial assays only.")]
        if "spatial" in dataset.obsm:
            findings.append(_forbid("obsm#/spatial", "obsm['spatial'] is for spatial assays only."))
        return findings
    if not hasattr(spatial, "get") or type(spatial.get("is_single")).__name__ not in ("bool", "bool_"):
        message = "uns['spatial']['is_single'] must say, as a bool, whether this is one section or puck."
        return [build_finding("spatial-missing", "uns#/spatial/is_single", message)]
    is_single = bool(spatial["is_single"])
    findings = _check_sections(dataset, assays, is_single=is_single)
    if _is_visium(assays, ancestors) and is_single:
        findings += _check_positions(dataset)
    return findings


def _check_sections(dataset: Any, assays: Sequence[str], *, is_single: bool) -> list[Finding]:
    findings = []
    if len(assays) > 1:
        message = f"A spatial dataset is of one assay, and obs has {len(assays)}."
        findings.append(build_finding("value-not-allowed", "obs#/assay_ontology_term_id", message))
    if is_single and "spatial" not in dataset.obsm:
        message = "obsm['spatial'] must hold the positions, for the dataset is one section."
        findings.append(build_finding("embedding-missing", "obsm#/spatial", message))
    if not is_single and "is_primary_data" in dataset.obs and dataset.obs["is_primary_data"].any():
        message = "is_primary_data must be False in a dataset of several sections."
        findings.append(build_finding("value-not-allowed", "obs#/is_primary_data", message))
    return findings


def _check_positions(dataset: Any) -> list[Finding]:
    findings = []
    for name in POSITIONS:
        if name not in dataset.obs:
            message = f"obs must have {name!r}, for the dataset is one Visium section."
            findings.append(build_finding("column-missing", f"obs#/{name}", message))
    if "in_tissue" in dataset.obs and not dataset.obs["in_tissue"].isin([0, 1]).all():
        findings.append(build_finding("value-not-allowed", "obs#/in_tissue", "in_tissue must be 0 or 1."))
    keys = [key for key in dataset.uns["spatial"] if key != "is_single"]
    if len(keys) != 1:
        message = f"uns['spatial'] must have one library besides is_single, and has {len(keys)}."
        return [*findings, build_finding("spatial-missing", "uns#/spatial", message)]
    library = dataset.uns["spatial"][keys[0]]
    needed = (("images", "hires"), ("scalefactors", "spot_diameter_fullres"), ("scalefactors", "tissue_hires_scalef"))
    for group, key in needed:
        if not hasattr(library, "get") or key not in (library.get(group) or {}):
            message = f"uns['spatial'][{keys[0]!r}] must have {group!r} with {key!r}."
            findings.append(build_finding("spatial-missing", f"uns#/spatial/{keys[0]}/{group}/{key}", message))
    return findings


def _forbid(path: str, message: str) -> Finding:
    return build_finding("column-forbidden", path, message, fix="Remove it.")
