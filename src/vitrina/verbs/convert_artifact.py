"""Make a web-ready artifact of a stored one."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from vitrina.convert.open_images import list_rasters
from vitrina.verbs.convert import build_options, convert, find_format
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

_SUFFIXES = (".zip", ".zarr", ".tiff", ".tif", ".svs", ".ome")


def is_web_ready(artifact: Artifact) -> bool:
    """Whether conversion would bring nothing: no images, or OME-Zarr and SpatialData whose large images have levels."""
    rasters = list_rasters(artifact.content)
    if artifact.format not in {"ome-zarr", "spatialdata"}:
        return not rasters
    return all(len(one.levels) > 1 or max(one.levels[0].shape) < LARGE_SIDE_PX for one in rasters)


def convert_artifact(
    instance: Instance,
    artifact: Artifact,
    *,
    key: str | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Added:
    """Convert an artifact's images and add the result as an artifact, with a run that tells what it was made of.

    The result gets the labels and values of the artifact. Interrupted, the same call goes on where it stopped.

    Args:
        instance: Where both are.
        artifact: What is converted; it stays as it is.
        key: Of the result; that of the artifact with the suffix of OME-Zarr unless given.
        options: How; OME-Zarr, or what the key's suffix says, unless given.
        progress: Called with blocks done and blocks in all.

    Raises:
        UnsupportedError: There are no images in it.
        InputError: The key's suffix says no format.
        UnreadableError: The artifact is damaged.
        StorageError: The result cannot be written.
    """
    key = key or build_key(artifact.key)
    name = PurePosixPath(key).name
    options = options or build_options(find_format(PurePosixPath(key)))
    folder = instance.settings.cache / f"convert-{artifact.uid}"
    parameters: Mapping[str, JsonValue] = {"options": asdict(options)}
    with running(instance, artifact, TRANSFORM, parameters) as run_uid:
        target = folder / name
        convert(instance.get_path(artifact), target, options, overwrites=True, overrides=artifact.overrides, progress=progress)
        added = instance.add(target, key=key, annotations=copy_annotations(instance, artifact), take=True)
        instance.record_outputs(run_uid, [added.artifact.uid])
    shutil.rmtree(folder, ignore_errors=True)
    return added


def build_key(key: str) -> str:
    """The key of what is made of an artifact: the same with the suffix of OME-Zarr.

    >>> build_key("slides/run7.ome.tif")
    'slides/run7.ome.zarr'
    """
    stem = key
    for suffix in _SUFFIXES:
        stem = stem[: -len(suffix)] if stem.lower().endswith(suffix) else stem
    return f"{stem}.ome.zarr"
