"""AnnData in Zarr with one fault each."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from viewer_trial import Config, Trial

GENES = 60


def make_table(n_obs: int = 2000, n_vars: int = GENES) -> Any:
    """Cells in rings, three types, genes that rise along the rings."""
    import anndata
    import pandas as pd

    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, n_obs)
    kind = rng.integers(0, 3, n_obs)
    xy = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (1 + kind)[:, None] + rng.normal(0, 0.1, (n_obs, 2))
    values = np.abs(np.sin(angle[:, None] + np.arange(n_vars)[None, :])) * 10 + rng.random((n_obs, n_vars))
    obs = pd.DataFrame(
        {"kind": pd.Categorical(np.array(["red", "green", "blue"])[kind])}, index=[f"cell{i}" for i in range(n_obs)]
    )
    return anndata.AnnData(
        values.astype(np.float32), obs=obs, var=pd.DataFrame(index=[f"g{i}" for i in range(n_vars)]),
        obsm={"X_umap": xy.astype(np.float32)},
    )  # fmt: skip


def write_table(path: Path, table: Any, *, zarr_format: int = 2, **options: Any) -> None:
    """As anndata writes it."""
    import anndata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with anndata.settings.override(zarr_write_format=zarr_format):
            table.write_zarr(path, **options)


def build(
    change_table: Callable[[Any], object] = lambda _: None,
    change_files: Callable[[Path], object] = lambda _: None,
    *,
    n_obs: int = 2000,
    n_vars: int = GENES,
    **options: Any,
) -> Callable[[Path], None]:
    """A builder: the table changed in memory, written, then changed on disk."""

    def write(path: Path) -> None:
        table = make_table(n_obs, n_vars)
        change_table(table)
        write_table(path, table, **options)
        change_files(path)

    return write


def rewrite(
    name: str, convert: Callable[[Any], Any], *, zarr_format: int = 2, **options: Any
) -> Callable[[Path], None]:
    """Replace an array by the same values, stored in another way."""

    def change(path: Path) -> None:
        node = zarr.open(path / name, mode="r")
        array = node["values"] if isinstance(node, zarr.Group) else node  # pandas' own texts are values and a mask
        values, attrs = np.asarray(array[...]), dict(array.attrs)
        shutil.rmtree(path / name)
        values = convert(values)
        data_type = options.pop("dtype", getattr(values, "dtype", None))
        written = zarr.create_array(
            path / name, shape=values.shape, chunks=values.shape, dtype=data_type, zarr_format=zarr_format, **options
        )
        written[...] = values
        written.attrs.update(attrs)
        for stale in (path / ".zmetadata",):
            stale.unlink(missing_ok=True)

    return change


def by_gene(config: Config) -> Config:
    """Colour by a gene."""
    space = config["coordinationSpace"]
    space["obsColorEncoding"] = dict.fromkeys(space["obsColorEncoding"], "geneSelection")
    space["featureSelection"] = {scope: ["g1"] for scope in space["featureSelection"]}
    return config


def by_column(name: str) -> Callable[[Config], Config]:
    """Offer one column as cell sets, whatever the hub thinks of it."""

    def change(config: Config) -> Config:
        for file in config["datasets"][0]["files"]:
            file["options"]["obsSets"] = [{"name": name, "path": f"obs/{name}"}]
        space = config["coordinationSpace"]
        space["obsSetColor"] = dict.fromkeys(space.get("obsSetColor", ["A"]), None)
        space["obsSetExpansion"] = {scope: [[name]] for scope in space.get("obsSetExpansion", ["A"])}
        return config

    return change


def _add(name: str, make: Callable[[int], Any]) -> Callable[[Any], None]:
    def change(table: Any) -> None:
        table.obs[name] = make(table.n_obs)

    return change


def _cast(dtype: str) -> Callable[[Any], None]:
    def change(table: Any) -> None:
        table.X = table.X.astype(dtype)

    return change


def _cast_umap(dtype: str) -> Callable[[Any], None]:
    def change(table: Any) -> None:
        table.obsm["X_umap"] = (table.obsm["X_umap"] * 10).astype(dtype)

    return change


def _sparse(kind: str) -> Callable[[Any], None]:
    def change(table: Any) -> None:
        import scipy.sparse

        values = np.where(table.X > 7, table.X, 0)
        table.X = getattr(scipy.sparse, f"{kind}_matrix")(values)

    return change


def _codes(n_obs: int) -> Any:
    import pandas as pd

    return pd.Categorical(np.arange(n_obs) % 3 * 10 + 10)


def _nullable(dtype: str) -> Callable[[int], Any]:
    def make(n_obs: int) -> Any:
        import pandas as pd

        values = [
            None if i % 5 == 0 else i % 3 if dtype == "Int64" else i % 3 == 0 if dtype == "boolean" else f"v{i % 3}"
            for i in range(n_obs)
        ]
        return pd.array(values, dtype=dtype)

    return make


def _drop(name: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        shutil.rmtree(path / name)
        (path / ".zmetadata").unlink(missing_ok=True)

    return change


_LARGE = {"n_obs": 5000, "n_vars": 1000}
_UTF32, _BYTES = (lambda values: values.astype("U12")), (lambda values: values.astype("S12"))

TRIALS = [
    Trial(name="table-good.zarr", code=None, build=build()),
    Trial(name="table-v3.zarr", code=None, build=build(zarr_format=3), like="table-good.zarr"),
    Trial(name="table-gene.zarr", code=None, build=build(), change=by_gene),
    Trial(name="chunks-good.zarr", code=None, build=build(chunks=(5000, 10), **_LARGE), change=by_gene),
    Trial(
        name="chunks-vars.zarr",
        code="anndata-chunk-vars",
        build=build(chunks=(5000, 1000), **_LARGE),
        change=by_gene,
        like="chunks-good.zarr",
    ),
    Trial(
        name="chunks-obs.zarr",
        code="anndata-chunk-obs",
        build=build(chunks=(50, 10), **_LARGE),
        change=by_gene,
        like="chunks-good.zarr",
    ),
    Trial(name="chunks-csr.zarr", code="anndata-chunk-vars", build=build(_sparse("csr"), **_LARGE), change=by_gene),
    Trial(name="chunks-csc.zarr", code=None, build=build(_sparse("csc"), **_LARGE), change=by_gene),
    *(
        Trial(
            name=f"x-{dtype}.zarr",
            code="zarr-dtype-unsupported",
            build=build(_cast(dtype)),
            change=by_gene,
            like="table-gene.zarr",
        )
        for dtype in ("int64", "uint64", "float16", "float64", "bool", "int8", "uint32")
    ),
    *(
        Trial(
            name=f"umap-{dtype}.zarr",
            code="zarr-dtype-unsupported",
            build=build(_cast_umap(dtype)),
            like="table-good.zarr",
        )
        for dtype in ("int64", "float16", "float64", "int32")
    ),
    Trial(
        name="x-big-endian.zarr",
        code="zarr-dtype-unsupported",
        build=build(change_files=rewrite("X", lambda v: v, dtype=">f4")),
        change=by_gene,
        like="table-gene.zarr",
    ),
    Trial(
        name="index-utf32.zarr",
        code="zarr-string-encoding",
        build=build(change_files=rewrite("obs/_index", _UTF32)),
        like="table-good.zarr",
    ),
    Trial(
        name="index-bytes.zarr",
        code="zarr-string-encoding",
        build=build(change_files=rewrite("obs/_index", _BYTES)),
        like="table-good.zarr",
    ),
    Trial(
        name="categories-utf32.zarr",
        code="zarr-string-encoding",
        build=build(change_files=rewrite("obs/kind/categories", _UTF32)),
        like="table-good.zarr",
    ),
    Trial(
        name="categories-bytes.zarr",
        code="zarr-string-encoding",
        build=build(change_files=rewrite("obs/kind/categories", _BYTES)),
        like="table-good.zarr",
    ),
    Trial(
        name="index-utf32-v3.zarr",
        code="zarr-string-encoding",
        build=build(zarr_format=3, change_files=rewrite("obs/_index", _UTF32, zarr_format=3)),
        like="table-good.zarr",
    ),
    Trial(
        name="categories-utf32-v3.zarr",
        code="zarr-string-encoding",
        build=build(zarr_format=3, change_files=rewrite("obs/kind/categories", _UTF32, zarr_format=3)),
        like="table-good.zarr",
    ),
    Trial(
        name="index-numbers.zarr",
        code="zarr-string-encoding",
        build=build(change_files=rewrite("obs/_index", lambda v: np.arange(len(v)))),
        like="table-good.zarr",
    ),
    Trial(
        name="sets-int-categories.zarr",
        code="anndata-integer-categories",
        build=build(_add("level", _codes)),
        change=by_column("level"),
    ),
    Trial(
        name="sets-nullable-int.zarr",
        code="anndata-nullable-column",
        build=build(_add("n", _nullable("Int64"))),
        change=by_column("n"),
    ),
    Trial(
        name="sets-nullable-bool.zarr",
        code="anndata-nullable-column",
        build=build(_add("b", _nullable("boolean"))),
        change=by_column("b"),
    ),
    Trial(
        name="sets-nullable-text.zarr",
        code="anndata-nullable-column",
        build=build(_add("s", _nullable("string"))),
        change=by_column("s"),
    ),
    Trial(
        name="sets-plain-bool.zarr",
        code="anndata-nullable-column",
        build=build(_add("b", lambda n: np.arange(n) % 3 == 0)),
        change=by_column("b"),
    ),
    Trial(
        name="sets-plain-int.zarr",
        code="anndata-integer-categories",
        build=build(_add("i", lambda n: np.arange(n) % 3 + 10)),
        change=by_column("i"),
    ),
    Trial(name="path-wrong.zarr", code="anndata-path-missing", build=build(), change=by_column("nothing")),
    Trial(
        name="path-column-gone.zarr",
        code="anndata-path-missing",
        build=build(_add("gone", np.arange), _drop("obs/gone")),
        like="table-good.zarr",
    ),
    Trial(
        name="path-index-gone.zarr",
        code="anndata-path-missing",
        build=build(change_files=_drop("var/_index")),
        like="table-good.zarr",
    ),
]
