"""Schemas that need no definition: they are made in an instance when they are first asked for by name."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from vitrina.curate.builtin.load import BUILTINS, read_builtin
from vitrina.model.schema import SchemaDraft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.curate.builtin.load import Builtin, BuiltinComponent
    from vitrina.model.schema import Schema
    from vitrina.verbs.instance import Instance

VALID_FEATURES = "valid_features"
GENES_AND_VALID_FEATURES = "ensembl_gene_ids_and_valid_features_in_obs"
READY_NAMES = (VALID_FEATURES, GENES_AND_VALID_FEATURES, *BUILTINS)
"""The first two ask that columns which are features fit them, and that genes are Ensembl ids.

Source: https://docs.lamin.ai/lamindb.artifact (``from_dataframe`` and ``from_anndata``, ``schema``)
"""


def add_ready_schema(instance: Instance, name: str) -> Schema:
    """The schema with one of READY_NAMES, with its features.

    Raises:
        ConflictError: A feature of a built-in schema is there with another dtype.
    """
    if name in BUILTINS:
        return _add_builtin(instance, read_builtin(name))
    valid_features = _add(instance, SchemaDraft(name=VALID_FEATURES, is_flexible=True))
    if name == VALID_FEATURES:
        return valid_features
    genes = _add(instance, SchemaDraft(itype="Gene.ensembl_gene_id"))
    slots = {"obs": valid_features.uid, "var.T": genes.uid}
    return _add(instance, SchemaDraft(name=name, otype="AnnData", slots=slots))


def _add_builtin(instance: Instance, builtin: Builtin) -> Schema:
    features = instance.catalog.features
    uids = {name: features.add(draft, getpass.getuser()).uid for name, draft in builtin.features.items()}
    slots = {slot: _add(instance, _build_draft(component, uids)).uid for slot, component in builtin.slots.items()}
    draft = _build_draft(
        builtin.own, uids, name=builtin.name, description=builtin.description, otype=builtin.otype, slots=slots
    )
    return _add(instance, draft)


def _build_draft(
    component: BuiltinComponent,
    uids: Mapping[str, str],
    *,
    name: str | None = None,
    description: str | None = None,
    otype: str | None = None,
    slots: Mapping[str, str] | None = None,
) -> SchemaDraft:
    return SchemaDraft(
        name=name,
        description=description,
        otype=otype,
        feature_uids=tuple(uids[feature] for feature in component.features),
        optional_uids=frozenset(uids[feature] for feature in component.optional),
        itype=component.itype,
        dtype=component.dtype,
        is_maximal=component.is_maximal,
        is_flexible=component.is_flexible,
        slots=slots or {},
    )


def _add(instance: Instance, draft: SchemaDraft) -> Schema:
    return instance.catalog.schemas.add(draft, getpass.getuser())
