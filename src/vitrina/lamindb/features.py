"""Features and schemas."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from vitrina.lamindb.database import parse_json, parse_moment, split_synonyms
from vitrina.lamindb.records import TRASH, LaminFeature, LaminSchema

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    from vitrina.lamindb.database import LaminDatabase

# keys of `_aux["af"]` of a schema, which has the uids of features
_OPTIONAL, _ORDER, _INDEX = "1", "2", "3"

_TERM_MEMBERS = ("bionty_schemagene", "bionty_schemaprotein", "bionty_schemacellmarker", "bionty_schemapathway")


def read_features(database: LaminDatabase) -> Iterator[LaminFeature]:
    """The features in the order of their ids, without types of features and those in the trash."""
    query = "SELECT * FROM lamindb_feature WHERE NOT is_type AND branch_id <> ? ORDER BY id"
    for row in database.select(query, (TRASH,)):
        yield LaminFeature(
            id=row["id"],
            uid=row["uid"],
            name=row["name"],
            dtype=row["_dtype_str"] or "str",
            unit=row["unit"] or None,
            description=row["description"] or None,
            synonyms=split_synonyms(row["synonyms"]),
            is_nullable=row["nullable"] is None or bool(row["nullable"]),
            default=parse_json(row["default_value"]),
            is_coerced=bool(row["coerce"]),
            created_at=parse_moment(row["created_at"]),
            created_by_id=row["created_by_id"],
        )


def read_schemas(database: LaminDatabase) -> tuple[LaminSchema, ...]:
    """The schemas, each after the components that it has in slots; types of schemas and the trash are left out."""
    query = "SELECT * FROM lamindb_schema WHERE NOT is_type AND branch_id <> ? ORDER BY id"
    rows = {row["id"]: row for row in database.select(query, (TRASH,))}
    uids = {row["uid"]: row["id"] for row in database.select("SELECT id, uid FROM lamindb_feature")}
    members = _group(database, "SELECT schema_id, feature_id FROM lamindb_schemafeature ORDER BY id")
    slots: dict[int, dict[str, int]] = defaultdict(dict)
    for row in database.select("SELECT * FROM lamindb_schemacomponent ORDER BY id"):
        slots[row["composite_id"]][row["slot"]] = row["component_id"]
    n_terms = _count_term_members(database)
    schemas = {
        id_: _build_schema(row, members.get(id_, []), uids, slots.get(id_, {}), n_terms.get(id_, 0))
        for id_, row in rows.items()
    }
    ordered: dict[int, LaminSchema] = {}
    for id_ in schemas:
        _put_after_components(id_, schemas, ordered, frozenset())
    return tuple(ordered.values())


def _group(database: LaminDatabase, query: str) -> Mapping[int, list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for key, value in database.select(query):
        groups[key].append(value)
    return groups


def _count_term_members(database: LaminDatabase) -> Mapping[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for table in _TERM_MEMBERS:
        if database.has(table):
            # the names of tables stand above
            query = f"SELECT schema_id, count(*) FROM {table} GROUP BY schema_id"  # noqa: S608
            for schema_id, count in database.select(query):
                counts[schema_id] += count
    return counts


def _build_schema(
    row: sqlite3.Row, members: list[int], uids: Mapping[str, int], slots: Mapping[str, int], n_terms: int
) -> LaminSchema:
    settings = _parse_settings(row["_aux"])
    ordered = [uids[uid] for uid in settings.get(_ORDER) or () if uids.get(uid) in members]
    return LaminSchema(
        id=row["id"],
        uid=row["uid"],
        name=row["name"] or None,
        description=row["description"] or None,
        itype=row["itype"] or None,
        dtype=row["_dtype_str"] or None,
        otype=row["otype"] or None,
        feature_ids=tuple(dict.fromkeys([*ordered, *members])),
        optional_ids=frozenset(uids[uid] for uid in settings.get(_OPTIONAL) or () if uid in uids),
        index_id=uids.get(settings.get(_INDEX) or ""),
        n_terms=n_terms,
        slots=slots,
        is_minimal=bool(row["minimal_set"]),
        is_maximal=bool(row["maximal_set"]),
        is_ordered=bool(row["ordered_set"]),
        is_flexible=bool(row["flexible"]),
        is_coerced=bool(row["coerce"]),
        created_at=parse_moment(row["created_at"]),
        created_by_id=row["created_by_id"],
    )


def _parse_settings(text: str | None) -> Mapping[str, Any]:
    """What a schema says of its members beside the table of members."""
    value = parse_json(text)
    settings = value.get("af") if isinstance(value, dict) else None
    return settings if isinstance(settings, dict) else {}


def _put_after_components(
    id_: int, schemas: Mapping[int, LaminSchema], ordered: dict[int, LaminSchema], above: frozenset[int]
) -> None:
    if id_ in ordered or id_ in above or id_ not in schemas:
        return
    for component_id in schemas[id_].slots.values():
        _put_after_components(component_id, schemas, ordered, above | {id_})
    ordered[id_] = schemas[id_]
