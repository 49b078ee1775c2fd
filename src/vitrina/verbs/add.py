"""Add a dataset to the catalog."""

from __future__ import annotations

import getpass
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.errors import InputError, NotFoundError, UnsupportedError
from vitrina.model.artifact import ArtifactDraft
from vitrina.model.finding import Finding
from vitrina.readers.source import open_source
from vitrina.storage.hashing import hash_path
from vitrina.storage.keys import check_key
from vitrina.storage.open import parse_local_url
from vitrina.storage.run import run
from vitrina.storage.store import Sharing
from vitrina.storage.walk import walk_source
from vitrina.verbs.bases import find_bases
from vitrina.verbs.check import find_broken
from vitrina.verbs.read_content import read_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitrina.model.annotation import AnnotationsDraft
    from vitrina.model.artifact import Artifact
    from vitrina.model.content import Content
    from vitrina.readers.source import Source
    from vitrina.settings import Settings
    from vitrina.storage.hashing import Digest
    from vitrina.storage.store import Progress, Staged
    from vitrina.verbs.instance import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """An artifact, and whether it is new: the same bytes under the same key are not added twice.

    Attributes:
        sharing: How many of its files share their bytes with what was stored before.
    """

    artifact: Artifact
    is_new: bool
    sharing: Sharing = field(default_factory=Sharing)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What should be said aloud."""
        if not self.sharing.n_copied:
            return ()
        n_copied = self.sharing.n_copied
        message = (
            f"{n_copied:,} file{' is' if n_copied == 1 else 's are'} the same as before and had to be copied, because "
            "the file system of the storage has neither reflinks nor hard links to spare."
        )
        fix = "Keep the storage on XFS, Btrfs, ZFS or ext4 to save the space."
        return (Finding(code="bytes-not-shared", severity="info", path="", message=message, fix=fix),)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What the user and the reader say of an artifact, before its bytes are anywhere."""

    key: str
    description: str | None
    kind: str
    content: Content
    annotations: AnnotationsDraft | None


def add(
    instance: Instance,
    path: Path,
    *,
    key: str | None = None,
    description: str | None = None,
    kind: str = "dataset",
    annotations: AnnotationsDraft | None = None,
    in_place: bool = False,
    take: bool = False,
    untrusted: bool = False,
    progress: Progress | None = None,
) -> Added:
    """Add a file or folder as one artifact; under a known key it becomes a new version.

    The bytes are read once to see what they are, copied and hashed into the store without being visible, and become
    visible and catalogued at the end. What fails or is interrupted before leaves nothing behind. Files that are stored
    already, in the version before or as the same bytes under another key, share what is stored.

    Args:
        instance: Where it goes.
        path: The file or folder.
        key: Its name in the catalog; the name of the file or folder unless given.
        description: Free text.
        kind: ``dataset`` unless it is something else.
        annotations: What is said of it from its first moment; of bytes that are there already, in addition.
        in_place: Register it where it lies, without a copy; the bytes stay the user's and are never changed.
        take: The file or folder may be moved into the store instead of copied.
        untrusted: It is of someone whom nobody here knows: its parsers run in the sandbox, now and later.
        progress: Called with bytes done and bytes in all.

    Raises:
        NotFoundError: Nothing is at ``path``.
        UnreadableError: The bytes are damaged, or more than the sandbox bears; nothing is added.
        StorageError: The bytes cannot be copied.
        InputError: The key is not a key, or the path lies inside the instance's own folder.
    """
    path = path.expanduser().absolute()
    source = open_source(path)
    key = check_key(key or path.name)
    _refuse_own_folders(instance.settings, path)
    content = _describe(instance, source, untrusted=untrusted)
    wish = _Wish(key=key, description=description, kind=kind, content=content, annotations=annotations)
    if in_place:
        added = _register(instance, path, wish, progress)
    else:
        added = _store(instance, path, wish, take=take, progress=progress)
    if annotations is not None and not added.is_new:
        instance.catalog.annotations.add({added.artifact.uid: annotations})
    return added


def add_object(
    instance: Instance,
    dataset: object,
    *,
    key: str,
    description: str | None = None,
    kind: str = "dataset",
    annotations: AnnotationsDraft | None = None,
) -> Added:
    """Add a SpatialData, AnnData, MuData or DataFrame object: written to a file of its format, then added.

    Args:
        instance: Where it goes.
        dataset: The object; it is not changed.
        key: Its name in the catalog; the suffix chooses the format where there is a choice (``.h5ad`` or ``.zarr``).
        description: Free text.
        kind: ``dataset`` unless it is something else.
        annotations: What is said of it from its first moment.

    Raises:
        UnsupportedError: The object is of another class.
    """
    with written(instance, dataset, key) as path:
        return add(instance, path, key=key, description=description, kind=kind, annotations=annotations, take=True)


@contextmanager
def written(instance: Instance, dataset: object, key: str) -> Iterator[Path]:
    """The object as a file or folder of its format; gone at the end unless it was taken.

    Args:
        instance: Whose cache it is written in.
        dataset: The object; it is not changed.
        key: Its last part names the file, and its suffix chooses the format.

    Raises:
        UnsupportedError: The object is of another class.
    """
    write, suffix = _find_writer(dataset)
    instance.settings.cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="write-", dir=instance.settings.cache))
    try:
        name = Path(check_key(key)).name
        path = folder / (name if Path(name).suffix else name + suffix)
        write(dataset, path)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find_writer(dataset: object) -> tuple[Callable[..., None], str]:
    """The function that writes objects of this class, and the suffix it writes by default; no library is imported."""
    from vitrina.convert.anndata.plain import write_anndata
    from vitrina.convert.mudata import write_mudata
    from vitrina.convert.spatialdata.memory import write_spatialdata
    from vitrina.convert.table import write_table

    writers: dict[tuple[str, str], tuple[Callable[..., None], str]] = {
        ("spatialdata", "SpatialData"): (write_spatialdata, ".zarr"),
        ("anndata", "AnnData"): (write_anndata, ".h5ad"),
        ("mudata", "MuData"): (write_mudata, ".h5mu"),
        ("pandas", "DataFrame"): (write_table, ".parquet"),
    }
    for base in type(dataset).__mro__:
        found = writers.get((base.__module__.split(".")[0], base.__name__))
        if found:
            return found
    names = ", ".join(name for _, name in writers)
    raise UnsupportedError(
        "object-unsupported",
        f"A {type(dataset).__name__} cannot be saved as an artifact; these can: {names}.",
        hint="Write it to a file yourself and give the path.",
    )


def _describe(instance: Instance, source: Source, *, untrusted: bool) -> Content:
    if not untrusted and not instance.settings.isolate_readers:
        return tell_broken(source, read_content(source))
    from vitrina.verbs.sandboxed import read_content_sandboxed

    walk_source(source.path)  # no link leads out: said before a parser meets it
    return replace(read_content_sandboxed(instance, source.path), is_untrusted=untrusted)


def tell_broken(source: Source, content: Content) -> Content:
    """The content with what breaks its specification; what the reader has told already is not told again."""
    known = {finding.code for finding in content.findings}
    broken = tuple(finding for finding in find_broken(source) if finding.code not in known)
    return replace(content, findings=content.findings + broken) if broken else content


def _store(instance: Instance, path: Path, wish: _Wish, *, take: bool, progress: Progress | None) -> Added:
    bases = find_bases(instance, path, wish.key)
    unchanged = _find_exactly(instance, bases.unchanged)
    if unchanged is not None:
        return Added(artifact=unchanged, is_new=False)
    staged = run(
        instance.store.stage(bases.tree, base_keys=bases.keys, hashed=bases.hashed, take=take, progress=progress)
    )
    try:
        return _commit(instance, staged, path.name, wish)
    except BaseException:
        run(instance.store.discard(staged))
        raise


def _commit(instance: Instance, staged: Staged, basename: str, wish: _Wish) -> Added:
    """Make staged bytes visible and catalogue them; when the catalog refuses, they are removed again."""
    unchanged = _find_unchanged(instance, wish.key, staged.hash, instance.store.url)
    if unchanged is not None:
        run(instance.store.discard(staged))
        return Added(artifact=unchanged, is_new=False)
    uid = instance.catalog.reserve_uid(wish.key)
    storage_key = f"{uid}/{basename}"
    run(instance.store.commit(staged, storage_key))
    try:
        draft = _build_draft(uid, wish, staged, storage_url=instance.store.url, storage_key=storage_key)
        artifact = instance.catalog.add_artifact(draft, wish.annotations)
        return Added(artifact=artifact, is_new=True, sharing=staged.sharing)
    except BaseException:
        if not _is_catalogued(instance, uid):  # Ctrl-C may come when the row is already there
            run(instance.store.delete(storage_key))
        raise


def _is_catalogued(instance: Instance, uid: str) -> bool:
    try:
        return instance.catalog.get_artifact(uid).uid == uid
    except NotFoundError:
        return False


def _register(instance: Instance, path: Path, wish: _Wish, progress: Progress | None) -> Added:
    """Catalogue bytes where they lie; the folder that holds them becomes a storage root of its own."""
    path = path.resolve()  # the storage follows no links
    digest = hash_path(path, progress=progress)
    storage_url = path.parent.as_uri()
    unchanged = _find_unchanged(instance, wish.key, digest.hash, storage_url)
    if unchanged is not None:
        return Added(artifact=unchanged, is_new=False)
    uid = instance.catalog.reserve_uid(wish.key)
    draft = _build_draft(uid, wish, digest, storage_url=storage_url, storage_key=path.name)
    return Added(artifact=instance.catalog.add_artifact(draft, wish.annotations), is_new=True)


def _find_unchanged(instance: Instance, key: str, hash_: str, storage_url: str) -> Artifact | None:
    """The latest version under the key when it has the very same bytes in the same storage."""
    uid = instance.catalog.bases.find_unchanged(url=storage_url, key=key, content_hash=hash_)
    return _find_exactly(instance, uid)


def _find_exactly(instance: Instance, uid: str | None) -> Artifact | None:
    """The artifact with a uid: a reference could be a key that looks like one."""
    return None if uid is None else next(iter(instance.find(where={"uid": uid}, which="all", limit=1).items), None)


def _build_draft(
    uid: str, wish: _Wish, digest: Staged | Digest, *, storage_url: str, storage_key: str
) -> ArtifactDraft:
    return ArtifactDraft(
        uid=uid,
        key=wish.key,
        description=wish.description,
        kind=wish.kind,
        hash=digest.hash,
        size_bytes=digest.size_bytes,
        n_files=digest.n_files,
        storage_url=storage_url,
        storage_key=storage_key,
        is_folder=digest.is_folder,
        created_by=getpass.getuser(),
        content=wish.content,
    )


def _refuse_own_folders(settings: Settings, path: Path) -> None:
    """Adding the instance to itself would never end, or catalogue its database."""
    resolved = f"{path.resolve()}/"
    cache, *own = _resolve_own_folders(settings)
    if resolved.startswith(cache):
        return  # what verbs write before they add it
    for folder in own:
        if resolved.startswith(folder) or folder.startswith(resolved):
            raise InputError(
                "path-inside-instance",
                f"{path} overlaps {folder[:-1]}, where the instance {settings.name} keeps its own files.",
                hint="Add the data from where it came from.",
                where=str(path),
            )


@lru_cache
def _resolve_own_folders(settings: Settings) -> tuple[str, str, str]:
    """The cache, and what nobody may add, each without links and with a slash at its end."""
    folders = settings.cache, settings.folder, parse_local_url(settings.storage_url)
    cache, own, storage = (f"{folder.resolve()}/" for folder in folders)
    return cache, own, storage
