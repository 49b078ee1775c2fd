"""Whether the catalog has changed, without asking it for every chunk."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from vitrina.errors import VitrinaError

if TYPE_CHECKING:
    from vitrina.verbs.instance import Instance

INTERVAL_S = 0.5
"""Changes that another process makes are seen after this time; those of this process at once."""

_log = logging.getLogger(__name__)


class ChangeWatch:
    """Gives a number that changes when the catalog does; the catalog is asked in a thread, twice a second at most.

    Args:
        instance: Whose catalog.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._number = 0
        self._asked_at = 0.0
        self._is_asking = False

    def __call__(self) -> int:
        now = time.monotonic()
        if not self._is_asking and now - self._asked_at >= INTERVAL_S:
            self._is_asking, self._asked_at = True, now
            asyncio.get_running_loop().run_in_executor(None, self._ask)
        return self._number + self._instance.n_overridden

    def _ask(self) -> None:
        try:
            self._number = self._instance.catalog.change_number()
        except VitrinaError as err:
            _log.warning("changes are not seen: %s", err)
        finally:
            self._is_asking = False
