"""Read stored bytes anew and hold them against what was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import NotFoundError, StorageError
from vitrina.model.finding import Finding
from vitrina.model.upkeep import Verified
from vitrina.storage.hashing import build_digest
from vitrina.storage.run import run
from vitrina.verbs.manifest import find_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vitrina.model.artifact import Artifact
    from vitrina.storage.hashing import HashedFile
    from vitrina.storage.store import Progress
    from vitrina.verbs.instance import Instance


def verify(instance: Instance, artifact: Artifact | None = None, *, progress: Progress | None = None) -> Verified:
    """Read the bytes of an artifact, or of all with all their versions, and compare them with what was saved.

    Bytes that versions share are read once.

    Args:
        instance: Where they are.
        artifact: One; None for all, those in the trash too.
        progress: Called with bytes done and bytes in all, of one artifact after the other.
    """
    artifacts: Iterable[Artifact] = instance.catalog.trash.iter_stored() if artifact is None else [artifact]
    seen: dict[tuple[int, int], str] = {}
    n_artifacts = size_bytes = 0
    findings: list[Finding] = []
    for one in artifacts:
        n_artifacts += 1
        size_bytes += one.size_bytes
        findings += _check_bytes(instance, one, seen, progress)
    return Verified(n_artifacts=n_artifacts, size_bytes=size_bytes, findings=tuple(findings))


def _check_bytes(
    instance: Instance, artifact: Artifact, seen: dict[tuple[int, int], str], progress: Progress | None
) -> list[Finding]:
    upkeep = instance.store_for(artifact).upkeep
    try:
        found = run(upkeep.hash_files(artifact.storage_key, seen=seen, progress=progress))
    except NotFoundError:
        return [_build_finding(artifact, "bytes-missing", "", "is gone")]
    except StorageError as err:
        return [_build_finding(artifact, "bytes-unreadable", "", f"cannot be read: {err.message}")]
    is_folder = all(file.name for file in found)
    if is_folder == artifact.is_folder and build_digest(found, is_folder=is_folder).hash == artifact.hash:
        return []
    saved = find_manifest(instance, artifact)
    if saved is None or is_folder != artifact.is_folder:
        return [_build_finding(artifact, "bytes-changed", "", "is not what was saved")]
    return list(compare_with_saved(artifact, saved, found))


def compare_with_saved(
    artifact: Artifact, saved: Iterable[HashedFile], found: Iterable[HashedFile]
) -> Iterator[Finding]:
    """What is missing, what has changed and what is too much, by path. Pure."""
    before = {file.name: file for file in saved}
    after = {file.name: file for file in found}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield _build_finding(artifact, "bytes-missing", name, "is gone")
        elif name not in before:
            yield _build_finding(artifact, "bytes-extra", name, "was not there when it was saved")
        elif before[name] != after[name]:
            sizes = f"{before[name].size_bytes:,} bytes then, {after[name].size_bytes:,} now"
            yield _build_finding(artifact, "bytes-changed", name, f"is not what was saved: {sizes}")


def _build_finding(artifact: Artifact, code: str, name: str, what: str) -> Finding:
    place = f"{artifact.storage_url}/{artifact.storage_key}" + (f"/{name}" if name else "")
    return Finding(
        code=code,
        severity="error",
        path=f"{artifact.basename}/{name}#" if name else f"{artifact.basename}#",
        message=f"{artifact.key}@{artifact.version}: {place} {what}.",
        fix="Remove it." if code == "bytes-extra" else "Restore it from a backup, or add the data again.",
    )
