"""``feature_slice.h5``: the counts of the finest bins as a picture for each feature, and how the slide lies.

Source: https://www.10xgenomics.com/support/software/space-ranger/latest/analysis/outputs/feature-slice
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.simulate.bundles.tenx_files import Counts
    from vitrina.simulate.bundles.visium_hd import Slide


def write_feature_slices(slide: Slide, counts: Counts, path: Path, *, microns_per_pixel: float) -> None:
    """The file; rows and columns are those in the barcodes of the bins."""
    import h5py
    import numpy as np

    places = np.asarray([name[:-2].split("_")[2:] for name in counts.barcodes], dtype=np.uint32).reshape(-1, 2)
    by_feature = counts.matrix.tocsc()
    bin_um = 2.0
    to_pixels = np.eye(3)
    to_pixels[:2, 0] = slide.column_xy * bin_um / microns_per_pixel
    to_pixels[:2, 1] = slide.row_xy * bin_um / microns_per_pixel
    to_pixels[:2, 2] = (slide.origin_xy_um + bin_um / 2 * (slide.row_xy + slide.column_xy)) / microns_per_pixel
    back = np.linalg.inv(to_pixels)
    matrices = {
        "spot_colrow_to_microscope_colrow": to_pixels.ravel().tolist(),
        "microscope_colrow_to_spot_colrow": back.ravel().tolist(),
        "spot_colrow_to_cytassist_colrow": to_pixels.ravel().tolist(),
        "cytassist_colrow_to_spot_colrow": back.ravel().tolist(),
    }
    layout = {"file_format": "1.0", "slide_uid": "simulated", "transform": np.eye(3).ravel().tolist()}
    stated = {
        "sample_id": "simulated",
        "nrows": slide.n_bins,
        "ncols": slide.n_bins,
        "spot_pitch": bin_um,
        "hd_layout_json": json.dumps(layout),
        "transform_matrices": matrices,
    }
    with h5py.File(path, "w") as file:
        file.attrs["metadata_json"] = json.dumps(stated)
        slices = file.create_group("feature_slices")
        for feature in range(by_feature.shape[1]):
            column = by_feature[:, [feature]].tocoo()
            group = slices.create_group(str(feature))
            group["row"] = places[column.row, 0]
            group["col"] = places[column.row, 1]
            group["data"] = column.data.astype(np.uint32)
