"""Artifacts by uid, kept between requests so that a chunk costs no SQL."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from vitrina.errors import NotFoundError
from vitrina.model.artifact import Artifact
from vitrina.storage.store import Store

MAX_KNOWN = 4096


@dataclass(frozen=True, slots=True)
class Known:
    """An artifact with the store of its bytes.

    Attributes:
        is_managed: Whether Vitrina holds the bytes, so that they never change.
    """

    artifact: Artifact
    store: Store
    is_managed: bool


class KnownArtifacts:
    """The artifacts asked for most recently.

    Args:
        load: Looks an artifact up by its whole uid; may block; raises NotFoundError.
        get_change_number: Cheap and in memory; another value than before means that artifacts may have been deleted
            or overridden, and everything known is forgotten.
    """

    def __init__(self, load: Callable[[str], Known], get_change_number: Callable[[], int] | None = None) -> None:
        self._load = load
        self._get_change_number = get_change_number or (lambda: 0)
        self._change_number: int | None = None
        self._known: OrderedDict[str, Known] = OrderedDict()

    def find(self, uid: str) -> Known | None:
        """The artifact with a whole uid, None where it has to be looked up."""
        change_number = self._get_change_number()
        if change_number != self._change_number:
            self._known.clear()
            self._change_number = change_number
        known = self._known.get(uid)
        if known is not None:
            self._known.move_to_end(uid)
        return known

    async def get(self, uid: str) -> Known:
        """The artifact with a whole uid.

        Raises:
            NotFoundError: There is none.
        """
        known = self.find(uid)
        if known is not None:
            return known
        change_number = self._change_number
        known = await asyncio.to_thread(self._load, uid)
        if known.artifact.uid != uid:
            raise NotFoundError("artifact-missing", f"There is no artifact with the uid {uid}.", where=uid)
        if change_number == self._get_change_number():
            self._known[uid] = known
            if len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)
        return known
