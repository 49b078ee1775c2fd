"""Say what the file of an artifact does not, or says wrongly. No byte changes."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from vitrina.model.apply_overrides import find_element
from vitrina.model.overrides import NO_OVERRIDES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.model.artifact import Artifact
    from vitrina.model.overrides import ElementOverrides
    from vitrina.verbs.instance import Instance


def override(instance: Instance, artifact: Artifact, said: ElementOverrides) -> Artifact:
    """Say this of one element of an artifact, besides what was said before; the newer word counts.

    Args:
        instance: Where the artifact is.
        artifact: The artifact.
        said: What is known better, with the path of the element.

    Returns:
        The artifact as it is now.

    Raises:
        InputError: It does not fit; the message says what would.
    """
    return set_overrides(instance, artifact, instance.show(artifact.uid).overrides.merge(said).elements)


def set_overrides(instance: Instance, artifact: Artifact, elements: Iterable[ElementOverrides]) -> Artifact:
    """Say this of an artifact in place of all that was said; nothing goes back to what the file says.

    Returns:
        The artifact as it is now.

    Raises:
        InputError: An override does not fit; then nothing changes.
    """
    instance.catalog.overrides.set(artifact.uid, elements, getpass.getuser())
    instance.n_overridden += 1
    return instance.show(artifact.uid)


def clear_overrides(instance: Instance, artifact: Artifact, element: str | None = None) -> Artifact:
    """Take back what was said of one element, or of all of them.

    Args:
        instance: Where the artifact is.
        artifact: The artifact.
        element: Path or name of the element; all when None.

    Raises:
        InputError: There is no such element.
    """
    known = instance.show(artifact.uid).overrides
    kept = NO_OVERRIDES if element is None else known.without(find_element(artifact.content, element).path)
    return set_overrides(instance, artifact, kept.elements)
