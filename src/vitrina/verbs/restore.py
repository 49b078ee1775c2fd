"""Take artifacts out of the trash."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.artifact import Artifact
    from vitrina.verbs.instance import Instance


def restore(instance: Instance, ref: str) -> Artifact:
    """Take an artifact out of the trash; one that is not there stays as it is.

    Args:
        instance: Where it is.
        ref: A key, which means its newest version in the trash; ``key@0001``, a uid, or the start of one.

    Raises:
        NotFoundError: Nothing fits, or several do.
    """
    return instance.catalog.trash.restore(instance.catalog.trash.get(ref).uid)
