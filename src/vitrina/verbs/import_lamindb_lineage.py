"""Bring LaminDB's transforms, runs and collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.lamindb.artifacts import find_places
from vitrina.lamindb.drafts import build_run, build_transform
from vitrina.lamindb.lineage import read_collections, read_runs, read_transforms
from vitrina.model.collection import Collection
from vitrina.storage.hashing import hash_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.lamindb.records import LaminCollection, LaminRun
    from vitrina.verbs.import_move import Move


def bring_transforms(move: Move) -> None:
    """All versions of all code."""
    adoption = move.instance.catalog.adoption
    found = list(read_transforms(move.database))
    for transform in found:
        move.transforms[transform.id] = build_transform(transform, move.handles[transform.created_by_id])
    known = adoption.find_known("transform", [one.uid for one in move.transforms.values()])
    move.tally.count("transform", found=len(found), known=len(known), brought=len(found) - len(known))
    for transform in found:
        record = move.transforms[transform.id]
        if record.uid not in known and not move.is_dry_run:
            adoption.add_transform(record, transform.source)


def bring_runs(move: Move) -> None:
    """All runs, with the texts that LaminDB keeps in files; what they read and saved is linked later."""
    adoption = move.instance.catalog.adoption
    runs = list(read_runs(move.database))
    known = adoption.find_known("run", [run.uid for run in runs])
    move.tally.count("run", found=len(runs), known=len(known), brought=len(runs) - len(known))
    places = find_places(move.database, [id_ for run in runs for id_ in (run.environment_id, run.report_id) if id_])
    for run in runs:
        if run.uid not in known and not move.is_dry_run:
            record = build_run(
                run,
                move.transforms[run.transform_id],
                parent_uid=move.runs.get(run.parent_id or 0),
                created_by=move.handles[run.created_by_id],
            )
            environment, log = (
                None if id_ is None else _read_text(move, places[id_], run)
                for id_ in (run.environment_id, run.report_id)
            )
            adoption.add_run(record, environment=environment, log=log)
        move.runs[run.id] = run.uid


def link_runs(move: Move) -> None:
    """What runs read and saved, as far as it came."""
    if move.is_dry_run:
        return
    for run in read_runs(move.database):
        inputs = [move.artifacts[id_] for id_ in run.input_ids if id_ in move.artifacts]
        if len(inputs) < len(run.input_ids):
            message = "It read artifacts that could not come."
            move.tally.tell("run-input-missing", "warning", f"run {run.uid}", message)
        if inputs:
            move.instance.catalog.runs.add_inputs(run.uid, inputs)
        if outputs := move.outputs.get(run.id):
            move.instance.catalog.runs.add_outputs(run.uid, outputs)


def bring_collections(move: Move) -> None:
    """The collections whose artifacts all came: a part of a frozen set would be another set."""
    adoption = move.instance.catalog.adoption
    collections = list(read_collections(move.database))
    known = adoption.find_known("collection", [one.uid for one in collections])
    move.tally.count("collection", found=len(collections), known=len(known))
    for one in collections:
        if one.uid in known:
            continue
        label = f"collection {one.key} ({one.uid})"
        if one.is_trashed:
            move.tally.tell("collection-in-trash", "info", label, "It is in LaminDB's trash and was left there.")
        elif any(id_ not in move.artifacts for id_ in one.artifact_ids):
            message = "Some of its artifacts could not come, and a collection never changes."
            move.tally.tell("collection-incomplete", "error", label, message)
        else:
            move.tally.count("collection", brought=1)
            if not move.is_dry_run:
                adoption.add_collection(_build_collection(move, one))


def _build_collection(move: Move, collection: LaminCollection) -> Collection:
    uids = tuple(move.artifacts[id_] for id_ in collection.artifact_ids)
    return Collection(
        uid=collection.uid,
        key=collection.key,
        description=collection.description,
        hash=hash_bytes("".join(f"{uid}\n" for uid in sorted(uids)).encode()),
        artifact_uids=uids,
        is_latest=False,
        created_at=collection.created_at,
        created_by=move.handles[collection.created_by_id],
    )


def _read_text(move: Move, place: tuple[int, str], run: LaminRun) -> str | None:
    """The text of a file that LaminDB keeps of a run."""
    storage_id, key = place
    folder = move.storages[storage_id].folder
    path: Path | None = None if folder is None else folder / key
    try:
        return None if path is None else path.read_text(errors="replace")
    except OSError as err:
        message = f"Its environment or log cannot be read: {err.strerror}."
        move.tally.tell("run-text-missing", "warning", f"run {run.uid}", message)
        return None
