"""A result that is being made: nobody sees it before it is complete, and an interrupted one can go on.

The result grows in a hidden folder beside its place, ``.NAME.part``, with a journal of what is stored and the recipe:
what is made of what, with which settings. The last step is one rename. Made again by the same recipe, what the folder
holds is gone on with; by another, it is thrown away.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any, Self

from vitrina.errors import ConflictError
from vitrina.pyramid.journal import Journal
from vitrina.storage.lock import NAME as LOCK
from vitrina.storage.lock import lock_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Unfinished:
    """The place where one result is made, held by one process at a time. A context: left by an error, it stays.

    Args:
        target: Where the result goes.
        recipe: What is made, as JSON; anything that would change the result belongs into it.
        overwrites: Whether a result that is there may be replaced.
        resumes: Whether a part that is there can be gone on with; else it is thrown away.

    Attributes:
        path: Where the result is to be written.
        is_resumed: Whether a part of it is there already.

    Raises:
        ConflictError: The target exists, or another process makes it at this moment.
        FileNotFoundError: There is no folder to put it in.
    """

    def __init__(
        self, target: Path, recipe: Mapping[str, Any], *, overwrites: bool = False, resumes: bool = True
    ) -> None:
        self._target = target
        self._overwrites = overwrites
        self._check_free()
        self._folder = target.with_name(f".{target.name}.part")
        self._folder.mkdir(exist_ok=True)
        self._replaced = self._folder / "replaced"
        self._lock = lock_folder(self._folder, target)
        try:
            self._put_back()
            self._check_free()
        except BaseException:
            os.close(self._lock)
            raise
        self._journals: list[Journal] = []
        self.path = self._folder / target.name
        wanted = json.dumps(recipe, sort_keys=True, indent=1)
        recorded = self._folder / "recipe.json"
        self.is_resumed = resumes and recorded.exists() and recorded.read_text() == wanted and self.path.exists()
        if not self.is_resumed:
            self._clear()
            recorded.write_text(wanted)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for journal in self._journals:
            journal.close()
        os.close(self._lock)

    def open_journal(self, name: str) -> Journal:
        """The journal of one run; it is closed with the context."""
        journal = Journal(self._folder / f"journal-{name}")
        self._journals.append(journal)
        return journal

    def commit(self, *companions: Path) -> None:
        """Put the complete result where it belongs.

        Args:
            companions: Files beside the result that belong to it, which come before it and replace what is there.

        Raises:
            ConflictError: Something has come there meanwhile.
        """
        self._check_free()
        if self._target.exists():
            self._target.rename(self._replaced)
        for companion in companions:
            companion.replace(self._target.with_name(companion.name))
        self.path.rename(self._target)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _check_free(self) -> None:
        if self._target.exists() and not self._overwrites:
            raise ConflictError(
                "target-exists",
                f"{self._target} exists already.",
                hint="Give another name, or --overwrite to replace it.",
                where=str(self._target),
            )

    def _put_back(self) -> None:
        """Undo the first half of a last step that was interrupted between its two renames."""
        if not self._replaced.exists():
            return
        if not self._target.exists():
            self._replaced.rename(self._target)
        elif self._replaced.is_dir():
            shutil.rmtree(self._replaced)
        else:
            self._replaced.unlink()

    def _clear(self) -> None:
        for entry in self._folder.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != LOCK:
                entry.unlink()
