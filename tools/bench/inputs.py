"""What both sides are given: files, a folder, cells. The same bytes, from a fixed seed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
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


def make_apart(folder: Path) -> Path:
    """A new folder whose files lie away on the disk from those that were removed before, by us or by others.

    For minutes after a file was removed, ext4 without a journal passes its inode by, one after the other, for each new
    file of the neighbourhood: with some thousands of them, making 1,600 files takes up to a second instead of 30 ms,
    and whoever comes next pays for what was removed before. ``T`` has it put each folder into a neighbourhood of its
    own. What is measured removes nothing itself while it goes on, on any side.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with suppress(FileNotFoundError):  # no chattr; other file systems refuse the attribute, and do not need it
        subprocess.run(["chattr", "+T", str(folder)], check=False, capture_output=True)
    return Path(tempfile.mkdtemp(dir=folder))


def write_folder(folder: Path, turn: int) -> Path:
    """A folder of 1,600 files in 40 folders, of bytes that do not compress, on the disk and in memory.

    From turn to turn the bytes differ, and the sizes by a byte a file: folders of different data do, and one that had
    the size of another to the byte would be read twice, to see whether it is the same. The files of the turn before are
    written over, so that nothing is removed.
    """
    rng = np.random.default_rng(turn)
    for number in range(N_FOLDER_FILES):
        parent = folder / f"{number % 40}"
        parent.mkdir(parents=True, exist_ok=True)
        with (parent / f"{number // 40}").open("r+b" if turn else "wb") as stream:
            stream.write(rng.bytes(FOLDER_FILE_BYTES + turn))
    subprocess.run(["sync", "-f", str(folder)], check=True)
    # A virtual machine gets memory from its host when it touches it first, which costs more than copying into it does.
    np.ones(2 * N_FOLDER_FILES * FOLDER_FILE_BYTES, dtype=np.uint8)
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
