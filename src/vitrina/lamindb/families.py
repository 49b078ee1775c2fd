"""Families: which versions of artifacts belong together, what they are called, and which is the newest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.lamindb.artifacts import FAMILY_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.lamindb.database import LaminDatabase

RUN_FILE = "__lamindb_run__"
"""Kind of the files in which LaminDB keeps environments and logs of runs: texts of the runs, not datasets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminFamily:
    """All versions of a dataset.

    Attributes:
        uid: The 16 characters that they share.
        key: That of the newest version that has one, or None.
        suffix: Of the newest version.
        last_version: The newest version's four characters.
        n_keys: Different keys among the versions.
    """

    uid: str
    key: str | None
    suffix: str
    last_version: str
    n_keys: int


def read_families(database: LaminDatabase) -> Mapping[str, LaminFamily]:
    """The families by their uids, in the order in which they began; files of runs are none."""
    query = (
        "SELECT uid, key, suffix FROM lamindb_artifact WHERE kind IS NULL OR kind <> ? ORDER BY substr(uid, 1, ?), uid"
    )
    families: dict[str, LaminFamily] = {}
    keys: set[str] = set()
    for uid, key, suffix in database.select(query, (RUN_FILE, FAMILY_LENGTH)):
        family = uid[:FAMILY_LENGTH]
        before = families.get(family)
        keys = ({key} if key else set()) if before is None else keys | ({key} if key else set())
        families[family] = LaminFamily(
            uid=family,
            key=key or (before.key if before else None),
            suffix=suffix,
            last_version=uid[FAMILY_LENGTH:],
            n_keys=len(keys),
        )
    return families
