"""What CELLxGENE asks of X and raw: raw counts for the assays that count, sparse storage, flags of filtered genes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.curate.codes import build_finding
from vitrina.curate.data.matrix import check_counts
from vitrina.curate.nearest import join_some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.curate.rules import Ancestors
    from vitrina.model.finding import Finding

MAX_ZEROS: Final = 0.5
"""Share of zeros above which a matrix must be stored as CSR."""

NOT_COUNTED: Final = frozenset({"EFO:0007045", "EFO:0008804", "EFO:0000751", "EFO:0008939"})
"""Assays of chromatin and methylation, which need no raw counts."""

COUNTED_ANYHOW: Final = frozenset({"EFO:0010891", "EFO:0008913"})
"""An assay below both (multiome) counts RNA too."""


def check_matrices(dataset: Any, assays: Sequence[str], ancestors: Ancestors) -> list[Finding]:
    """What is wrong with the matrices of an AnnData."""
    lengths = _check_raw_names(dataset)
    findings = [*lengths, *_check_storage(dataset)]
    if lengths or dataset.X is None or dataset.X.shape != (len(dataset.obs), len(dataset.var)):
        return findings
    if not assays or _needs_counts(assays, ancestors):
        findings += _check_raw(dataset)
    return [*findings, *_check_filtered(dataset)]


def _needs_counts(assays: Sequence[str], ancestors: Ancestors) -> bool:
    above = [ancestors(assay) | {assay} for assay in assays]
    return not any(NOT_COUNTED & terms for terms in above) or any(terms >= COUNTED_ANYHOW for terms in above)


def _check_raw_names(dataset: Any) -> list[Finding]:
    """Whether raw has the observations and variables of the dataset."""
    if dataset.raw is None:
        return []
    if list(dataset.raw.var.index) != list(dataset.var.index):
        message = f"raw has {len(dataset.raw.var):,} variables that are not the {len(dataset.var):,} of var, in order."
        return [build_finding("raw-differs", "raw/var#", message)]
    if dataset.raw.X.shape[0] != len(dataset.obs):
        message = f"raw has {dataset.raw.X.shape[0]:,} observations, obs has {len(dataset.obs):,}."
        return [build_finding("raw-differs", "raw/X#", message)]
    return []


def _check_storage(dataset: Any) -> list[Finding]:
    import numpy as np

    findings = []
    matrices = {"X": dataset.X, **{f"layers/{name}": layer for name, layer in dataset.layers.items() if name}}
    if dataset.raw is not None:
        matrices["raw/X"] = dataset.raw.X
    for node, matrix in matrices.items():
        encoding = getattr(matrix, "format", None)
        if encoding == "csr" or matrix is None:
            continue
        if encoding is not None:
            message = f"{node} is stored as {encoding}; CELLxGENE takes csr or dense."
            findings.append(build_finding("matrix-should-be-sparse", f"{node}#", message, severity="error"))
        elif matrix.size and 1 - np.count_nonzero(matrix) / matrix.size > MAX_ZEROS:
            share = 1 - np.count_nonzero(matrix) / matrix.size
            message = f"{share:.0%} of {node} are zeros, and it is stored dense."
            fix = "Store it as scipy.sparse.csr_matrix."
            findings.append(build_finding("matrix-should-be-sparse", f"{node}#", message, fix=fix, severity="error"))
    return findings


def _check_raw(dataset: Any) -> list[Finding]:
    """Whether raw, or X where there is no raw, holds counts, of every observation at least one."""
    import numpy as np

    node, raw = ("X", dataset.X) if dataset.raw is None else ("raw/X", dataset.raw.X)
    if raw.dtype != np.float32:
        message = f"{node} must hold raw counts as float32, and has dtype {raw.dtype}."
        return [build_finding("counts-missing", f"{node}#", message, fix="Convert it with .astype('float32').")]
    findings = check_counts(raw, node)
    if findings:
        message = f"Raw counts are needed for these assays, and {node} does not hold any."
        return [*findings, build_finding("counts-missing", f"{node}#", message, fix="Put raw counts into raw.")]
    spots = dataset.obs["in_tissue"].to_numpy() == 1 if "in_tissue" in dataset.obs else slice(None)
    n_empty = int((np.asarray((raw != 0).sum(axis=1)).ravel()[spots] == 0).sum())
    if n_empty:
        message = f"{n_empty:,} observations have no counts at all in {node}."
        findings.append(build_finding("observation-empty", f"{node}#", message, fix="Remove them.", severity="error"))
    if dataset.raw is None:
        message = "There are raw counts only; normalised values in X, with the counts in raw, are strongly advised."
        findings.append(build_finding("normalized-missing", "X#", message))
    return findings


def _check_filtered(dataset: Any) -> list[Finding]:
    """Whether ``feature_is_filtered`` marks exactly the genes that have counts in raw and nothing in X."""
    import numpy as np

    if "feature_is_filtered" not in dataset.var or dataset.var["feature_is_filtered"].dtype != bool:
        return []
    path = "var#/feature_is_filtered"
    filtered = dataset.var["feature_is_filtered"].to_numpy()
    names = dataset.var.index
    if dataset.raw is None:
        if not filtered.any():
            return []
        message = f"{int(filtered.sum()):,} genes are marked as filtered, and there is no raw that would have them."
        return [build_finding("filter-flag-wrong", path, message, fix="Set it to False.")]
    empty = np.asarray((dataset.X != 0).sum(axis=0)).ravel() == 0
    empty_raw = np.asarray((dataset.raw.X != 0).sum(axis=0)).ravel() == 0
    findings = []
    for wrong, what in (
        (filtered & ~empty, "genes are marked as filtered, and have values in X"),
        (
            empty & ~filtered & ~empty_raw,
            "genes have counts in raw and only zeros in X, and are not marked as filtered",
        ),
    ):
        if wrong.any():
            message = f"{int(wrong.sum()):,} {what}: {join_some(list(names[wrong]), 5)}."
            findings.append(build_finding("filter-flag-wrong", path, message, severity="warning"))
    return findings
