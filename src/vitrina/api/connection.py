"""The instance that this Python process works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.verbs.connect import connect as connect_instance

if TYPE_CHECKING:
    import os

    from vitrina.verbs.instance import Instance


class _Connection:
    """Holds the connected instance; the notebook door has one, and nothing below the door knows of it."""

    instance: Instance | None = None


def connect(instance: str | os.PathLike[str] | None = None) -> Instance:
    """Connect to an instance; ``vt.Artifact`` and its kin work on it from now on.

    Args:
        instance: Its folder or the URL of its database; None for ``VITRINA_INSTANCE``, else the nearest folder above
            the working directory that is an instance, else the last one connected.

    Raises:
        NotFoundError: There is no instance.
    """
    connected = connect_instance(instance)
    connected.catalog.finder.keeps_index = True  # who asks once in a notebook asks again
    if _Connection.instance is not None:
        _Connection.instance.catalog.close()  # what still holds it opens connections anew
    _Connection.instance = connected
    return connected


def get_instance() -> Instance:
    """The connected instance, connected on first use.

    Raises:
        NotFoundError: There is no instance.
    """
    return _Connection.instance or connect()
