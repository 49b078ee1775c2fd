"""What both sides are given: files, a folder, cells. The same bytes, from a fixed seed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from cohort import Cohort

PAGE = 20
"""Artifacts on a page."""

SEARCH_TEXT = "visium cortex"
"""Two of the commonest words: the hardest search."""

N_FOLDER_FILES = 1_600
FOLDER_FILE_BYTES = 125_000
"""A folder of 200 MB, as a small Zarr store is."""

N_CELLS, N_GENES = 150_000, 400
CATEGORIES = {"tissue": 40, "assay": 12, "disease": 60, "donor": 500, "batch": 90}
"""Distinct values of the five columns."""


def write_files(folder: Path, n: int) -> list[Path]:
    """New files of about 1 kB, all different from each other and from those of the call before."""
    turn = 0
    if folder.exists():
        turn = int((folder / "turn").read_text()) + 1
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / "turn").write_text(str(turn))
    files = []
    for number in range(n):
        file = folder / f"turn{turn}-table{number}.csv"
        file.write_text("sample,dose\n" + "".join(f"{turn}-{number}-{row},{row}.25\n" for row in range(60)))
        files.append(file)
    return files


def write_folder(folder: Path, turn: int) -> Path:
    """A folder of 1,600 files in 40 folders, of bytes that do not compress and that differ from turn to turn."""
    if folder.exists():
        shutil.rmtree(folder)
    rng = np.random.default_rng(turn)
    for number in range(N_FOLDER_FILES):
        parent = folder / f"{number % 40}"
        parent.mkdir(parents=True, exist_ok=True)
        (parent / f"{number // 40}").write_bytes(rng.bytes(FOLDER_FILE_BYTES))
    return folder


def build_cells(*, as_objects: bool) -> Any:
    """An AnnData of 150,000 cells by 400 genes whose observations have five columns of categories."""
    import anndata
    import pandas as pd
    import scipy.sparse

    rng = np.random.default_rng(1)
    columns = {}
    for name, n_categories in CATEGORIES.items():
        names = np.array([f"{name} {number}" for number in range(n_categories)], dtype=object)
        values = names[rng.integers(0, n_categories, N_CELLS)]
        columns[name] = pd.Series(values, dtype=object) if as_objects else pd.Categorical(values, categories=names)
    index = pd.Index([f"cell{number}" for number in range(N_CELLS)])
    obs = pd.DataFrame(columns)
    obs.index = index
    matrix = scipy.sparse.random(N_CELLS, N_GENES, density=0.05, format="csr", dtype=np.float32, random_state=rng)
    return anndata.AnnData(matrix, obs=obs, var=pd.DataFrame(index=[f"GENE{number}" for number in range(N_GENES)]))


def choose_pair(cohort: Cohort) -> tuple[tuple[str, int], tuple[str, int]]:
    """Two labels that a user would combine: a common tissue and a common assay."""
    return ("Tissue", cohort.rank_terms("Tissue")[4]), (
        "ExperimentalFactor",
        cohort.rank_terms("ExperimentalFactor")[2],
    )
