"""The parts of MuData in HDF5 or Zarr, so that each modality can be handled as the table that it is.

Source: https://mudata.readthedocs.io/en/latest/io/spec.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from vitrina.errors import UnreadableError
from vitrina.readers.anndata_group import find_node, get_encoding, list_names, to_text
from vitrina.readers.anndata_stored import MAX_LOADED_BYTES, is_current, measure_matrices, open_stored_table, read_part

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from anndata import AnnData

    from vitrina.readers.anndata_group import Node

MAPPINGS = ("obsm", "varm", "obsp", "varp", "uns")


@dataclass(frozen=True, slots=True, kw_only=True)
class MuDataParts:
    """Modalities, and what belongs to all of them; the attributes are those of MuData.

    Attributes:
        mod: Tables by the names of their modalities, in their order.
        obs: Observations of all modalities.
        var: Variables of all modalities.
        obsm: Embeddings, and for each modality which observations it has.
        varm: The same of variables.
        obsp: Pairs of observations.
        varp: Pairs of variables.
        uns: Anything else.
        obsmap: For each modality, where its observations are among all.
        varmap: The same of variables.
        axis: 0 where observations are shared, 1 where variables are, -1 where both are.
    """

    mod: Mapping[str, AnnData]
    obs: pd.DataFrame
    var: pd.DataFrame
    obsm: Mapping[str, Any]
    varm: Mapping[str, Any]
    obsp: Mapping[str, Any]
    varp: Mapping[str, Any]
    uns: Mapping[str, Any]
    obsmap: Mapping[str, Any]
    varmap: Mapping[str, Any]
    axis: int


def read_parts(group: Node) -> MuDataParts:
    """All parts; the matrices of modalities that are large stay where they are.

    Raises:
        UnreadableError: There are no modalities.
    """
    modalities = find_node(group, "mod")
    if modalities is None:
        raise UnreadableError("mudata-incomplete", "The MuData hierarchy has no mod, which holds its modalities.")
    return MuDataParts(
        mod={name: _read_modality(modalities[name]) for name in order_modalities(modalities)},
        obs=read_part(group, "obs"),
        var=read_part(group, "var"),
        obsm=read_part(group, "obsm"),
        varm=read_part(group, "varm"),
        obsp=read_part(group, "obsp"),
        varp=read_part(group, "varp"),
        uns=read_part(group, "uns"),
        obsmap=read_part(group, "obsmap"),
        varmap=read_part(group, "varmap"),
        axis=int(group.attrs.get("axis", 0)),
    )


def order_modalities(modalities: Node) -> list[str]:
    """Names in the order that the file gives, else sorted."""
    names = list_names(modalities)
    order = [to_text(name) for name in modalities.attrs.get("mod-order", ())]
    return order if sorted(order) == names else names


def _read_modality(group: Node) -> AnnData:
    is_large = measure_matrices(group) > MAX_LOADED_BYTES and is_current(group)
    if is_large or get_encoding(group) != "anndata":
        return open_stored_table(group)
    from anndata.io import read_elem

    return cast("AnnData", read_elem(group))
