"""Loom files: one matrix of genes x cells, with attributes of rows and columns.

Loom says nothing of what an attribute means; names decide which hold the genes, the cells, positions and embeddings,
and findings say what was taken for what.

Source: https://linnarssonlab.org/loompy/format/index.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Content, Matrix
from vitrina.model.finding import Finding
from vitrina.readers.anndata_group import name_dtype, to_text
from vitrina.readers.anndata_stored import MAX_LOADED_BYTES
from vitrina.readers.damage import check_not_empty, is_empty_file, reading
from vitrina.readers.form import HDF5_MAGIC
from vitrina.readers.frames import describe_columns, describe_frames, find_repeated, make_names_unique
from vitrina.readers.hdf5 import check_contained, find_child, has_child, list_children, open_hdf5
from vitrina.readers.positions import find_group_column, find_position_columns
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.scatter import build_scatter_preview

if TYPE_CHECKING:
    import h5py
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from anndata import AnnData

    from vitrina.model.content import TableElement
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source

_DAMAGE = "loom-damaged", "a loom file"

GENE_NAMES = ("Gene", "gene", "var_names", "gene_names", "GeneName", "name", "Accession")
CELL_NAMES = ("CellID", "obs_names", "cell_id", "CellId", "Cell", "barcode", "cell")
"""Attributes by which genes and cells are known, most telling first: loompy's own, then scanpy's and others'."""

BLOCK_VALUES = 2**24

EMBEDDINGS = {
    "X_tsne": (("_tSNE_1", "_tSNE_2"), ("_tSNE1", "_tSNE2"), ("_X", "_Y"), ("tSNE1", "tSNE2")),
    "X_umap": (("_UMAP_1", "_UMAP_2"), ("UMAP1", "UMAP2"), ("umap_1", "umap_2")),
    "X_pca": (("_PC1", "_PC2"), ("PC1", "PC2")),
}
"""Pairs of attributes that are an embedding. Source: https://linnarssonlab.org/loompy/conventions/index.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoomHeads:
    """Everything but the matrices."""

    obs: pd.DataFrame
    var: pd.DataFrame
    obsm: dict[str, npt.NDArray[np.floating[Any]]]
    findings: tuple[Finding, ...] = field(default=())


class LoomReader:
    """Reads loom files as AnnData: cells x genes."""

    format = "loom"

    def detect(self, source: Source) -> bool:
        if is_empty_file(source, ".loom"):
            return True
        if not source.head.startswith(HDF5_MAGIC):
            return False
        import h5py

        try:
            with h5py.File(source.path, "r") as file:
                return all(has_child(file, name) for name in ("matrix", "row_attrs", "col_attrs"))
        except (OSError, RuntimeError, KeyError, ValueError):
            return source.path.suffix.lower() == ".loom"

    def read_content(self, source: Source) -> Content:
        check_not_empty(source)
        with reading(source, *_DAMAGE), open_hdf5(source.path) as file:
            heads = read_heads(file)
            element = describe_frames(
                heads.obs,
                heads.var,
                name="table",
                path="",
                matrix=Matrix(encoding="dense", dtype=name_dtype(get_matrix(file).dtype)),
                layers=list(open_layers(file)),
                obsm=heads.obsm,
            )
            return Content(
                format=self.format,
                format_version=_read_version(file),
                container="hdf5",
                elements=(element,),
                findings=heads.findings,
            )

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:  # noqa: ARG002 points have no pixels
        with reading(source, *_DAMAGE), open_hdf5(source.path) as file:
            heads = read_heads(file)
        name = next(iter(heads.obsm), None)
        if name is None:
            return None
        column = find_group_column(describe_columns(heads.obs))
        codes = None if column is None else heads.obs[column].cat.codes.to_numpy()
        return build_scatter_preview(heads.obsm[name], codes, is_spatial=name == "spatial")

    def read_object(self, source: Source) -> object:
        return _read_table(source)

    def open_object(self, source: Source) -> object:
        check_not_empty(source)
        with reading(source, *_DAMAGE):
            return open_hdf5(source.path)

    def read_table(self, source: Source, element: TableElement) -> AnnData:  # noqa: ARG002 there is one
        return _read_table(source)


def _read_table(source: Source) -> AnnData:
    check_not_empty(source)
    with reading(source, *_DAMAGE), open_hdf5(source.path) as file, without_format_warnings():
        from anndata import AnnData

        check_contained(file)
        heads = read_heads(file)
        uns = {name: to_text(value) for name, value in _list_global(file)}
        layers = {name: _read_matrix(layer) for name, layer in open_layers(file).items()}
        return AnnData(
            X=_read_matrix(get_matrix(file)),
            obs=heads.obs,
            var=heads.var,
            obsm=dict[str, Any](heads.obsm),
            layers=layers,
            uns={"loom": uns} if uns else {},
        )


def read_heads(file: h5py.File) -> LoomHeads:
    """What the file says of cells and genes.

    Raises:
        UnreadableError: It is damaged, or refers to other files.
    """
    n_genes, n_cells = (int(size) for size in get_matrix(file).shape)
    rows, columns = _read_attributes(file, "row_attrs", n_genes), _read_attributes(file, "col_attrs", n_cells)
    var, var_findings = _build_frame(rows, GENE_NAMES, n_genes, "var")
    obs, obs_findings = _build_frame(columns, CELL_NAMES, n_cells, "obs")
    obsm, obsm_findings = _build_obsm(columns, obs)
    return LoomHeads(obs=obs, var=var, obsm=obsm, findings=(*var_findings, *obs_findings, *obsm_findings))


def get_matrix(file: h5py.File) -> h5py.Dataset:
    """The matrix of genes x cells.

    Raises:
        UnreadableError: There is none, or it holds no numbers.
    """
    import h5py

    matrix = find_child(file, "matrix")
    if not isinstance(matrix, h5py.Dataset) or matrix.ndim != 2 or matrix.dtype.kind not in "biuf":
        raise UnreadableError(
            "loom-damaged", "The loom file has no matrix of genes x cells that holds numbers.", where="matrix"
        )
    return matrix


def _read_matrix(dataset: h5py.Dataset) -> Any:
    """Cells x genes; one that would take much memory is made sparse while it is read, some genes at a time."""
    from scipy.sparse import csr_matrix, vstack

    n_genes, n_cells = (int(size) for size in dataset.shape)
    if n_genes * n_cells * dataset.dtype.itemsize <= MAX_LOADED_BYTES:
        return dataset[()].T
    step = max(BLOCK_VALUES // max(n_cells, 1), 1)
    return vstack([csr_matrix(dataset[start : start + step]) for start in range(0, n_genes, step)]).T


def _read_attributes(file: h5py.File, group_name: str, n_values: int) -> dict[str, npt.NDArray[Any]]:
    """Arrays whose first axis is that of the rows or columns."""
    import h5py

    group = find_child(file, group_name)
    if not isinstance(group, h5py.Group):
        raise UnreadableError("loom-damaged", f"The loom file has no group {group_name}.", where=group_name)
    attributes = {}
    for name in list_children(group):
        node = find_child(group, name)
        if not isinstance(node, h5py.Dataset):
            continue
        if node.ndim == 0 or node.shape[0] != n_values:
            raise UnreadableError(
                "loom-damaged",
                f"{group_name}/{name} has the shape {node.shape}, but there are {n_values:,} of them in the matrix.",
                where=f"{group_name}/{name}",
            )
        attributes[name] = node[()]
    return attributes


def _build_frame(
    attributes: dict[str, npt.NDArray[Any]], names: tuple[str, ...], n_rows: int, axis: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Attributes of one value as columns, texts as categories where they repeat, with the names as the index."""
    import pandas as pd

    vectors = {name: values for name, values in attributes.items() if values.ndim == 1}
    known = next((name for name in names if name in vectors and vectors[name].dtype.kind in "SOiu"), None)
    texts = [to_text(value) for value in vectors[known].tolist()] if known else [str(row) for row in range(n_rows)]
    frame = pd.DataFrame(
        {name: _build_column(values) for name, values in vectors.items() if name != known},
        index=make_names_unique(texts).rename(known),
    )
    return frame, list(_tell_names(known, find_repeated(texts), names, axis))


def _tell_names(known: str | None, n_repeated: int, names: tuple[str, ...], axis: str) -> list[Finding]:
    findings = []
    if known is None:
        findings.append(
            Finding(
                code="names-missing",
                severity="warning",
                path=f"#/{axis}",
                message=f"No attribute of the loom file is known to name what is in {axis}; numbers are used.",
                fix=f"Call the attribute with the names {names[0]}.",
            )
        )
    if n_repeated:
        findings.append(
            Finding(
                code="names-repeated",
                severity="info",
                path=f"#/{axis}",
                message=f"{n_repeated:,} entries of {axis} bear a name ({known}) that another has too; they are told "
                "apart by a number after it.",
            )
        )
    return findings


def _build_column(values: npt.NDArray[Any]) -> Any:
    import pandas as pd

    if values.dtype.kind not in "SO":
        return values
    texts = [to_text(value) for value in values.tolist()]
    return pd.Categorical(texts) if len(set(texts)) < len(texts) else pd.array(texts, dtype=object)


def _build_obsm(
    attributes: dict[str, npt.NDArray[Any]], obs: pd.DataFrame
) -> tuple[dict[str, npt.NDArray[np.floating[Any]]], list[Finding]]:
    """Positions first; the attributes that they come from stay columns."""
    import numpy as np

    found: dict[str, tuple[str, str]] = {}
    positions = find_position_columns(describe_columns(obs))
    if positions is not None:
        found["spatial"] = positions
    for name, pairs in EMBEDDINGS.items():
        pair = next((pair for pair in pairs if all(one in obs and obs[one].dtype.kind in "iuf" for one in pair)), None)
        if pair is not None and pair != positions:
            found[name] = pair
    arrays: dict[str, Any] = {name: obs[list(pair)].to_numpy(np.float64) for name, pair in found.items()}
    for name, values in attributes.items():
        if values.ndim == 2 and values.dtype.kind in "iuf" and name not in arrays:
            arrays[name] = values
    findings = [
        Finding(
            code="positions-guessed" if name == "spatial" else "embedding-guessed",
            severity="info",
            path=f"#/obsm/{name}",
            message=f"The attributes {pair[0]!r} and {pair[1]!r} of the loom file were taken for "
            f"{'positions; their unit is not known' if name == 'spatial' else 'an embedding'}: obsm[{name!r}].",
        )
        for name, pair in found.items()
    ]
    return arrays, findings


def open_layers(file: h5py.File) -> dict[str, h5py.Dataset]:
    """Layers of the size of the matrix, by name.

    Raises:
        UnreadableError: One lies in another file.
    """
    import h5py

    layers = find_child(file, "layers") if "layers" in file else None
    if not isinstance(layers, h5py.Group):
        return {}
    shape = get_matrix(file).shape
    nodes = {name: find_child(layers, name) for name in list_children(layers)}
    return {
        name: node
        for name, node in nodes.items()
        if isinstance(node, h5py.Dataset) and node.shape == shape and node.dtype.kind in "biuf"
    }


def _read_version(file: h5py.File) -> str | None:
    """Since version 3 in a group of global attributes, before as an attribute of the file."""
    import h5py

    group = find_child(file, "attrs")
    node = find_child(group, "LOOM_SPEC_VERSION") if isinstance(group, h5py.Group) else None
    if isinstance(node, h5py.Dataset) and node.ndim == 0:
        return to_text(node[()])
    value = file.attrs.get("LOOM_SPEC_VERSION")
    return None if value is None else to_text(value)


def _list_global(file: h5py.File) -> list[tuple[str, Any]]:
    """Global attributes of all ages."""
    import h5py

    found = [(str(name), value) for name, value in file.attrs.items()]
    group = find_child(file, "attrs") if "attrs" in file else None
    for name in list_children(group) if isinstance(group, h5py.Group) else []:
        node = find_child(group, name) if isinstance(group, h5py.Group) else None
        if isinstance(node, h5py.Dataset) and node.ndim == 0:
            found.append((name, node[()]))
    return found
