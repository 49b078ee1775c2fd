"""What CELLxGENE asks of uns: no empty values, references that can be followed, colours that are colours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from vitrina.curate.codes import build_finding
from vitrina.curate.nearest import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.finding import Finding

COLORS: Final = "_colors"
HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
NAMED: Final = re.compile(r"[a-z]+")
PERTURBATIONS: Final = "genetic_perturbations"
PERTURBATION_COLUMN: Final = "genetic_perturbation_id"


def check_uns(dataset: Any) -> list[Finding]:
    """What is wrong with the unstructured annotations of an AnnData."""
    findings = []
    for key, value in dataset.uns.items():
        if hasattr(value, "__len__") and len(value) == 0:
            message = f"uns[{key!r}] is empty, which is not allowed."
            findings.append(build_finding("value-missing", f"uns#/{key}", message, fix="Fill it in, or remove it."))
        elif str(key).endswith(COLORS):
            findings += _check_colors(dataset, str(key), value)
    return [*findings, *_check_references(dataset), *_check_perturbations(dataset)]


def _check_references(dataset: Any) -> Iterator[Finding]:
    """Columns of obs and keys of obsm that uns names."""
    columns = [str(name) for name in dataset.obs.columns]
    batches = dataset.uns.get("batch_condition", ())
    for name in [batches] if isinstance(batches, str) else list(batches):
        if name not in columns:
            message = f"uns['batch_condition'] names {name!r}, which is no column of obs."
            yield build_finding("reference-missing", "uns#/batch_condition", message, fix=suggest(str(name), columns))
    embedding = dataset.uns.get("default_embedding")
    if isinstance(embedding, str) and embedding not in dataset.obsm:
        message = f"uns['default_embedding'] names {embedding!r}, which is no key of obsm."
        fix = suggest(embedding, [str(key) for key in dataset.obsm])
        yield build_finding("reference-missing", "uns#/default_embedding", message, fix=fix)


def _check_colors(dataset: Any, key: str, value: Any) -> list[Finding]:
    import pandas as pd

    column = key.removesuffix(COLORS)
    path = f"uns#/{key}"
    if column not in dataset.obs or not isinstance(dataset.obs[column].dtype, pd.CategoricalDtype):
        message = f"uns[{key!r}] has colours for {column!r}, which is no categorical column of obs."
        return [build_finding("colors-invalid", path, message, fix="Remove them, or name them after their column.")]
    needed = int(dataset.obs[column].nunique())
    colors = list(value.tolist() if hasattr(value, "tolist") else value)
    texts = [color for color in colors if isinstance(color, str)]
    if len(texts) < len(colors) or not any(all(form.fullmatch(text) for text in texts) for form in (HEX, NAMED)):
        message = f"uns[{key!r}] must be colours such as '#1f77b4', or names of colours, not both."
        return [build_finding("colors-invalid", path, message)]
    if len(colors) < needed:
        message = f"uns[{key!r}] has {len(colors)} colours for {needed} categories."
        return [build_finding("colors-invalid", path, message)]
    return []


def _check_perturbations(dataset: Any) -> list[Finding]:
    """Perturbations of obs and those of uns come together, and those of obs are among those of uns."""
    known, has_column = dataset.uns.get(PERTURBATIONS), PERTURBATION_COLUMN in dataset.obs
    if (known is None) != (not has_column):
        there, absent = ("uns", "obs") if known is not None else ("obs", "uns")
        message = f"Genetic perturbations are in {there} and not in {absent}; they need both."
        return [build_finding("reference-missing", f"{absent}#", message)]
    if known is None:
        return []
    values = dataset.obs[PERTURBATION_COLUMN].dropna().unique()
    ids = {item for value in values for item in str(value).split(" || ") if item != "na"}
    return [
        build_finding(
            "reference-missing",
            f"obs#/{PERTURBATION_COLUMN}",
            f"obs names the perturbation {item!r}, which uns[{PERTURBATIONS!r}] does not have.",
            fix=suggest(item, [str(key) for key in known]),
        )
        for item in sorted(ids - {str(key) for key in known})
    ]
