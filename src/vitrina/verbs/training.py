"""Trainings in the catalog: a run with what it read, and the checkpoints that it saved."""

from __future__ import annotations

import getpass
import logging
from typing import TYPE_CHECKING, Any, Literal

from vitrina.errors import ConflictError, InputError
from vitrina.ml.record import SavedModel
from vitrina.model.feature import FeatureDraft
from vitrina.model.run import TransformDraft
from vitrina.verbs.label_plan import Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vitrina.ml.record import Checkpoint
    from vitrina.model.annotation import JsonValue
    from vitrina.verbs.instance import Instance

_log = logging.getLogger(__name__)

FACTS = {
    "score": ("float", "Value of the metric that checkpoints of a training are ranked by."),
    "metric": ("str", "Name of the metric that checkpoints of a training are ranked by."),
    "is_best_model": ("bool", "Whether no checkpoint of the training scored better."),
    "model_rank": ("int", "Rank of a checkpoint among those kept of its training, 0 for the best."),
    "epoch": ("int", "Epochs of training that were complete."),
    "step": ("int", "Optimiser steps of training."),
}
"""Features that checkpoints get, with their dtypes; the first words are those of lamindb's callback."""


class CatalogRecorder:
    """Records trainings in one instance; a ``Recorder``.

    Args:
        instance: Where to.
        chosen_by: How the datasets were chosen, as JSON values.
        find_parent: Gives the run that a training is a part of.
    """

    def __init__(
        self, instance: Instance, chosen_by: Mapping[str, Any], find_parent: Callable[[], str | None] | None = None
    ) -> None:
        self._instance = instance
        self._chosen_by = dict(chosen_by)
        self._find_parent = find_parent

    def start(self, key: str, parameters: Mapping[str, Any], input_uids: Sequence[str]) -> str:
        """A run that has begun, with versions and hashes of the datasets; gives its uid."""
        instance = self._instance
        datasets = [instance.show(uid) for uid in input_uids]
        told: list[JsonValue] = [
            {"uid": one.uid, "key": one.key, "version": one.version, "hash": one.hash} for one in datasets
        ]
        run = instance.start_run(
            TransformDraft(key=key, kind="pipeline", created_by=getpass.getuser()),
            parameters={"query": self._chosen_by, "datasets": told, **parameters},
            parent_uid=self._find_parent() if self._find_parent is not None else None,
        )
        instance.record_inputs(run.uid, input_uids)
        return run.uid

    def save(self, run: str, checkpoint: Checkpoint) -> SavedModel:
        """Add a checkpoint as an artifact of kind ``model``; the file stays where it is."""
        instance = self._instance
        added = instance.add(checkpoint.path, key=checkpoint.key, kind="model", description=f"Checkpoint of run {run}")
        instance.record_outputs(run, [added.artifact.uid])
        saved = SavedModel(uid=added.artifact.uid, key=added.artifact.key, uri=self._build_uri(added.artifact.uid))
        self.describe(saved, checkpoint.facts)
        return saved

    def describe(self, saved: SavedModel, facts: Mapping[str, Any]) -> None:
        """Say what is known of a saved checkpoint now, in place of what was said before; None is not said."""
        instance = self._instance
        artifact = instance.show(saved.uid)
        for name, (dtype, description) in FACTS.items():
            value = facts.get(name)
            if value is None:
                continue
            try:
                instance.add_feature(FeatureDraft(name=name, dtype=dtype, description=description))
                plan = instance.plan_labels([Wish(name=name, value=value)], coerce=False, features_only=True)
            except (ConflictError, InputError) as err:  # the lab has a feature of that name that means something else
                _log.warning("%s of %s was not recorded: %s", name, saved.key, err)
            else:
                instance.label(artifact, plan)

    def drop(self, saved: SavedModel) -> None:
        """Move a checkpoint that is not kept any more to the trash."""
        self._instance.delete(saved.uid)

    def finish(self, run: str, status: Literal["completed", "errored", "aborted"], error: str | None = None) -> None:
        """How the run ended."""
        self._instance.finish_run(run, status, error=error)

    def build_run_uri(self, run: str) -> str:
        """Address of a run: a page of the hub where it has a public address, else ``vitrina:run/`` and the uid."""
        base = self._instance.settings.public_url
        return f"{base}/api/v1/runs/{run}" if base else f"vitrina:run/{run}"

    def _build_uri(self, uid: str) -> str:
        base = self._instance.settings.public_url
        return f"{base}/a/{uid}" if base else f"vitrina:artifact/{uid}"
