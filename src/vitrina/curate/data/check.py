"""What is wrong with a dataset in itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.curate.parts import get_kind

if TYPE_CHECKING:
    from vitrina.model.finding import Finding


def check_data(dataset: Any) -> list[Finding]:
    """What is wrong with a dataset in itself, whatever any schema says; a plain data frame promises nothing.

    Large arrays are not loaded whole: label images are read chunk by chunk.
    """
    kind = get_kind(dataset)
    if kind == "AnnData":
        from vitrina.curate.data.anndata import check_anndata

        return check_anndata(dataset)
    if kind == "MuData":
        from vitrina.curate.data.mudata import check_mudata

        return check_mudata(dataset)
    if kind == "SpatialData":
        from vitrina.curate.data.spatialdata import check_spatialdata

        return check_spatialdata(dataset)
    if kind in ("DataArray", "DataTree"):
        from vitrina.curate.data.image import check_image

        return check_image(dataset, "")
    return []
