"""Schemas: which demands on datasets the instance knows. Equal demands are one schema."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, or_, select, update

from vitrina.catalog.features import find_ids
from vitrina.catalog.insert import get_or_insert_user
from vitrina.catalog.schema_hash import hash_schema
from vitrina.catalog.schema_records import load_schemas
from vitrina.catalog.tables import FeatureRow, MemberRow, SchemaRow, SlotRow
from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.model.dtype import parse_dtype, parse_registry_field
from vitrina.model.uid import build_family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from vitrina.catalog.database import Database
    from vitrina.model.schema import Schema, SchemaDraft

_N_SUGGESTED = 3

_SELECT_REF = select(SchemaRow.id, SchemaRow.name).where(
    or_(SchemaRow.name == bindparam("ref"), SchemaRow.uid == bindparam("ref"))
)
_SELECT_BY_UIDS = select(SchemaRow.uid, SchemaRow.id, SchemaRow.hash).where(
    SchemaRow.uid.in_(bindparam("uids", expanding=True))
)
_SELECT_BY_HASH = select(SchemaRow.id, SchemaRow.name).where(SchemaRow.hash == bindparam("hash"))
_SELECT_BY_NAME = select(SchemaRow.id).where(SchemaRow.name == bindparam("name"))
_SELECT_FEATURE_NAMES = select(FeatureRow.name).where(FeatureRow.uid.in_(bindparam("uids", expanding=True)))
_SELECT_NAMES = select(SchemaRow.name).where(SchemaRow.name.is_not(None))
_SELECT_PAGE = select(SchemaRow.id).order_by(SchemaRow.id.desc()).limit(bindparam("limit"))
_INSERT = insert(SchemaRow).returning(SchemaRow.id)
_INSERT_MEMBERS = insert(MemberRow)
_INSERT_SLOTS = insert(SlotRow)
_SET_NAME = update(SchemaRow).where(SchemaRow.id == bindparam("schema_id")).values(name=bindparam("new_name"))


class Schemas:
    """The schemas of one instance. Thread-safe.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, draft: SchemaDraft, created_by: str) -> Schema:
        """The schema that demands what the draft demands, made when there is none.

        One that has no name yet takes the draft's; one that has another name keeps it.

        Raises:
            ConflictError: ``schema-exists``: the name stands for other demands.
            NotFoundError: A feature or a component schema is not there.
            InputError: ``itype`` or ``dtype`` is none, or a feature is named twice.
        """
        found = self.find_equal(draft)
        draft = _check_draft(draft)
        if found is not None and (draft.name is None or found.name is not None):
            return found
        with self._database.write() as connection:
            return self._add(connection, draft, created_by)

    def find_equal(self, draft: SchemaDraft) -> Schema | None:
        """The schema that demands what the draft demands, whatever its name; None without one.

        Raises:
            NotFoundError: A feature or a component schema is not there.
            InputError: ``itype`` or ``dtype`` is none, or a feature is named twice.
        """
        with self._database.read() as connection:
            return self._find_equal(connection, _check_draft(draft))

    def get(self, ref: str) -> Schema:
        """The schema with a name or a uid; the name wins.

        Raises:
            NotFoundError: ``schema-not-found``, with the nearest names.
        """
        with self._database.read() as connection:
            schema = self._find(connection, ref)
            names = [] if schema else [row.name for row in connection.execute(_SELECT_NAMES)]
        if schema is not None:
            return schema
        raise NotFoundError("schema-not-found", f"There is no schema {ref!r}.", hint=_suggest(ref, names), where=ref)

    def find(self, uids: Iterable[str]) -> dict[str, Schema]:
        """The schemas with some of the uids, by uid."""
        wanted = list(dict.fromkeys(uids))
        if not wanted:
            return {}
        with self._database.read() as connection:
            ids = [row.id for row in connection.execute(_SELECT_BY_UIDS, {"uids": wanted})]
            return {schema.uid: schema for schema in load_schemas(connection, ids)}

    def list_all(self, *, limit: int = 1_000) -> tuple[Schema, ...]:
        """The schemas, newest first, those that are only parts of others among them."""
        with self._database.read() as connection:
            return load_schemas(connection, connection.execute(_SELECT_PAGE, {"limit": limit}).scalars().all())

    def _find(self, connection: Connection, ref: str) -> Schema | None:
        rows = connection.execute(_SELECT_REF, {"ref": ref}).all()
        ids = [row.id for row in sorted(rows, key=lambda row: row.name != ref)]
        return load_schemas(connection, ids[:1])[0] if ids else None

    def _find_equal(self, connection: Connection, draft: SchemaDraft) -> Schema | None:
        components = _find_components(connection, draft)
        hash_ = hash_schema(draft, {uid: row.hash for uid, row in components.items()})
        row = connection.execute(_SELECT_BY_HASH, {"hash": hash_}).one_or_none()
        return None if row is None else load_schemas(connection, [row.id])[0]

    def _add(self, connection: Connection, draft: SchemaDraft, created_by: str) -> Schema:
        components = _find_components(connection, draft)
        hash_ = hash_schema(draft, {uid: row.hash for uid, row in components.items()})
        row = connection.execute(_SELECT_BY_HASH, {"hash": hash_}).one_or_none()
        if row is None:
            _refuse_taken_name(connection, draft)
            schema_id = self._insert(connection, draft, hash_, created_by)
            _insert_parts(connection, schema_id, draft, {uid: row.id for uid, row in components.items()})
        else:
            schema_id = row.id
            if row.name is None and draft.name is not None:
                _refuse_taken_name(connection, draft)
                connection.execute(_SET_NAME, {"schema_id": schema_id, "new_name": draft.name})
        return load_schemas(connection, [schema_id])[0]

    def _insert(self, connection: Connection, draft: SchemaDraft, hash_: str, created_by: str) -> int:
        index_ids = find_ids(connection, [] if draft.index_uid is None else [draft.index_uid])
        values = {
            "uid": build_family(),
            "name": draft.name,
            "description": draft.description,
            "hash": hash_,
            "index_id": None if draft.index_uid is None else index_ids[draft.index_uid],
            "itype": draft.itype,
            "dtype": draft.dtype,
            "otype": draft.otype,
            "is_minimal": draft.is_minimal,
            "is_maximal": draft.is_maximal,
            "is_ordered": draft.is_ordered,
            "is_flexible": draft.is_flexible,
            "is_coerced": draft.is_coerced,
            "created_at": self._database.clock(),
            "created_by_id": get_or_insert_user(connection, created_by),
        }
        return connection.execute(_INSERT, values).scalar_one()


def _check_draft(draft: SchemaDraft) -> SchemaDraft:
    """The draft with its words in their canonical form."""
    if len(set(draft.feature_uids)) < len(draft.feature_uids):
        raise InputError("feature-repeated", f"The schema {draft.name!r} names a feature twice.", where=draft.name)
    itype = None if draft.itype in (None, "Feature") else str(parse_registry_field(draft.itype))
    dtype = None if draft.dtype is None else str(parse_dtype(draft.dtype))
    return replace(draft, itype=itype, dtype=dtype)


def _find_components(connection: Connection, draft: SchemaDraft) -> dict[str, Any]:
    """Id and hash of the schemas in the draft's slots, by uid."""
    wanted = list(dict.fromkeys(draft.slots.values()))
    if not wanted:
        return {}
    found = {row.uid: row for row in connection.execute(_SELECT_BY_UIDS, {"uids": wanted})}
    for uid in wanted:
        if uid not in found:
            raise NotFoundError("schema-not-found", f"There is no schema with the uid {uid!r}.", where=uid)
    return found


def _insert_parts(connection: Connection, schema_id: int, draft: SchemaDraft, components: Mapping[str, int]) -> None:
    feature_ids = find_ids(connection, draft.feature_uids)
    members = [
        {
            "schema_id": schema_id,
            "position": position,
            "feature_id": feature_ids[uid],
            "is_optional": uid in draft.optional_uids,
        }
        for position, uid in enumerate(draft.feature_uids)
    ]
    slots = [
        {"schema_id": schema_id, "slot": slot, "component_id": components[uid]} for slot, uid in draft.slots.items()
    ]
    if members:
        connection.execute(_INSERT_MEMBERS, members)
    if slots:
        connection.execute(_INSERT_SLOTS, slots)


def _refuse_taken_name(connection: Connection, draft: SchemaDraft) -> None:
    taken = connection.execute(_SELECT_BY_NAME, {"name": draft.name}).scalar_one_or_none()
    if taken is None:
        return
    (schema,) = load_schemas(connection, [taken])
    differences = "; ".join(_list_differences(connection, schema, draft))
    raise ConflictError(
        "schema-exists",
        f"There is already a schema {draft.name!r}, and it differs: {differences}.",
        hint=f"Use it, vt.Schema.get(name={draft.name!r}), or give the new one another name.",
        where=draft.name,
    )


def _list_differences(connection: Connection, schema: Schema, draft: SchemaDraft) -> list[str]:
    there = {member.feature.uid: member for member in schema.members}
    asked = draft.feature_uids
    new = connection.execute(_SELECT_FEATURE_NAMES, {"uids": [uid for uid in asked if uid not in there] or [""]})
    parts = [
        ("it has no feature", sorted(new.scalars())),
        ("it has the feature", sorted(one.feature.name for uid, one in there.items() if uid not in asked)),
        (
            "optional differs for",
            sorted(
                one.feature.name
                for uid, one in there.items()
                if uid in asked and one.is_optional != (uid in draft.optional_uids)
            ),
        ),
        ("it has no slot", sorted(set(draft.slots) - set(schema.slots))),
        ("it has the slot", sorted(set(schema.slots) - set(draft.slots))),
        (
            "another schema is in the slot",
            sorted(slot for slot, one in schema.slots.items() if draft.slots.get(slot, one.uid) != one.uid),
        ),
    ]
    differences = [f"{text} {', '.join(names)}" for text, names in parts if names]
    differences += [
        f"{name.removeprefix('is_')} is {getattr(schema, name)} instead of {getattr(draft, name)}"
        for name in _FLAGS
        if getattr(schema, name) != getattr(draft, name)
    ]
    index_uid = None if schema.index is None else schema.index.uid
    if index_uid != draft.index_uid:
        differences.append("another feature is the index")
    return differences or ["the features come in another order"]


_FLAGS = ("itype", "dtype", "otype", "is_minimal", "is_maximal", "is_ordered", "is_flexible", "is_coerced")


def _suggest(ref: str, names: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(ref, names, n=_N_SUGGESTED)
    return f"Did you mean {' or '.join(nearest)}?" if nearest else "Make one: vt.Schema([...], name=...).save()."
