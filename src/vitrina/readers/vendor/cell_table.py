"""Tables of cells from two files: what each cell expresses, and where and what it is. Either may be absent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitrina.model.content import Matrix
from vitrina.model.finding import Finding
from vitrina.readers.frames import describe_frames
from vitrina.readers.vendor.counts import check_ids, is_control, name_observations, read_counts, read_ids
from vitrina.readers.vendor.part import Described
from vitrina.readers.vendor.text import infer_types, iterate_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from anndata import AnnData

    from vitrina.readers.vendor.text import RowFile

REGION_KEY = "region"
INSTANCE_KEY = "instance_id"
FEATURE_TYPE = "feature_type"
MAX_CATEGORY_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifiedRows:
    """A table and the columns that together identify a cell.

    Attributes:
        file: The table.
        id_columns: Of one row per cell; the name of the gene where ``is_transposed``.
        is_transposed: Whether genes are rows and cells are columns.
    """

    file: RowFile
    id_columns: tuple[str, ...]
    is_transposed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """The cells of a table.

    Attributes:
        kept: Rows of the counts, or of the cells without counts, that are cells.
        names: Each once.
        obs: Annotations, one row per kept row, indexed by name.
        spatial: n x 2 in the global coordinate system, NaN where unknown; None when nothing is known.
        findings: What was healed or is missing.
    """

    kept: npt.NDArray[np.int64]
    names: list[str]
    obs: pd.DataFrame
    spatial: npt.NDArray[np.float64] | None
    findings: tuple[Finding, ...]


class CellTable(ABC):
    """A table of cells. A vendor says which files and columns it is made of.

    Args:
        key: Path of the element.
        name: Name of the element.
        region: Name of the element with the outlines of the cells, None without one.
    """

    def __init__(self, key: str, name: str, region: str | None) -> None:
        self.key = key
        self.name = name
        self.region = region

    @abstractmethod
    def open_counts(self) -> IdentifiedRows | None:
        """The expression table."""

    @abstractmethod
    def open_cells(self) -> IdentifiedRows | None:
        """The table of cells."""

    @abstractmethod
    def locate(self, ids: Sequence[str], cells: pd.DataFrame) -> tuple[Any, list[Finding]]:
        """Positions, n x 2, in the global coordinate system, or None, and what was guessed.

        Args:
            ids: Of all cells.
            cells: The columns of the table of cells, one row per id.
        """

    def build_ids(self, columns: Sequence[npt.NDArray[np.object_]]) -> list[str]:
        """The id of each row."""
        return [str(value).strip() for value in columns[0]]

    def build_instances(self, ids: Sequence[str], names: Sequence[str]) -> Any:  # noqa: ARG002 others number cells
        """What the outlines of the cells are indexed by."""
        return list(names)

    def find_outside(self, ids: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which rows count what lies outside of all cells."""
        import numpy as np

        return np.zeros(len(ids), dtype=bool)

    def describe(self) -> Described:
        import pandas as pd

        counts, cells = self.open_counts(), self.open_cells()
        observed = self._observe(counts, cells, None)
        element = describe_frames(
            observed.obs,
            _build_var(self._name_genes(counts)) if counts is not None else pd.DataFrame(),
            name=self.name,
            path=self.key,
            matrix=Matrix(encoding="csr", dtype="float32") if counts is not None else None,
            obsm={} if observed.spatial is None else {"spatial": observed.spatial},
        )
        if self.region is not None:
            element = replace(element, region=(self.region,), region_key=REGION_KEY, instance_key=INSTANCE_KEY)
        opened = [rows.file for rows in (counts, cells) if rows is not None]
        healed = [finding for file in opened for finding in file.findings]
        return Described(element=element, findings=(*healed, *observed.findings))

    def read_table(self) -> AnnData:
        """The table in memory."""
        from anndata import AnnData

        counts = self.open_counts()
        read = None if counts is None else read_counts(counts.file, counts.id_columns)
        observed = self._observe(counts, self.open_cells(), read)
        obsm: Any = {} if observed.spatial is None else {"spatial": observed.spatial}
        if counts is None or read is None:
            return AnnData(obs=observed.obs, obsm=obsm)
        matrix = read.matrix.T.tocsr() if counts.is_transposed else read.matrix
        genes = name_observations(list(read.ids[0]) if counts.is_transposed else list(read.names))
        return AnnData(X=matrix[observed.kept], obs=observed.obs, var=_build_var(genes), obsm=obsm)

    def _observe(self, counts: IdentifiedRows | None, cells: IdentifiedRows | None, read: Any) -> Observations:
        """The cells of the counts with what is known of them; without counts, those of the table of cells."""
        import numpy as np
        import pandas as pd

        frame, cell_ids = self._read_cells(cells)
        ids = cell_ids if counts is None else self._read_count_ids(counts, read)
        outside = self.find_outside(ids)
        kept = np.flatnonzero(~outside)
        ids = [ids[i] for i in kept]
        main = counts or cells
        key = main.file.key if main is not None else self.key
        findings = [*check_ids(ids, key), *_tell_outside(int(outside.sum()), key)]
        rows = _match(ids, cell_ids)
        if counts is not None and cells is not None:
            findings += _tell_unmatched(int((rows < 0).sum()), len(ids), cells.file.key, counts.file.key)
            known = {own for own in cell_ids if own} - set(ids)
            findings += _tell_uncounted(len(known), cells.file.key, counts.file.key)
        aligned = frame.iloc[rows] if (rows >= 0).all() else frame.reindex(np.where(rows < 0, len(frame), rows))
        findings += _tell_empty(aligned, cells)
        names = name_observations(ids)
        obs = aligned.set_axis(pd.Index(names, dtype=object), axis=0)
        spatial, told = self.locate(ids, obs)
        obs = _categorize(obs).assign(**{INSTANCE_KEY: self.build_instances(ids, names)})
        if self.region is not None:
            obs = obs.assign(**{REGION_KEY: pd.Categorical([self.region] * len(obs))})
        return Observations(kept=kept, names=names, obs=obs, spatial=spatial, findings=(*findings, *told))

    def _read_cells(self, cells: IdentifiedRows | None) -> tuple[pd.DataFrame, list[str]]:
        import pandas as pd
        import pyarrow as pa

        if cells is None:
            return pd.DataFrame(), []
        types = infer_types(cells.file, dict.fromkeys(cells.id_columns, pa.string()))
        batches = list(iterate_rows(cells.file, None, types))
        schema = pa.schema(list(types.items()))
        frame = pa.Table.from_batches(batches, schema if not batches else None).to_pandas()
        ids = [frame[name].fillna("").astype(object).to_numpy() for name in cells.id_columns]
        frame = frame.rename(columns=_settle_names(list(frame.columns), cells.id_columns))
        if len(cells.id_columns) == 1:
            frame = frame.drop(columns=cells.id_columns[0])  # it becomes the index
        else:
            whole = [name for name in cells.id_columns if frame[name].str.fullmatch(r"\d{1,18}").all()]
            frame = frame.astype(dict.fromkeys(whole, "int64"))
        return frame, self.build_ids(ids)

    def _read_count_ids(self, counts: IdentifiedRows, read: Any) -> list[str]:
        import numpy as np

        if counts.is_transposed:
            if read is None:
                read_ids(counts.file, counts.id_columns[0])  # are the lines complete?
            names = [name for name in counts.file.columns if name not in counts.id_columns]
            return self.build_ids([np.array(names, dtype=object)])
        columns = read.ids if read is not None else [read_ids(counts.file, name) for name in counts.id_columns]
        return self.build_ids(columns)

    def _name_genes(self, counts: IdentifiedRows | None) -> list[str]:
        if counts is None:
            return []
        if counts.is_transposed:
            return name_observations(list(read_ids(counts.file, counts.id_columns[0])))
        return name_observations([name for name in counts.file.columns if name not in counts.id_columns])


def _build_var(genes: list[str]) -> pd.DataFrame:
    import pandas as pd

    kinds = pd.Categorical(["control" if is_control(gene) else "gene" for gene in genes], ["gene", "control"])
    return pd.DataFrame({FEATURE_TYPE: kinds}, index=pd.Index(genes, dtype=object))


def _settle_names(names: Sequence[str], first: Sequence[str]) -> dict[str, str]:
    """New names of columns that differ from another one in case only, which neither SpatialData nor HDF5 viewers bear.

    >>> _settle_names(["cell_id", "cell_ID", "Area"], ["cell_ID"])
    {'cell_id': 'cell_id_own'}
    """
    taken = {name.lower() for name in (*first, REGION_KEY, INSTANCE_KEY)}
    renamed = {}
    for name in names:
        if name in first:
            continue
        own = name
        while own.lower() in taken:
            own = f"{own}_own"
        taken.add(own.lower())
        if own != name:
            renamed[name] = own
    return renamed


def _match(ids: Sequence[str], known: Sequence[str]) -> Any:
    """Row of each id among the known ones, -1 without one; an empty id is never known."""
    import numpy as np

    rows = {own: row for row, own in reversed(list(enumerate(known))) if own}
    if ids is known:
        return np.arange(len(known))
    return np.array([rows.get(own, -1) for own in ids], dtype=np.int64)


def _categorize(obs: pd.DataFrame) -> pd.DataFrame:
    """Text that repeats becomes categories; a column without any value is one of missing numbers."""
    import numpy as np
    import pandas as pd

    texts = [name for name in obs.columns if obs[name].dtype == object or pd.api.types.is_string_dtype(obs[name])]
    repeated = [name for name in texts if obs[name].nunique() <= MAX_CATEGORY_SHARE * max(2, len(obs))]
    empty = [name for name in texts if obs[name].isin(["", None]).all() or obs[name].isna().all()]
    return obs.assign(**{name: obs[name].astype("category") for name in repeated} | dict.fromkeys(empty, np.nan))


def _tell_outside(n_rows: int, key: str) -> list[Finding]:
    if not n_rows:
        return []
    return [
        Finding(
            code="outside-cells-dropped",
            severity="info",
            path=f"{key}#",
            message=f"{n_rows:,} rows of {key} are for what lies outside of all cells (cell 0), and no observations.",
        )
    ]


def _tell_unmatched(n_rows: int, n_cells: int, cells: str, counts: str) -> list[Finding]:
    if not n_rows:
        return []
    return [
        Finding(
            code="cells-unmatched",
            severity="warning",
            path=f"{counts}#",
            message=f"{n_rows:,} of {n_cells:,} cells of {counts} are not in {cells}; they have no annotations.",
        )
    ]


def _tell_uncounted(n_cells: int, cells: str, counts: str) -> list[Finding]:
    if not n_cells:
        return []
    return [
        Finding(
            code="cells-uncounted",
            severity="info",
            path=f"{cells}#",
            message=f"{n_cells:,} cells of {cells} are not in {counts}; they are left out of the table.",
        )
    ]


def _tell_empty(frame: pd.DataFrame, cells: IdentifiedRows | None) -> list[Finding]:
    if cells is None or frame.empty:
        return []
    empty = [str(name) for name in frame.columns if frame[name].isna().all() or (frame[name].astype(str) == "").all()]
    if not empty:
        return []
    return [
        Finding(
            code="column-empty",
            severity="info",
            path=f"{cells.file.key}#",
            message=f"{cells.file.key} has no value in {', '.join(empty[:12])}.",
        )
    ]
