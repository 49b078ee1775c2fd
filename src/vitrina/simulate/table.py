"""The cells as a table: counts, annotations, embeddings, positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.simulate.cell_types import CELL_TYPES
from vitrina.simulate.embedding import build_components, build_layout
from vitrina.simulate.genes import PANEL
from vitrina.simulate.outlines import measure_areas
from vitrina.simulate.transcripts import count_transcripts
from vitrina.simulate.zones import ZONES

if TYPE_CHECKING:
    import anndata
    import pandas as pd

    from vitrina.simulate.arrays import Ints
    from vitrina.simulate.specimen import Specimen
    from vitrina.simulate.transcripts import Transcripts

REGION = "cells"
REGION_KEY = "region"
INSTANCE_KEY = "cell_id"


def build_table(specimen: Specimen, transcripts: Transcripts) -> anndata.AnnData:
    """Observations are cells, variables are genes; ``X`` counts the transcripts that lie in each cell."""
    import anndata
    import numpy as np
    import pandas as pd
    from scipy import sparse

    parameters = specimen.parameters
    counts = count_transcripts(transcripts, parameters.n_cells, parameters.n_genes)
    components = build_components(counts)
    embeddings: dict[str, Any] = {
        "X_pca": components,
        "X_force_layout": build_layout(parameters, components),
        "spatial": specimen.cells.centre_xy.astype(np.float32),
    }
    return anndata.AnnData(
        X=sparse.csc_matrix(counts.astype(np.float32)),
        obs=_build_obs(specimen, counts),
        var=pd.DataFrame(
            {"n_cells": (counts > 0).sum(axis=0).astype(np.int32)},
            index=pd.Index(PANEL[: parameters.n_genes], dtype=str),
        ),
        obsm=embeddings,
        uns={"vitrina": {"simulated": True}},
    )


def _build_obs(specimen: Specimen, counts: Ints) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    parameters, cells, outlines = specimen.parameters, specimen.cells, specimen.outlines
    n_cells = parameters.n_cells
    cell_id = np.arange(1, n_cells + 1)
    names = np.array([cell_type.name for cell_type in CELL_TYPES])
    ids = np.array([cell_type.ontology_id for cell_type in CELL_TYPES])
    niches = np.array([traits.niche for traits in ZONES.values()])
    return pd.DataFrame(
        {
            INSTANCE_KEY: cell_id,
            REGION_KEY: pd.Categorical([REGION] * n_cells),
            "cell_type": pd.Categorical(names[cells.type_code]),
            "cell_type_ontology_term_id": pd.Categorical(ids[cells.type_code]),
            "niche": pd.Categorical(niches[cells.zone]),
            "area_um2": measure_areas(outlines.cell_nkxy).astype(np.float32),
            "nucleus_area_um2": measure_areas(outlines.nucleus_nkxy).astype(np.float32),
            "n_counts": counts.sum(axis=1).astype(np.int32),
            "n_genes": (counts > 0).sum(axis=1).astype(np.int32),
            "donor": pd.Categorical([parameters.donor] * n_cells),
            "section": pd.Categorical([parameters.section] * n_cells),
            "disease": pd.Categorical([parameters.disease] * n_cells),
        },
        index=pd.Index(cell_id.astype(str), dtype=str),
    )
