"""``vitrina add --convert``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.cli.output import show_progress

if TYPE_CHECKING:
    from vitrina.model.artifact import Artifact
    from vitrina.verbs.add import Added
    from vitrina.verbs.instance import Instance


def convert_added(instance: Instance, artifact: Artifact) -> Added | None:
    """Make a web-ready artifact of one that was added, with progress; None where there is nothing to convert."""
    from vitrina.verbs.convert_artifact import is_web_ready

    if is_web_ready(artifact):
        return None
    with show_progress(f"converting {artifact.basename}", unit_is_bytes=False) as progress:
        return instance.convert_artifact(artifact, progress=progress)
