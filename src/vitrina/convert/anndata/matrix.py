"""One matrix of a table to Zarr: surveyed, narrowed, laid out, written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.convert.anndata.columns import open_columns
from vitrina.convert.anndata.dense import write_dense
from vitrina.convert.anndata.plan import plan_matrix
from vitrina.convert.anndata.sparse import write_sparse
from vitrina.convert.anndata.survey import choose_dtype, count_lost, survey_values
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import zarr

    from vitrina.convert.anndata.options import AnnDataOptions

    type Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """Where something goes.

    Attributes:
        group: The group that it becomes a part of.
        folder: Of the group.
        path: Of the group in the whole, for findings.
    """

    group: zarr.Group
    folder: Path
    path: str

    def create(self, name: str) -> Parent:
        """A new group in this one."""
        return Parent(group=self.group.create_group(name), folder=self.folder / name, path=self.join(name))

    def join(self, name: str) -> str:
        """The path of something in the group."""
        return f"{self.path}/{name}" if self.path else name


def write_matrix(
    matrix: Any, parent: Parent, name: str, options: AnnDataOptions, progress: Progress | None = None
) -> Iterator[Finding]:
    """Write ``X``, a layer, or the ``X`` of ``raw``.

    Args:
        matrix: Observations x variables: NumPy, SciPy, Dask, or a dataset of HDF5 or Zarr, dense or sparse.
        parent: Where it goes.
        name: Of the matrix in the group.
        options: How.
        progress: Called with variables done and variables in all.
    """
    path = parent.join(name)
    source = open_columns(matrix, path, scratch=parent.folder, max_memory_bytes=options.max_memory_bytes)
    try:
        survey = survey_values(source.iterate_values())
        dtype = choose_dtype(survey)
        n_lost = count_lost(survey, dtype)
        if n_lost:
            yield tell_rounded(path, source.dtype.name, dtype.name, n_lost)
        plan = plan_matrix(source.shape, dtype.itemsize, source.n_stored, options)
        if plan.encoding == "dense":
            write_dense(source, parent.folder, name, dtype=dtype, plan=plan, options=options, progress=progress)
        else:
            write_sparse(source, parent.group, name, dtype=dtype, plan=plan, options=options, progress=progress)
    finally:
        source.close()


def tell_rounded(path: str, before: str, after: str, n_lost: int) -> Finding:
    """That values were rounded."""
    return Finding(
        code="values-rounded",
        severity="info",
        path=f"{path}#",
        message=f"{n_lost:,} values of {path} are not exactly {after}: stored as {before}, they are written rounded to "
        f"{'7' if after == 'float32' else '15'} digits.",
        fix="Keep the original where all digits matter.",
    )
