"""Bring LaminDB's artifacts: bytes, versions, labels and values."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import batched
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from vitrina.errors import InputError, VitrinaError
from vitrina.lamindb.artifacts import BATCH, FAMILY_LENGTH, read_artifacts, sum_sizes
from vitrina.lamindb.drafts import list_keys
from vitrina.lamindb.families import RUN_FILE, read_families
from vitrina.lamindb.hashing import LOCAL_TYPES, hash_lamin
from vitrina.lamindb.terms import list_registries
from vitrina.model.annotation import AnnotationsDraft, LabelDraft, ValueDraft
from vitrina.model.artifact import ArtifactDraft
from vitrina.model.dtype_value import convert_value
from vitrina.model.uid import is_uid
from vitrina.readers.source import open_source
from vitrina.storage.hashing import hash_path
from vitrina.storage.keys import check_key
from vitrina.storage.run import run
from vitrina.verbs.read_content import read_content

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.lamindb.families import LaminFamily
    from vitrina.lamindb.records import LaminArtifact
    from vitrina.model.content import Content
    from vitrina.storage.hashing import Digest
    from vitrina.storage.store import Progress, Staged
    from vitrina.verbs.import_move import Move

DEFAULT_KIND = "dataset"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """An artifact that comes: where its bytes are, what it is called here, what is in it and what is said of it."""

    artifact: LaminArtifact
    path: Path
    key: str
    content: Content
    annotations: AnnotationsDraft


def bring_artifacts(move: Move, progress: Progress | None) -> None:
    """All artifacts in the order in which they were made, except the files that LaminDB keeps of runs."""
    families = read_families(move.database)
    done, total = 0, sum_sizes(move.database)
    for batch in batched(read_artifacts(move.database, list_registries(move.database)), BATCH):
        datasets = [artifact for artifact in batch if artifact.kind != RUN_FILE]
        known = move.instance.catalog.adoption.find_known("artifact", [artifact.uid for artifact in datasets])
        move.tally.count("artifact", found=len(datasets), known=len(known))
        for artifact in datasets:
            if artifact.uid in known or _bring(move, artifact, families[artifact.uid[:FAMILY_LENGTH]]):
                move.artifacts[artifact.id] = artifact.uid
                if artifact.run_id is not None:
                    move.outputs.setdefault(artifact.run_id, []).append(artifact.uid)
            done += artifact.size_bytes or 0
            if progress is not None:
                progress(done, total)


def _bring(move: Move, artifact: LaminArtifact, family: LaminFamily) -> bool:
    """Bring one artifact; when it cannot come, that is told and nothing is kept."""
    label = f"{artifact.key or artifact.description or 'without a key'} ({artifact.uid})"
    path = _find_bytes(move, artifact, label)
    if path is None:
        return False
    try:
        keys = _choose_keys(move, family, label)
        if move.is_dry_run:
            _tell_of_size(move, artifact, path, label)
            key = move.instance.catalog.adoption.find_family_key(family.uid, keys) or keys[0]
        else:
            _tell_of_changes(move, artifact, path, label)
            key = move.instance.catalog.adoption.adopt_family(family.uid, keys, family.last_version)
            _add(move, artifact, path, key, label)
        _tell_of_key(move, key, family, label)
    except VitrinaError as err:
        move.tally.tell(err.code, "error", label, err.message, err.hint)
        return False
    except OSError as err:
        move.tally.tell("bytes-unreadable", "error", label, f"Its bytes cannot be read: {err.strerror}.")
        return False
    move.tally.count("artifact", brought=1)
    return True


def _find_bytes(move: Move, artifact: LaminArtifact, label: str) -> Path | None:
    storage = move.storages[artifact.storage_id]
    if not is_uid(artifact.uid):
        message = "Its uid has not the 20 characters of LaminDB 2."
        move.tally.tell("uid-malformed", "error", label, message)
        return None
    if storage.folder is None:
        message = f"Its bytes are at {storage.root}, which is not on this machine."
        fix = "Copy them here with LaminDB, or import where the storage is mounted."
        move.tally.tell("bytes-elsewhere", "error", label, message, fix)
        return None
    if artifact.is_overwritten:
        message = "LaminDB has overwritten the bytes of this version with those of a later one."
        move.tally.tell("bytes-overwritten", "warning", label, message)
        return None
    path = (storage.folder / artifact.storage_key).resolve()
    if not path.exists():
        fix = "Restore them where LaminDB has them, and import again."
        move.tally.tell("bytes-missing", "error", label, "LaminDB no longer has its bytes.", fix)
        return None
    return path


def _choose_keys(move: Move, family: LaminFamily, label: str) -> tuple[str, ...]:
    """What the family may be called."""
    keys = list_keys(uid=family.uid, key=family.key, suffix=family.suffix)
    try:
        for key in keys:
            check_key(key)
    except InputError as err:
        move.tally.tell("key-replaced", "warning", label, f"It gets its uid for a key: {err.message}")
        return list_keys(uid=family.uid, key=None, suffix=family.suffix)
    return keys


def _tell_of_key(move: Move, key: str, family: LaminFamily, label: str) -> None:
    if family.key is None:
        move.tally.tell("key-made", "info", label, "LaminDB has no key for it; it gets its uid for one.")
    elif key != family.key:
        message = f"Another dataset here has its key; it is {key} now."
        move.tally.tell("key-taken", "warning", label, message)
    elif family.n_keys > 1:
        message = f"Its versions had different keys; all are {key} now."
        move.tally.tell("keys-joined", "info", label, message)


def _tell_of_size(move: Move, artifact: LaminArtifact, path: Path, label: str) -> None:
    """In a dry run, which reads no bytes, a file of another size is all that can be told of changes."""
    if path.is_file() and artifact.size_bytes is not None and path.stat().st_size != artifact.size_bytes:
        _tell_changed(move, label)


def _tell_of_changes(move: Move, artifact: LaminArtifact, path: Path, label: str) -> None:
    if artifact.hash_type in LOCAL_TYPES and hash_lamin(path) != artifact.hash:
        _tell_changed(move, label)


def _tell_changed(move: Move, label: str) -> None:
    message = "Its bytes have changed since LaminDB recorded them; it comes as it is now."
    move.tally.tell("bytes-changed", "warning", label, message)


def _add(move: Move, artifact: LaminArtifact, path: Path, key: str, label: str) -> None:
    arrival = _Arrival(
        artifact=artifact,
        path=path,
        key=key,
        content=read_content(open_source(path)),
        annotations=_build_annotations(move, artifact, label),
    )
    if move.is_copy:
        _copy(move, arrival)
    else:
        root = _find_root(move, artifact, path)
        _register(move, arrival, hash_path(path), root.as_uri(), path.relative_to(root).as_posix())


def _find_root(move: Move, artifact: LaminArtifact, path: Path) -> Path:
    """LaminDB's storage, as our storage in place; where a link leads out of it, the folder that it leads to."""
    folder = move.storages[artifact.storage_id].folder
    root = path.parent if folder is None else folder.resolve()
    return root if path.is_relative_to(root) else path.parent


def _copy(move: Move, arrival: _Arrival) -> None:
    """Copy the bytes into the store; when the catalog refuses, they are removed again."""
    store, uid = move.instance.store, arrival.artifact.uid
    staged = run(store.stage(arrival.path))
    storage_key = f"{uid}/{PurePosixPath(arrival.key).name}"
    try:
        run(store.commit(staged, storage_key))
    except BaseException:
        run(store.discard(staged))
        raise
    try:
        _register(move, arrival, staged, store.url, storage_key)
    except BaseException:
        if not move.instance.catalog.adoption.find_known("artifact", [uid]):  # Ctrl-C may come when it is there
            run(store.delete(storage_key))
        raise


def _register(move: Move, arrival: _Arrival, digest: Digest | Staged, storage_url: str, storage_key: str) -> None:
    artifact = arrival.artifact
    draft = ArtifactDraft(
        uid=artifact.uid,
        key=arrival.key,
        description=artifact.description,
        kind=(artifact.kind or DEFAULT_KIND).strip("_"),
        hash=digest.hash,
        size_bytes=digest.size_bytes,
        n_files=digest.n_files,
        storage_url=storage_url,
        storage_key=storage_key,
        is_folder=digest.is_folder,
        created_by=move.handles[artifact.created_by_id],
        content=arrival.content,
    )
    move.instance.catalog.adoption.add_artifact(
        draft,
        created_at=artifact.created_at,
        trashed_at=artifact.updated_at if artifact.is_trashed else None,
        annotations=arrival.annotations,
    )


def _build_annotations(move: Move, artifact: LaminArtifact, label: str) -> AnnotationsDraft:
    return AnnotationsDraft(
        labels=tuple(dict.fromkeys(_list_labels(move, artifact))),
        values=_list_values(move, artifact, label),
        schema_uid=move.schemas.get(artifact.schema_id or 0),
        slots=tuple((slot, move.schemas[id_]) for slot, id_ in artifact.slots.items() if id_ in move.schemas),
    )


def _list_labels(move: Move, artifact: LaminArtifact) -> list[LabelDraft]:
    """The labels; a feature whose values are no terms here does not come with them."""
    labels = []
    for one in artifact.labels:
        feature_uid, dtype = move.features.get(one.feature_id or 0, (None, None))
        is_value = dtype is not None and dtype.is_category
        labels.append(
            LabelDraft(term_uid=move.terms[one.registry, one.term_id], feature_uid=feature_uid if is_value else None)
        )
    return labels


def _list_values(move: Move, artifact: LaminArtifact, label: str) -> tuple[ValueDraft, ...]:
    """The values, one per feature: the last, where LaminDB has several."""
    values: dict[str, ValueDraft] = {}
    for feature_id, value in artifact.values:
        if feature_id not in move.features:
            move.tally.tell("value-left", "error", label, "A value of a feature that could not come was left.")
            continue
        uid, dtype = move.features[feature_id]
        try:
            values_before = len(values)
            values[uid] = ValueDraft(feature_uid=uid, value=convert_value(dtype, value, coerce=True))
        except InputError as err:
            move.tally.tell("value-left", "error", label, f"A value was left: {err.message}", err.hint)
            continue
        if len(values) == values_before:
            move.tally.tell("values-several", "warning", label, "It has several values of a feature; the last came.")
    return tuple(values.values())
