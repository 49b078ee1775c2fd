"""The Zarr files of Xenium: cells with their masks and polygons, and counts.

Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-zarr
"""

from __future__ import annotations

import zipfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from vitrina.simulate.outlines import measure_areas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.bundles.tenx_files import Counts
    from vitrina.simulate.specimen import Specimen

DATASET_SUFFIX = 1
PREFIX_STEP = 2_654_435_761
"""Ids of neighbouring cells look unlike each other: multiples of an odd number modulo 2**32 are all different."""

SUMMARY = (
    "cell_centroid_x", "cell_centroid_y", "cell_area", "nucleus_centroid_x", "nucleus_centroid_y", "nucleus_area",
    "z_level", "nucleus_count",
)  # fmt: skip


def format_ids(n_cells: int) -> list[str]:
    """Ids of cells as text: eight hexadecimal digits as letters from a to p, and the number of the dataset."""
    return [
        "".join(chr(ord("a") + int(digit, 16)) for digit in f"{prefix:08x}") + f"-{DATASET_SUFFIX}"
        for prefix in _build_prefixes(n_cells).tolist()
    ]


def write_cells_zarr(specimen: Specimen, path: Path, *, has_number_ids: bool) -> None:
    """``cells.zarr.zip``: label images, polygons, and the list of cells."""
    import numpy as np

    n_cells = specimen.parameters.n_cells
    outlines = specimen.outlines
    with _writing(path) as root:
        root.attrs.update({"major_version": 6, "minor_version": 0, "number_cells": n_cells, "spatial_units": "microns"})
        _write(root, "cell_id", _build_id_array(n_cells, has_number_ids=has_number_ids))
        summary = np.column_stack(
            (
                specimen.cells.centre_xy,
                measure_areas(outlines.cell_nkxy),
                outlines.nucleus_centre_nxy,
                measure_areas(outlines.nucleus_nkxy),
                np.zeros(n_cells),
                np.ones(n_cells),
            )
        )
        n_columns = len(SUMMARY) - has_number_ids
        _write(root, "cell_summary", summary[:, :n_columns]).attrs["column_names"] = list(SUMMARY[:n_columns])
        masks = root.create_group("masks")
        size = specimen.parameters.pixel_size_um
        _write(masks, "homogeneous_transform", np.diag((1 / size, 1 / size, 1.0, 1.0)).astype(np.float32))
        for number, labels in enumerate((specimen.nuclei_yx, specimen.labels_yx)):
            _write(masks, str(number), labels.astype(np.uint32))
        if has_number_ids:
            return
        sets = root.create_group("polygon_sets")
        for number, polygons in enumerate((outlines.nucleus_nkxy, outlines.cell_nkxy)):
            _write_polygons(sets.create_group(str(number)), polygons)


def write_matrix_zarr(counts: Counts, path: Path, *, has_number_ids: bool) -> None:
    """``cell_feature_matrix.zarr.zip``: rows of the matrix are features."""
    import numpy as np

    by_feature = counts.matrix.T.tocsr()
    with _writing(path) as root:
        group = root.create_group("cell_features")
        group.attrs.update(
            {
                "major_version": 3,
                "minor_version": 0,
                "number_cells": len(counts.barcodes),
                "number_features": len(counts.names),
                "feature_keys": counts.names,
                "feature_ids": counts.ids,
                "feature_types": [own.lower().replace(" ", "_").removesuffix("_expression") for own in counts.types],
            }
        )
        _write(group, "cell_id", _build_id_array(len(counts.barcodes), has_number_ids=has_number_ids))
        _write(group, "data", by_feature.data.astype(np.uint32))
        _write(group, "indices", by_feature.indices.astype(np.uint32))
        _write(group, "indptr", by_feature.indptr.astype(np.uint32))


def _build_prefixes(n_cells: int) -> Ints:
    import numpy as np

    return np.arange(1, n_cells + 1, dtype=np.uint64) * np.uint64(PREFIX_STEP) % np.uint64(2**32)


def _build_id_array(n_cells: int, *, has_number_ids: bool) -> Ints:
    import numpy as np

    if has_number_ids:
        return np.arange(1, n_cells + 1, dtype=np.uint32)
    suffix = np.full(n_cells, DATASET_SUFFIX, dtype=np.uint32)
    return np.column_stack((_build_prefixes(n_cells).astype(np.uint32), suffix))


def _write_polygons(group: Any, polygons_nkxy: Floats) -> None:
    """Vertices of each polygon as x, y, x, y, ..., the first repeated at the end."""
    import numpy as np

    closed = np.concatenate((polygons_nkxy, polygons_nkxy[:, :1]), axis=1)
    _write(group, "cell_index", np.arange(len(closed), dtype=np.uint32))
    _write(group, "method", np.zeros(len(closed), dtype=np.uint32))
    _write(group, "num_vertices", np.full(len(closed), closed.shape[1], dtype=np.int32))
    _write(group, "vertices", closed.reshape(len(closed), -1).astype(np.float32))


@contextmanager
def _writing(path: Path) -> Iterator[Any]:
    """The root group of a new zip file, in version 2 of Zarr as the instrument writes it."""
    import zarr

    with TemporaryDirectory(prefix="vitrina-") as folder:
        yield zarr.create_group(folder, zarr_format=2)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # chunks are compressed already
            for file in sorted(Path(folder).rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(folder).as_posix())


def _write(group: Any, name: str, values: Any) -> Any:
    array = group.create_array(
        name, shape=values.shape, dtype=values.dtype, chunks=tuple(max(1, min(n, 1024)) for n in values.shape)
    )
    array[...] = values
    return array
