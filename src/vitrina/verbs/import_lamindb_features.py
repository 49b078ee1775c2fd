"""Bring LaminDB's features and schemas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.lamindb.drafts import build_feature_draft, build_schema_draft
from vitrina.lamindb.features import read_features, read_schemas
from vitrina.lamindb.registries import translate_dtype, translate_itype
from vitrina.model.dtype import parse_dtype

if TYPE_CHECKING:
    from vitrina.lamindb.records import LaminSchema
    from vitrina.model.schema import Schema, SchemaDraft
    from vitrina.verbs.import_move import Move

_ANY_FEATURE = frozenset({"Feature", "Composite"})
"""What LaminDB writes as ``itype`` of schemas whose members are features or slots."""


def bring_features(move: Move) -> None:
    """The features that are here or can be made; values of others are left out."""
    features = list(read_features(move.database))
    known = move.instance.catalog.features.find([feature.name for feature in features])
    move.tally.count("feature", found=len(features))
    for feature in features:
        dtype = translate_dtype(feature.dtype, move.registries)
        if dtype is None:
            message = f"LaminDB's dtype {feature.dtype!r} has no like here; the feature has text instead."
            move.tally.tell("dtype-unknown", "warning", f"feature {feature.name}", message)
        draft = build_feature_draft(feature, dtype or "str")
        made = known.get(feature.name)
        move.tally.count("feature", known=made is not None, brought=made is None)
        try:
            if not move.is_dry_run:
                made = move.instance.catalog.features.add(draft, move.handles[feature.created_by_id])
        except ConflictError as err:  # it is here, and is another one
            move.tally.count("feature", known=-1)
            move.tally.tell("feature-differs", "error", f"feature {feature.name}", err.message, err.hint)
            continue
        if made is not None:
            move.features[feature.id] = (made.uid, parse_dtype(made.dtype))


def bring_schemas(move: Move) -> None:
    """The schemas, components before what has them in slots."""
    for schema in read_schemas(move.database):
        move.tally.count("schema", found=1)
        label = f"schema {schema.name or schema.uid}"
        itype = None if schema.itype in _ANY_FEATURE or schema.itype is None else schema.itype
        own_itype = None if itype is None else translate_itype(itype, move.registries)
        if itype is not None and own_itype is None:
            message = f"Its members are {itype!r}, which is no registry here."
            move.tally.tell("itype-unknown", "error", label, message)
            continue
        if schema.n_terms:
            message = "It names single terms; here a schema asks for any term of the registry."
            move.tally.tell("schema-widened", "warning", label, message)
        _bring_schema(move, schema, own_itype, label)


def _bring_schema(move: Move, schema: LaminSchema, itype: str | None, label: str) -> None:
    slots = {slot: move.schemas[id_] for slot, id_ in schema.slots.items() if id_ in move.schemas}
    features = {id_: uid for id_, (uid, _) in move.features.items()}
    is_whole = len(slots) == len(schema.slots) and all(id_ in features for id_ in schema.feature_ids)
    if not is_whole:  # in a dry run those are missing that would come
        move.tally.count("schema", brought=move.is_dry_run)
        if not move.is_dry_run:
            message = "One of its features or components could not come."
            move.tally.tell("schema-incomplete", "error", label, message)
        return
    dtype = None if schema.dtype is None or schema.slots else translate_dtype(schema.dtype, move.registries)
    draft = build_schema_draft(schema, itype=itype, dtype=dtype, features=features, slots=slots)
    try:
        made = move.instance.catalog.schemas.find_equal(draft)
        move.tally.count("schema", known=made is not None, brought=made is None)
        if not move.is_dry_run:
            made = _add(move, draft, move.handles[schema.created_by_id], label)
    except (InputError, NotFoundError) as err:
        move.tally.tell("schema-refused", "error", label, err.message, err.hint)
        return
    if made is not None:
        move.schemas[schema.id] = made.uid


def _add(move: Move, draft: SchemaDraft, author: str, label: str) -> Schema:
    try:
        return move.instance.catalog.schemas.add(draft, author)
    except ConflictError as err:
        move.tally.tell("schema-renamed", "warning", label, f"It comes without its name: {err.message}")
        return move.instance.catalog.schemas.add(replace(draft, name=None), author)
