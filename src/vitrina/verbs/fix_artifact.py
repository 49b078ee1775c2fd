"""Repair a stored artifact as a new version of it; the version before stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError
from vitrina.storage.hashing import hash_path
from vitrina.storage.open import parse_local_url
from vitrina.storage.removing import remove
from vitrina.storage.walk import walk_source
from vitrina.verbs.derive import copy_annotations, running
from vitrina.verbs.fix import fix

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitrina.checks.fix.plan import Purpose
    from vitrina.model.annotation import JsonValue
    from vitrina.model.artifact import Artifact
    from vitrina.verbs.fix import Fixed
    from vitrina.verbs.instance import Instance

TRANSFORM = "vitrina fix"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedArtifact:
    """What was repaired of an artifact.

    Attributes:
        fixed: What was done.
        artifact: The new version; None when there was nothing to repair, or it was only planned.
    """

    fixed: Fixed
    artifact: Artifact | None


def fix_artifact(
    instance: Instance, artifact: Artifact, *, purpose: Purpose = "specification", is_dry_run: bool = False
) -> FixedArtifact:
    """Repair an artifact into a new version under its key, with a run that tells what it was made of.

    The new version gets the labels and values of the artifact.

    Args:
        instance: Where it is.
        artifact: What is repaired; it stays as it is.
        purpose: See ``fix``.
        is_dry_run: Only plan.

    Raises:
        UnreadableError: The artifact is damaged.
        UnsupportedError: It is of no format that is checked.
        StorageError: The result cannot be written.
    """
    path = instance.get_path(artifact)
    planned = fix(path, purpose=purpose, is_dry_run=True)
    if is_dry_run or not planned.repairs:
        return FixedArtifact(fixed=planned, artifact=None)
    folder = instance.settings.cache / f"fix-{artifact.uid}"
    remove(folder)
    parameters: Mapping[str, JsonValue] = {
        "purpose": purpose,
        "repairs": [repair.message for repair in planned.repairs],
    }
    try:
        with running(instance, artifact, TRANSFORM, parameters) as run_uid:
            target = folder / artifact.basename
            fixed = fix(path, out=target, purpose=purpose)
            annotations = copy_annotations(instance, artifact)
            added = instance.add(target, key=artifact.key, kind=artifact.kind, annotations=annotations, take=True)
            instance.record_outputs(run_uid, [added.artifact.uid])
    finally:
        remove(folder)
    return FixedArtifact(fixed=fixed, artifact=added.artifact)


def refuse_registered(instance: Instance, path: Path) -> None:
    """Artifacts are never changed in place, neither stored ones nor those that were registered where they lie.

    Raises:
        ConflictError: An artifact of the instance lies at the path.
    """
    path = path.expanduser().resolve()
    if path.is_relative_to(parse_local_url(instance.store.url).resolve()) or _is_registered(instance, path):
        raise ConflictError(
            "path-registered",
            f"An artifact of the instance {instance.settings.name} lies at {path}, and artifacts are never changed.",
            hint="Give its key instead, which makes a new version, or write a repaired copy with --out.",
            where=str(path),
        )


def _is_registered(instance: Instance, path: Path) -> bool:
    url, tree = path.parent.as_uri(), walk_source(path)
    likely = instance.catalog.bases.find_likely(
        url=url, key=path.name, size_bytes=tree.size_bytes, n_files=len(tree.files), is_folder=tree.is_folder
    )
    if likely.latest_key == path.name:
        return True
    if not likely.may_be_stored:
        return False
    digest = hash_path(path)
    twin = instance.catalog.bases.find_twin(url=url, content_hash=digest.hash, is_folder=tree.is_folder)
    return twin == path.name
