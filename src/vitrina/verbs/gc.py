"""Free the space of what nobody can reach."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError
from vitrina.model.finding import Finding
from vitrina.model.upkeep import Collected, Garbage
from vitrina.storage.removing import remove as remove_path
from vitrina.storage.run import run
from vitrina.verbs.delete import owns_bytes, remove

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vitrina.model.artifact import Artifact
    from vitrina.verbs.instance import Instance

GRACE = timedelta(days=1)
"""Bytes that no artifact names are left alone for so long: another process may be about to name them."""


def gc(
    instance: Instance, *, older_than: timedelta | None = None, dry_run: bool = False, grace: timedelta = GRACE
) -> Collected:
    """Remove bytes that no artifact refers to, what killed processes left behind, and caches of what is gone.

    What is in the trash is an artifact like any other and stays, unless ``older_than`` is given. Only bytes whose uid
    this catalog gave out are ever removed, so other files in the storage, and those of another instance that shares it,
    are safe. Versions that share bytes keep them.

    Args:
        instance: Whose storage is cleaned.
        older_than: Empty the trash of what has been there for longer.
        dry_run: Say what would go, and remove nothing.
        grace: How long bytes must have lain without an artifact.
    """
    trashed, held = _list_trash(instance, older_than)
    now = instance.catalog.database.clock()
    saved = run(instance.store.upkeep.list_saved())
    orphans = sorted(instance.catalog.trash.find_unused(one.name for one in saved if one.saved_at < now - grace))
    stale = list(_list_stale_cache(instance, {artifact.uid for artifact in trashed}))
    garbage = (
        *(Garbage(kind="artifact", name=f"{artifact.key}@{artifact.version}") for artifact in trashed),
        *(Garbage(kind="bytes", name=f"{instance.store.url}/{uid}") for uid in orphans),
        *(Garbage(kind="cache", name=str(path)) for path in stale),
    )
    swept_bytes = run(instance.store.upkeep.sweep(dry_run=dry_run))
    if dry_run:
        keys = [artifact.storage_key for artifact in trashed if owns_bytes(instance, artifact)]
        freed_bytes = run(instance.store.upkeep.measure([*keys, *orphans]))
    else:
        freed_bytes = sum(remove(instance, artifact).freed_bytes for artifact in trashed)
        freed_bytes += sum(run(instance.store.delete(uid)) for uid in orphans)
        for path in stale:
            remove_path(path)
    return Collected(garbage=garbage, freed_bytes=swept_bytes + freed_bytes, findings=tuple(held), is_dry_run=dry_run)


def _list_trash(instance: Instance, older_than: timedelta | None) -> tuple[list[Artifact], list[Finding]]:
    """What may go from the trash, and what a collection holds there."""
    if older_than is None:
        return [], []
    trash = instance.catalog.trash
    removable, held = [], []
    for artifact in trash.list_all(before=instance.catalog.database.clock() - older_than):
        try:
            trash.check_not_held(artifact.uid)
        except ConflictError as err:
            held.append(Finding(code=err.code, severity="info", path=artifact.uid, message=err.message, fix=err.hint))
        else:
            removable.append(artifact)
    return removable, held


def _list_stale_cache(instance: Instance, going: set[str]) -> Iterator[Path]:
    """Pictures of artifacts that are gone or going, and files that were being written when their process ended."""
    pictures = {path.stem: path for path in (instance.settings.cache / "thumbnails").glob("*.webp")}
    present = instance.catalog.trash.find_present(pictures) - going
    yield from (path for uid, path in sorted(pictures.items()) if uid not in present)
    yesterday = time.time() - GRACE.total_seconds()
    yield from (path for path in sorted(instance.settings.cache.glob("write-*")) if path.stat().st_mtime < yesterday)
