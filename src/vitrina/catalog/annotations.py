"""Annotations: labels and feature values of artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from vitrina.catalog.annotation_insert import find_label_keys, write_annotations
from vitrina.catalog.annotation_read import read_annotations
from vitrina.catalog.annotation_words import refresh
from vitrina.catalog.features import find_ids
from vitrina.catalog.tables import ArtifactRow, LabelRow, ValueRow
from vitrina.errors import NotFoundError
from vitrina.model.annotation import AnnotationsDraft

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Connection

    from vitrina.catalog.database import Database
    from vitrina.model.annotation import Annotations, LabelDraft, ValueDraft

_SELECT_IDS = select(ArtifactRow.uid, ArtifactRow.id).where(ArtifactRow.uid.in_(bindparam("uids", expanding=True)))
_DELETE_LABEL = delete(LabelRow).where(
    LabelRow.artifact_id == bindparam("of_artifact"),
    LabelRow.term_id == bindparam("of_term"),
    LabelRow.feature_id == bindparam("of_feature"),
)
_DELETE_VALUE = delete(ValueRow).where(
    ValueRow.artifact_id == bindparam("of_artifact"), ValueRow.feature_id == bindparam("of_feature")
)


class ArtifactAnnotations:
    """Labels and feature values of the artifacts of one instance. Thread-safe. Artifacts are named by whole uids.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, uids: Collection[str]) -> dict[str, Annotations]:
        """Everything said of artifacts, by their uids; those that are not there are left out. Four statements."""
        with self._database.read() as connection:
            return read_annotations(connection, uids)

    def add(self, drafts: Mapping[str, AnnotationsDraft]) -> None:
        """Annotate artifacts, all or none; labels that are there stay, values are replaced.

        Raises:
            NotFoundError: ``artifact-missing``, ``term-missing``, ``feature-not-found`` or ``schema-not-found``.
            InputError: ``value-mismatch``: a value is not of its feature's dtype.
        """
        with self._database.write() as connection:
            ids = _find_artifacts(connection, drafts)
            write_annotations(connection, {ids[uid]: draft for uid, draft in drafts.items()})
            refresh(connection, self._database, ids.values())

    def add_labels(self, uid: str, labels: Iterable[LabelDraft]) -> None:
        """Label an artifact; labels that are there stay. Raises as ``add``."""
        self.add({uid: AnnotationsDraft(labels=tuple(labels))})

    def remove_labels(self, uid: str, labels: Iterable[LabelDraft]) -> int:
        """Take labels off an artifact; those that it does not have are no error.

        Returns:
            The number of labels that it had.

        Raises:
            NotFoundError: ``artifact-missing``, ``term-missing`` or ``feature-not-found``.
        """
        with self._database.write() as connection:
            artifact_id = _find_artifacts(connection, [uid])[uid]
            n_removed = 0
            for term_id, feature_id in find_label_keys(connection, labels):
                keys = {"of_artifact": artifact_id, "of_term": term_id, "of_feature": feature_id}
                n_removed += connection.execute(_DELETE_LABEL, keys).rowcount
            refresh(connection, self._database, [artifact_id])
            return n_removed

    def set_values(self, uid: str, values: Iterable[ValueDraft]) -> None:
        """Give an artifact values of features, in place of those that it had. Raises as ``add``."""
        self.add({uid: AnnotationsDraft(values=tuple(values))})

    def remove_values(self, uid: str, feature_uids: Iterable[str]) -> int:
        """Take an artifact's values of features away; those that it does not have are no error.

        Returns:
            The number of values that it had.

        Raises:
            NotFoundError: ``artifact-missing`` or ``feature-not-found``.
        """
        with self._database.write() as connection:
            artifact_id = _find_artifacts(connection, [uid])[uid]
            n_removed = 0
            for feature_id in find_ids(connection, feature_uids).values():
                keys = {"of_artifact": artifact_id, "of_feature": feature_id}
                n_removed += connection.execute(_DELETE_VALUE, keys).rowcount
            refresh(connection, self._database, [artifact_id])
            return n_removed


def _find_artifacts(connection: Connection, uids: Collection[str]) -> dict[str, int]:
    found = {row.uid: row.id for row in connection.execute(_SELECT_IDS, {"uids": list(uids)})}
    for uid in uids:
        if uid not in found:
            raise NotFoundError("artifact-missing", f"There is no artifact {uid!r}.", where=uid)
    return found
