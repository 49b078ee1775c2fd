"""MuData: its modalities, and its observations as those of the modalities together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.curate.codes import build_finding
from vitrina.curate.data.anndata import check_anndata
from vitrina.curate.nearest import join_some

if TYPE_CHECKING:
    from vitrina.model.finding import Finding


def check_mudata(dataset: Any) -> list[Finding]:
    """What is wrong with each modality, and whether the observations of the whole are those of the modalities.

    Source: https://mudata.readthedocs.io/stable/api/generated/mudata.MuData.html (``axis`` 0 shares observations, 1
    variables; the shared names are the union of those of the modalities)
    """
    findings = []
    for name, modality in dataset.mod.items():
        findings += check_anndata(modality, f"mod/{name}/")
    if getattr(dataset, "axis", 0) in (0, -1):
        findings += _check_union(dataset)
    return findings


def _check_union(dataset: Any) -> list[Finding]:
    whole = set(dataset.obs.index)
    union = {name for modality in dataset.mod.values() for name in modality.obs.index}
    findings = []
    fix = "Call update() on the MuData object."
    for names, message in (
        (union - whole, "names of observations of the modalities are not in obs"),
        (whole - union, "names of obs are in no modality"),
    ):
        if names:
            told = f"{len(names):,} {message}: {join_some(sorted(map(str, names)), 3)}."
            findings.append(build_finding("modality-obs-differs", "obs#", told, fix=fix))
    return findings
