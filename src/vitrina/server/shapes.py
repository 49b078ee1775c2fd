"""What the API sends that is not already a record of the model. Light to import: the command line prints it as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from vitrina.model.annotation import Annotations
from vitrina.model.artifact import Artifact
from vitrina.model.content import Content
from vitrina.model.finding import Finding
from vitrina.model.overrides import ElementOverrides, Overrides
from vitrina.model.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Whether the viewer can show an artifact.

    Attributes:
        ready: Whether no finding is an error.
        findings: What stands in the way, or is worth knowing.
    """

    ready: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOut:
    """What a check says, in the shape of ``vitrina check --json``.

    Attributes:
        source: Key of the artifact.
        valid: Whether no finding is an error.
        version: Of the specification, as the data says it.
        kind: What it is, such as ``image`` or ``spatialdata``.
        findings: Worst first.
    """

    source: str
    valid: bool
    version: str | None
    kind: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactOut:
    """An artifact with what is derived from it.

    Attributes:
        version: The four characters of the uid that count the versions.
        basename: First part of every path under ``/data/{uid}/``.
        viewer: Whether it can be looked at.
        annotations: Labels and feature values, where they were asked for.
    """

    uid: str
    version: str
    key: str
    basename: str
    description: str | None
    kind: str
    format: str
    hash: str
    size_bytes: int
    n_files: int
    n_observations: int | None
    storage_url: str
    storage_key: str
    is_folder: bool
    created_at: datetime
    created_by: str
    is_latest: bool
    trashed_at: datetime | None
    content: Content
    overrides: Overrides
    viewer: Viewer
    annotations: Annotations | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverridesIn:
    """What is to be said of the elements of an artifact, in place of all that was.

    Attributes:
        elements: At most one per element, which its path names.
    """

    elements: tuple[ElementOverrides, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """That the server answers, and what it serves.

    Attributes:
        status: ``ok``: the catalog answered.
        version: Of Vitrina.
        name: Of the instance.
        server_id: Drawn anew at each start.
        n_artifacts: In their latest version.
    """

    status: str
    version: str
    name: str
    server_id: str
    n_artifacts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOut(Run):
    """A run with its long texts.

    Attributes:
        source: The code; null where none was recorded, as for the others.
        environment: Installed packages, one `name==version` per line.
        log: What it printed.
    """

    source: str | None
    environment: str | None
    log: str | None


def build_run_out(run: Run, *, source: str | None, environment: str | None, log: str | None) -> RunOut:
    """The run as the API sends it when it is asked for alone."""
    values = {field.name: getattr(run, field.name) for field in fields(Run)}
    return RunOut(**values, source=source, environment=environment, log=log)


def build_artifact_out(
    artifact: Artifact, findings: Sequence[Finding], annotations: Annotations | None = None
) -> ArtifactOut:
    """The artifact as the API sends it.

    Args:
        artifact: The record.
        findings: What ``check_view`` found.
        annotations: What is said of it; None when that was not asked for.
    """
    values = {field.name: getattr(artifact, field.name) for field in fields(Artifact)}
    is_ready = not any(finding.severity == "error" for finding in findings)
    viewer = Viewer(ready=is_ready, findings=tuple(findings))
    return ArtifactOut(
        **values, version=artifact.version, basename=artifact.basename, viewer=viewer, annotations=annotations
    )
