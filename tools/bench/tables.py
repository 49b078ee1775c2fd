"""Measure what one gene costs in AnnData on disk: as we write it, and as anndata writes it by default.

    python tools/bench/tables.py [--cells N] [--genes N] [--sweep]

Counts are negative binomial, with means that differ between genes as in spatial data. Each gene is read by zarr-python
from an array that is open already, from the page cache; bytes and requests are those that the store is asked for. With
`--sweep`, dense and sparse layouts are measured at several densities and sizes: the figures of the decision.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anndata
import numpy as np
import zarr
from machine import describe_machine
from scipy.sparse import csr_matrix
from table import build_markdown, print_cells, replace_section, tell_when
from zarr.abc.store import Store
from zarr.storage import LocalStore, WrapperStore

from vitrina.convert.anndata.anndata_zarr import write_anndata_zarr
from vitrina.convert.anndata.options import AnnDataOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "bench" / "tables"
N_READS = 60
GOAL_MS, GOAL_KB = 3, 60

warnings.simplefilter("ignore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One layout.

    Attributes:
        gene_ms: Median milliseconds of one gene.
        gene_kb: Mean kilobytes of one gene.
        n_requests: Mean requests of one gene.
        n_files: Files in all.
        size_mb: Megabytes in all.
        write_s: Seconds to write.
    """

    gene_ms: float
    gene_kb: float
    n_requests: float
    n_files: int
    size_mb: float
    write_s: float


class CountingStore(WrapperStore[LocalStore]):
    """Counts what is asked for."""

    def __init__(self, store: LocalStore) -> None:
        super().__init__(store)
        self.n_requests = self.n_bytes = 0

    async def get(self, *args: Any, **kwargs: Any) -> Any:
        value = await super().get(*args, **kwargs)
        self.n_requests += 1
        self.n_bytes += 0 if value is None else len(value)
        return value

    def get_ranges(self, *args: Any, **kwargs: Any) -> Any:
        """As every store does it: ranges that are near each other are asked for together, by `get`."""
        return Store.get_ranges(self, *args, **kwargs)

    def get_ranges_sync(self, *args: Any, **kwargs: Any) -> Any:
        return Store.get_ranges_sync(self, *args, **kwargs)

    def get_sync(self, *args: Any, **kwargs: Any) -> Any:
        value = super().get_sync(*args, **kwargs)
        self.n_requests += 1
        self.n_bytes += 0 if value is None else len(value)
        return value


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure genes.")
    parser.add_argument("--cells", type=int, default=150_000)
    parser.add_argument("--genes", type=int, default=400)
    parser.add_argument("--sweep", action="store_true")
    args = parser.parse_args()
    if args.sweep:
        sweep()
        return
    counts = make_counts(args.cells, args.genes, 0.3)
    density = np.count_nonzero(counts) / counts.size
    dense, sparse = anndata.AnnData(counts), anndata.AnnData(csr_matrix(counts))
    rows = [
        ("Vitrina: Zarr 3", measure(lambda path: write_ours(dense, path, zarr_format=3))),
        ("Vitrina: Zarr 2", measure(lambda path: write_ours(dense, path, zarr_format=2))),
        ("Vitrina: Zarr 3, shards", measure(lambda path: write_ours(dense, path, zarr_format=3, max_files=1))),
        ("Vitrina: Zarr 3, sparse by columns", measure(lambda path: write_ours(dense, path, layout="csc"))),
        ("anndata: write_zarr, dense", measure(dense.write_zarr)),
        ("anndata: chunks=(n_obs, 10)", measure(lambda path: dense.write_zarr(path, chunks=(args.cells, 10)))),
        ("anndata: write_zarr, CSC", measure(anndata.AnnData(sparse.X.tocsc()).write_zarr)),
        ("anndata: write_zarr, CSR", measure(sparse.write_zarr, n_reads=5)),
    ]
    cells = tell(rows)
    goal = (
        f"Wanted: {GOAL_MS} ms and {GOAL_KB} KB for a gene. {args.cells:,} cells x {args.genes:,} genes, of which "
        f"{density:.0%} of the counts are not zero; float32 in memory; the median of {N_READS} genes."
    )
    machine = describe_machine(WORK)
    print_cells(cells)
    print(f"\n{goal}\n{machine}")
    replace_section(
        ROOT / "docs" / "benchmarks.md",
        "tables",
        f"## Tables\n\n{tell_when(machine)}\n{goal}\n\n{build_markdown(cells)}",
    )


def sweep() -> None:
    """Dense and sparse at several densities and sizes."""
    rows = []
    for n_cells, n_genes in ((20_000, 2_000), (200_000, 400)):
        for mean in (0.01, 0.05, 0.3, 3.0):
            counts = make_counts(n_cells, n_genes, mean)
            adata = anndata.AnnData(csr_matrix(counts))
            name = f"{n_cells:,} x {n_genes:,}, {np.count_nonzero(counts) / counts.size:.1%} not zero"
            rows += [
                (f"{name}: dense", measure(lambda path, a=adata: write_ours(a, path, layout="dense"))),
                (f"{name}: csc", measure(lambda path, a=adata: write_ours(a, path, layout="csc"))),
            ]
    print_cells(tell(rows))


def make_counts(n_cells: int, n_genes: int, mean: float) -> npt.NDArray[np.float32]:
    """Counts as floats, which is how most files have them."""
    random = np.random.default_rng(0)
    means = np.minimum(random.lognormal(np.log(mean), 1.2, n_genes), 50)
    return random.negative_binomial(2, 2 / (2 + means), (n_cells, n_genes)).astype(np.float32)


def write_ours(adata: anndata.AnnData, path: Path, **options: Any) -> None:
    """As `vitrina convert` does."""
    write_anndata_zarr(adata, path, AnnDataOptions(**options))


def measure(write: Callable[[Path], Any], n_reads: int = N_READS) -> Measured:
    """Write, then read genes all over the matrix."""
    path = WORK / "table.zarr"
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    write(path)
    write_s = time.perf_counter() - started
    read, n_genes = open_matrix(LocalStore(path, read_only=True))
    genes = np.random.default_rng(1).integers(0, n_genes, n_reads)
    read(int(genes[0]))
    seconds = []
    for gene in genes:
        started = time.perf_counter()
        read(int(gene))
        seconds.append(time.perf_counter() - started)
    store = CountingStore(LocalStore(path, read_only=True))
    read, _ = open_matrix(store)
    n_requests, n_bytes = store.n_requests, store.n_bytes
    for gene in genes:
        read(int(gene))
    files = [Path(folder) / name for folder, _, names in os.walk(path / "X") for name in names]
    return Measured(
        gene_ms=float(np.median(seconds)) * 1e3,
        gene_kb=(store.n_bytes - n_bytes) / n_reads / 1e3,
        n_requests=(store.n_requests - n_requests) / n_reads,
        n_files=len(files),
        size_mb=sum(file.stat().st_size for file in files) / 1e6,
        write_s=write_s,
    )


def open_matrix(store: Any) -> tuple[Callable[[int], Any], int]:
    """What reads a gene as all cells, and the number of genes."""
    node = zarr.open(store, mode="r", path="X")
    if isinstance(node, zarr.Array):
        return (lambda gene: node[:, gene]), node.shape[1]
    data, indices, indptr = (node[name] for name in ("data", "indices", "indptr"))
    n_cells, n_genes = node.attrs["shape"]
    if node.attrs["encoding-type"] == "csr_matrix":
        return (lambda gene: scan(data, indices, indptr, gene, n_cells)), n_genes

    def read(gene: int) -> Any:
        start, stop = indptr[gene : gene + 2]
        values = np.zeros(n_cells, data.dtype)
        values[indices[start:stop]] = data[start:stop]
        return values

    return read, n_genes


def scan(data: Any, indices: Any, indptr: Any, gene: int, n_cells: int) -> Any:
    """All of a matrix that is sorted by rows, which is what one gene takes."""
    columns, offsets, values = indices[:], indptr[:], np.zeros(n_cells, data.dtype)
    hits = np.flatnonzero(columns == gene)
    values[np.searchsorted(offsets, hits, side="right") - 1] = data[:][hits]
    return values


def tell(rows: list[tuple[str, Measured]]) -> list[tuple[str, ...]]:
    """The cells of the table."""
    head = ("layout", "gene: ms", "KB", "requests", "files", "all: MB", "written in s")
    return [
        head,
        *(
            (
                name,
                f"{one.gene_ms:.1f}",
                f"{one.gene_kb:,.0f}",
                f"{one.n_requests:.0f}",
                f"{one.n_files:,}",
                f"{one.size_mb:.1f}",
                f"{one.write_s:.1f}",
            )
            for name, one in rows
        ),
    ]


if __name__ == "__main__":
    main()
