"""What CELLxGENE asks of matrices, genes and embeddings, beyond what rules on columns can say.

Source: https://github.com/chanzuckerberg/single-cell-curation/blob/main/schema/7.1.0/schema.md
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from vitrina.curate.builtin import cellxgene_matrix, cellxgene_spatial, cellxgene_uns
from vitrina.curate.codes import build_finding
from vitrina.curate.nearest import join_some
from vitrina.curate.parts import get_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.curate.component import Component
    from vitrina.curate.rules import Ancestors
    from vitrina.curate.vocabulary import Vocabulary
    from vitrina.model.finding import Finding

MIN_GENES: Final = 20_000
"""Rows of ``var`` below which genes were probably filtered, which the schema advises against."""

RESERVED: Final = "__"
ADDED_TO_VAR: Final = ("feature_name", "feature_reference", "feature_biotype", "feature_length", "feature_type")
LEFT_OUT_WHEN_NA: Final = ("experimental_condition_ontology_term_id", "genetic_perturbation_id")
ANY_ORGANISM: Final = ("NCBITaxon:32630", "NCBITaxon:2697049")
"""Of spike-ins and of SARS-CoV-2, whose genes may be among those of any organism."""

EMBEDDING_KEY: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_.-]*")


def check(dataset: Any, components: Sequence[Component], vocabulary: Vocabulary, ancestors: Ancestors) -> list[Finding]:
    """What is wrong with an AnnData by CELLxGENE's schema, besides its columns.

    Args:
        dataset: The AnnData; another object has been told of already.
        components: That have been checked.
        vocabulary: What values mean.
        ancestors: Of a term.
    """
    if get_kind(dataset) != "AnnData":
        return []
    assays = _list_terms(components, "obs", "assay_ontology_term_id")
    return [
        *_check_names(dataset),
        *_check_without_values(dataset),
        *_check_genes(dataset, components, vocabulary),
        *cellxgene_matrix.check_matrices(dataset, assays, ancestors),
        *_check_embeddings(dataset, needs_one=not cellxgene_spatial.is_spatial(assays, ancestors)),
        *cellxgene_uns.check_uns(dataset),
        *cellxgene_spatial.check_spatial(dataset, assays, ancestors),
    ]


def _list_terms(components: Sequence[Component], slot: str, column: str) -> list[str]:
    """Ids of the terms of a column."""
    return [
        found.value
        for component in components
        if str(component.part.slot) == slot
        for one in component.features
        if one.name == column
        for found in one.resolutions
        if found.is_valid
    ]


def _check_names(dataset: Any) -> list[Finding]:
    """Names that repeat, that begin like CELLxGENE's own, and those of ``raw.var`` that it adds."""
    findings = []
    for axis in ("obs", "var"):
        if not getattr(dataset, axis).index.is_unique:
            message = f"Names of {axis} repeat; CELLxGENE needs them unique."
            findings.append(build_finding("value-not-unique", f"{axis}#/index", message))
    frames = {"obs": dataset.obs, "var": dataset.var, "uns": dataset.uns, "obsm": dataset.obsm, "varm": dataset.varm}
    if dataset.raw is not None:
        frames["raw/var"] = dataset.raw.var
        for name in (*ADDED_TO_VAR, "feature_is_filtered"):
            if name in dataset.raw.var.columns:
                message = f"raw.var has {name!r}, which may not be there."
                findings.append(build_finding("column-forbidden", f"raw/var#/{name}", message, fix="Remove it."))
    for node, frame in frames.items():
        for name in frame:
            if str(name).startswith(RESERVED):
                message = f"{node} has {name!r}; names that begin with {RESERVED!r} are reserved."
                findings.append(build_finding("column-forbidden", f"{node}#/{name}", message, fix="Rename it."))
    return findings


def _check_without_values(dataset: Any) -> list[Finding]:
    """Columns that may be absent, and must be where they say nothing."""
    return [
        build_finding(
            "column-forbidden",
            f"obs#/{name}",
            f"obs has {name!r}, and all its values are na; then it may not be there.",
            fix="Remove it.",
        )
        for name in LEFT_OUT_WHEN_NA
        if name in dataset.obs and (dataset.obs[name] == "na").all()
    ]


def _check_genes(dataset: Any, components: Sequence[Component], vocabulary: Vocabulary) -> list[Finding]:
    findings = []
    if dataset.n_vars < MIN_GENES:
        message = f"var has {dataset.n_vars:,} genes; they should not be filtered, and most references have more."
        findings.append(build_finding("genes-filtered", "var#", message))
    terms = [
        found.term
        for component in components
        if str(component.part.slot) == "var.T"
        for one in component.features
        for found in one.resolutions
        if found.is_valid and found.term is not None
    ]
    organism = dataset.uns.get("organism_ontology_term_id")
    names = sorted({term.organism for term in terms if term.organism})
    found = vocabulary.resolve("Organism", names, field="ontology_id")
    others = [name for name in names if found[name].standard not in (None, organism, *ANY_ORGANISM)]
    if not isinstance(organism, str) or not others or _is_below(organism, others, found, vocabulary):
        return findings
    n_wrong = sum(term.organism in others for term in terms)
    message = f"{n_wrong:,} of {dataset.n_vars:,} genes are of {join_some(others)}, and the dataset is of {organism}."
    return [*findings, build_finding("genes-of-other-organism", "var#", message)]


def _is_below(organism: str, others: list[str], found: Any, vocabulary: Vocabulary) -> bool:
    """Whether the dataset is of a strain of the organisms that the genes are of."""
    above = vocabulary.find_ancestors("Organism", [organism]).get(organism, frozenset())
    return all(found[name].standard in above for name in others)


def _check_embeddings(dataset: Any, *, needs_one: bool) -> list[Finding]:
    findings = []
    for key, array in dataset.obsm.items():
        findings += _check_embedding(str(key), array)
    if needs_one and not any(str(key).startswith("X_") for key in dataset.obsm):
        message = "obsm has no embedding whose key begins with X_; at least one is needed."
        findings.append(build_finding("embedding-missing", "obsm#", message, fix="Add one, such as X_umap."))
    return findings


def _check_embedding(key: str, array: Any) -> list[Finding]:
    import numpy as np

    path = f"obsm#/{key}"
    is_spatial = key.lower() == "spatial"
    if key.lower() == "x_spatial" or not EMBEDDING_KEY.fullmatch(key.removeprefix("X_")):
        message = f"The key {key!r} of obsm may not be used."
        return [build_finding("embedding-invalid", path, message, fix="Use X_ and letters, digits, '_', '-' or '.'.")]
    shown = is_spatial or key.startswith("X_")
    if not isinstance(array, np.ndarray) or array.ndim < 2 or (shown and array.shape[1] < 2):
        message = f"obsm[{key!r}] must be an array with at least two columns."
        return [build_finding("embedding-invalid", path, message)]
    if array.dtype.kind not in "iuf":
        return [build_finding("embedding-invalid", path, f"obsm[{key!r}] has dtype {array.dtype}; it must be numbers.")]
    missing = np.isnan(array)
    if np.isinf(array).any() or missing.all() or (is_spatial and missing.any()):
        message = f"obsm[{key!r}] has infinite values, or NaN where none may be."
        return [build_finding("embedding-invalid", path, message)]
    return []
