"""What the viewer shows of an artifact, and from where."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from vitrina.errors import UnsupportedError

if TYPE_CHECKING:
    from vitrina.gateway.tree import VirtualTree
    from vitrina.model.artifact import Artifact
    from vitrina.model.finding import Finding
    from vitrina.verbs.instance import Instance

MAX_OPEN_TREES = 32


def check_view(instance: Instance, artifact: Artifact) -> list[Finding]:
    """What stands in the way of showing the artifact; without an error among them, it can be shown."""
    del instance
    from vitrina.gateway.check_view import check_view as check_content

    return check_content(artifact.content)


def build_view(instance: Instance, artifact: Artifact, base_url: str) -> dict[str, Any]:
    """The automatic Vitessce configuration of an artifact.

    Args:
        instance: Where the artifact is.
        artifact: What to show.
        base_url: Scheme, host and port of the server, without a slash at the end.

    Raises:
        UnsupportedError: The viewer cannot show it; the message says why in plain words.
    """
    from vitrina.gateway.vitessce import build_config

    for finding in check_view(instance, artifact):
        if finding.severity == "error":
            raise UnsupportedError("view-unavailable", finding.message, hint=finding.fix, where=artifact.uid)
    return build_config(
        _describe_whole(instance, artifact),
        data_url=f"{base_url}/data/{artifact.uid}/{quote(artifact.basename)}",
        zarr_url=f"{base_url}/{choose_plane(artifact)}/{artifact.uid}",
    )


def _describe_whole(instance: Instance, artifact: Artifact) -> Artifact:
    """The artifact with all fields of a plate as its only image; any other artifact as it is."""
    from vitrina.gateway.plates.known import is_plate
    from vitrina.gateway.plates.tree import PlateTree

    zarr_format: Literal[2, 3] = 3 if choose_plane(artifact) == "zarr3" else 2
    tree = open_tree(instance, artifact, zarr_format) if is_plate(artifact.content) else None
    if not isinstance(tree, PlateTree):
        return artifact
    try:
        mosaic = tree.describe_mosaic()
    except UnsupportedError as err:
        raise UnsupportedError("view-unavailable", err.message, hint=err.hint, where=artifact.uid) from err
    return replace(artifact, content=replace(artifact.content, elements=(mosaic,)))


def choose_plane(artifact: Artifact) -> str:
    """``zarr3`` for what is stored in Zarr 3, so that it passes through; ``zarr`` for all else."""
    return "zarr3" if artifact.content.container == "zarr3" else "zarr"


def find_tree(instance: Instance, artifact: Artifact, zarr_format: Literal[2, 3] = 2) -> VirtualTree | None:
    """The artifact's tree where it is open already; never waits.

    Raises:
        StorageError: Its bytes are gone, or not on this machine.
    """
    kept_as = artifact.uid, _build_etag(instance, artifact), zarr_format
    with instance.tree_lock:
        tree = instance.open_trees.get(kept_as)
        if tree is not None:
            instance.open_trees.move_to_end(kept_as)
    return tree


def open_tree(instance: Instance, artifact: Artifact, zarr_format: Literal[2, 3] = 2) -> VirtualTree:
    """The artifact as a Zarr tree, kept open while it is in use: format 2 with NGFF 0.4, or 3 with 0.5.

    Raises:
        UnsupportedError: The gateway does not know the format.
        UnreadableError: The bytes are damaged.
        StorageError: They are gone, or not on this machine.
    """
    from vitrina.gateway.open import open_tree as open_gateway

    tree = find_tree(instance, artifact, zarr_format)
    if tree is not None:
        return tree
    etag = _build_etag(instance, artifact)
    source, cache = instance.get_source(artifact), instance.chunk_cache
    opened = open_gateway(source, artifact.content, etag=etag, zarr_format=zarr_format, cache=cache)
    kept_as = artifact.uid, etag, zarr_format
    with instance.tree_lock:  # not while it is opened: others must not wait for that
        tree = instance.open_trees.setdefault(kept_as, opened)
        instance.open_trees.move_to_end(kept_as)
        while len(instance.open_trees) > MAX_OPEN_TREES:
            instance.open_trees.popitem(last=False)
    return tree


def import_ahead() -> None:
    """Import what the first look at any dataset needs; the reader of its format is imported when it is opened.

    What is imported here beside that delays a look that is asked for at once: only one thread imports at a time.
    """
    import numcodecs  # noqa: F401 - so that it is there
    import tifffile  # noqa: F401

    import vitrina.gateway.images.open
    import vitrina.gateway.tables.open  # noqa: F401


def forget_trees(instance: Instance, uid: str) -> None:
    """Keep no tree of an artifact open any longer."""
    with instance.tree_lock:
        for kept_as in [key for key in instance.open_trees if key[0] == uid]:
            del instance.open_trees[kept_as]


def _build_etag(instance: Instance, artifact: Artifact) -> str:
    """Changes whenever the bytes or the overrides do; of a file that belongs to the user, also when it is written."""
    if artifact.is_folder or instance.is_managed(artifact):
        return artifact.fingerprint
    status = instance.get_path(artifact).stat()
    return f"{artifact.fingerprint}-{status.st_mtime_ns:x}-{status.st_size:x}"
