"""What every artifact that Vitrina makes of another has: a run between them, and the labels and values of the first."""

from __future__ import annotations

import getpass
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vitrina.model.annotation import AnnotationsDraft, LabelDraft, ValueDraft
from vitrina.model.run import TransformDraft

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vitrina.model.annotation import JsonValue
    from vitrina.model.artifact import Artifact
    from vitrina.verbs.instance import Instance


@contextmanager
def running(
    instance: Instance, artifact: Artifact, transform: str, parameters: Mapping[str, JsonValue]
) -> Iterator[str]:
    """A run that reads an artifact, as a context that gives its uid; how it ends is recorded.

    Args:
        instance: Where it is recorded.
        artifact: What it reads.
        transform: What is run, such as ``vitrina convert``.
        parameters: By name.
    """
    draft = TransformDraft(key=transform, kind="convert", created_by=getpass.getuser())
    run = instance.start_run(draft, parameters=parameters)
    instance.record_inputs(run.uid, [artifact.uid])
    try:
        yield run.uid
    except BaseException as err:
        is_stopped = isinstance(err, KeyboardInterrupt)
        instance.finish_run(run.uid, "aborted" if is_stopped else "errored", error=str(err) or "Interrupted.")
        raise
    instance.finish_run(run.uid, "completed")


def copy_annotations(instance: Instance, artifact: Artifact) -> AnnotationsDraft | None:
    """The labels and values of an artifact, None for one without; that it fits a schema is not said of the result."""
    said = instance.read_annotations(artifact)
    if not said.labels and not said.values:
        return None
    names = {label.feature for label in said.labels if label.feature} | {value.feature for value in said.values}
    uids = {name: feature.uid for name, feature in instance.find_features(names).items()}
    labels = tuple(
        LabelDraft(term_uid=label.uid, feature_uid=uids[label.feature] if label.feature else None)
        for label in said.labels
    )
    values = tuple(ValueDraft(feature_uid=uids[value.feature], value=value.value) for value in said.values)
    return AnnotationsDraft(labels=labels, values=values)
