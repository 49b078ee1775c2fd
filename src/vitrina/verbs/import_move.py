"""The state of one import from LaminDB: where it goes, and which of their rows is which record of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.verbs.import_report import ImportTally

if TYPE_CHECKING:
    from vitrina.lamindb.database import LaminDatabase
    from vitrina.lamindb.records import LaminStorage
    from vitrina.model.dtype import Dtype
    from vitrina.model.run import Transform
    from vitrina.verbs.instance import Instance


class Move:
    """One import while it goes on. Each step fills what the steps after it need; ids are those of LaminDB's rows.

    Args:
        instance: Where it goes.
        database: What is read.
        is_copy: Whether bytes are copied into the store.
        is_dry_run: Whether nothing is written.

    Attributes:
        tally: What was counted and told.
        storages: Storages by id.
        handles: Handles of users by id.
        registries: Our registries by LaminDB's.
        terms: Uids of our terms by LaminDB's registry and id.
        features: Uid and dtype of our features by id.
        schemas: Uids of our schemas by id.
        transforms: Transforms by id.
        runs: Uids of runs by id, those that are here.
        artifacts: Uids of artifacts by id, those that are here.
        outputs: Uids of the artifacts that a run saved, by the id of the run.
    """

    def __init__(self, instance: Instance, database: LaminDatabase, *, is_copy: bool, is_dry_run: bool) -> None:
        self.instance = instance
        self.database = database
        self.is_copy = is_copy
        self.is_dry_run = is_dry_run
        self.tally = ImportTally()
        self.storages: dict[int, LaminStorage] = {}
        self.handles: dict[int, str] = {}
        self.registries: dict[str, str] = {}
        self.terms: dict[tuple[str, int], str] = {}
        self.features: dict[int, tuple[str, Dtype]] = {}
        self.schemas: dict[int, str] = {}
        self.transforms: dict[int, Transform] = {}
        self.runs: dict[int, str] = {}
        self.artifacts: dict[int, str] = {}
        self.outputs: dict[int, list[str]] = {}
