"""Make a web-ready artifact of a stored one."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from vitrina.convert.open_images import list_rasters
from vitrina.convert.targets import choose_format, find_named, get_suffix
from vitrina.verbs.convert import build_options, convert
from vitrina.verbs.derive import copy_annotations, running

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.convert.target import Progress
    from vitrina.model.annotation import JsonValue
    from vitrina.model.artifact import Artifact
    from vitrina.verbs.add import Added
    from vitrina.verbs.convert import Options
    from vitrina.verbs.instance import Instance

TRANSFORM = "vitrina convert"

LARGE_SIDE_PX = 2048
"""An image without coarser levels is slow to look at from here on."""

_SUFFIXES = (
    ".zip", ".zarr", ".tiff", ".tif", ".svs", ".ome", ".sdata", ".spatialdata", ".anndata", ".mudata", ".h5ad", ".h5mu",
    ".h5", ".loom", ".czi", ".nd2", ".lif", ".hdf5",
)  # fmt: skip


def is_web_ready(artifact: Artifact) -> bool:
    """Whether conversion would bring nothing.

    So it is for OME-Zarr and SpatialData whose large images have levels, for tables in Zarr, for plain tables, and for
    what holds nothing that a reader knows.
    """
    content = artifact.content
    if content.format in {"anndata", "mudata"}:
        return content.container in {"zarr2", "zarr3"}
    if content.format not in {"ome-zarr", "spatialdata"}:
        return not content.elements or content.format == "table"
    return all(len(one.levels) > 1 or max(one.levels[0].shape) < LARGE_SIDE_PX for one in list_rasters(content))


def convert_artifact(
    instance: Instance,
    artifact: Artifact,
    *,
    key: str | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Added:
    """Convert an artifact and add the result as an artifact, with a run that tells what it was made of.

    The result gets the labels and values of the artifact. Interrupted, the same call goes on where it stopped.

    Args:
        instance: Where both are.
        artifact: What is converted; it stays as it is.
        key: Of the result; that of the artifact with the suffix of the format unless given.
        options: How; unless given, the key's suffix says the format, or what the artifact holds.
        progress: Called with steps done and steps in all.

    Raises:
        UnsupportedError: Nothing in it fits into the format.
        UnreadableError: The artifact is damaged.
        StorageError: The result cannot be written.
    """
    if options is None:
        named = None if key is None else find_named(PurePosixPath(key))
        options = build_options(named or choose_format(artifact.content))
    key = key or build_key(artifact.key, get_suffix(options.format))
    name = PurePosixPath(key).name
    folder = instance.settings.cache / f"convert-{artifact.uid}"
    parameters: Mapping[str, JsonValue] = {"options": asdict(options)}
    with running(instance, artifact, TRANSFORM, parameters) as run_uid:
        target = folder / name
        convert(
            instance.get_path(artifact),
            target,
            options,
            overwrites=True,
            overrides=artifact.overrides,
            progress=progress,
        )
        added = instance.add(target, key=key, annotations=copy_annotations(instance, artifact), take=True)
        instance.record_outputs(run_uid, [added.artifact.uid])
    shutil.rmtree(folder, ignore_errors=True)
    return added


def build_key(key: str, suffix: str) -> str:
    """The key of what is made of an artifact: the same with the suffix of the format, and never the same.

    >>> build_key("slides/run7.ome.tif", ".ome.zarr")
    'slides/run7.ome.zarr'
    >>> build_key("section.sdata.zarr", ".sdata.zarr")
    'section.web.sdata.zarr'
    """
    stem = key
    for known in _SUFFIXES:
        stem = stem[: -len(known)] if stem.lower().endswith(known) else stem
    made = f"{stem}{suffix}"
    return made if made != key else f"{stem}.web{suffix}"
