"""Give out uids, inside a transaction that the catalog has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, text, update

from vitrina.catalog.prepared import Prepared
from vitrina.catalog.tables import FamilyRow
from vitrina.model.uid import build_family, build_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_RESERVE_ONE = Prepared(
    text(
        "INSERT INTO family (uid, key, last_version) VALUES (:uid, :key, 1) "
        "ON CONFLICT (key) DO UPDATE SET last_version = family.last_version + 1 RETURNING uid, last_version"
    )
)
"""Source: https://www.sqlite.org/lang_upsert.html, https://www.postgresql.org/docs/15/sql-insert.html"""

_SELECT_FAMILIES_OF_KEYS = select(FamilyRow.key, FamilyRow.uid, FamilyRow.last_version).where(
    FamilyRow.key.in_(bindparam("keys", expanding=True))
)
_INSERT_FAMILY = insert(FamilyRow)
_COUNT_VERSION_UP = (
    update(FamilyRow).where(FamilyRow.uid == bindparam("family")).values(last_version=bindparam("number"))
)


def reserve_uid(connection: Connection, key: str) -> str:
    """The uid for the next version under a key, which nobody else gets."""
    ((family, number),) = _RESERVE_ONE.execute(connection, {"uid": build_family(), "key": key})
    return f"{family}{build_version(number)}"


def reserve_uids(connection: Connection, keys: Sequence[str]) -> list[str]:
    """The uids for the next versions under keys, which nobody else gets; a key may come several times."""
    rows = connection.execute(_SELECT_FAMILIES_OF_KEYS, {"keys": list(set(keys))})
    last = {row.key: (row.uid, row.last_version) for row in rows}
    known = {uid for uid, _ in last.values()}
    uids = []
    for key in keys:
        family, number = last.get(key) or (build_family(), 0)
        last[key] = family, number + 1
        uids.append(family + build_version(number + 1))
    grown = [{"family": uid, "number": last[key][1]} for key in dict.fromkeys(keys) if (uid := last[key][0]) in known]
    new = [{"uid": uid, "key": key, "last_version": number} for key, (uid, number) in last.items() if uid not in known]
    if grown:
        connection.execute(_COUNT_VERSION_UP, grown)
    if new:
        connection.execute(_INSERT_FAMILY, new)
    return uids
