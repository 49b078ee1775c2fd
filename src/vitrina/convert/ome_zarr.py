"""Images to OME-Zarr 0.4 (Zarr 2) and 0.5 (Zarr 3).

One image lies at the root, with its labels below ``labels``; several lie side by side as ``0``, ``1`` and so on, in the
layout of bioformats2raw. OME-XML of the source is kept in ``OME/METADATA.ome.xml``.

Source: https://ngff.openmicroscopy.org/0.4/, https://ngff.openmicroscopy.org/0.5/
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from vitrina.convert.levels import plan_image, shift_progress, write_levels
from vitrina.convert.options import PyramidOptions
from vitrina.convert.windows import choose_windows
from vitrina.convert.zarr.arrays import ArraySpec
from vitrina.convert.zarr.codecs import Codec
from vitrina.convert.zarr.groups import write_collection, write_image_group, write_label_groups
from vitrina.convert.zarr.writer import ZarrWriter
from vitrina.errors import InputError, UnsupportedError
from vitrina.pyramid.written import WrittenLevel
from vitrina.readers.ngff_image import describe_image

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.levels import LevelsPlan, OpenJournal
    from vitrina.convert.windows import WindowKind
    from vitrina.pyramid.engine import Progress
    from vitrina.pyramid.plan import Zyx
    from vitrina.pyramid.source import ShapeTczyx

DEFAULT_SHARD_ZYX = (1, 8, 8)
"""Chunks per shard: files of tens of megabytes, and an index of a kilobyte that a browser reads once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeZarrOptions:
    """What can be chosen.

    Attributes:
        version: Of OME-Zarr: 0.4 on Zarr 2, 0.5 on Zarr 3.
        pyramid: How levels are made.
        codec: Compresses images.
        label_codec: Compresses labels.
        shard_zyx: Chunks per shard along depth, height and width; None for a file per chunk. Zarr 3 only.
        separator: Between the numbers of a chunk's key: each in a folder of its own, or all in one.
        fill_value: Value of pixels that are not stored; chunks of nothing else are left out of shards.
        window: Where the contrast windows of channels come from; see ``choose_windows``.
        level_prefix: Before the number in the path of a level.
        name: Of an only image, instead of its own.
        has_all_axes: Whether axes that an image lacks are there with size 1.
        is_collection: Whether an only image lies in ``0``, in the layout of bioformats2raw.
    """

    format: ClassVar[str] = "ome-zarr"
    version: Literal["0.4", "0.5"] = "0.5"
    pyramid: PyramidOptions = field(default_factory=PyramidOptions)
    codec: Codec = field(default_factory=Codec)
    label_codec: Codec = field(default_factory=lambda: Codec(level=3))
    shard_zyx: Zyx | None = DEFAULT_SHARD_ZYX
    separator: Literal["/", "."] = "/"
    fill_value: float = 0
    window: WindowKind = "sample"
    level_prefix: str = ""
    name: str | None = None
    has_all_axes: bool = False
    is_collection: bool = False

    @property
    def zarr_format(self) -> Literal[2, 3]:
        """Version of Zarr."""
        return 2 if self.version == "0.4" else 3


def arrange_images(images: Mapping[str, ConvertedImage], options: OmeZarrOptions) -> dict[str, ConvertedImage]:
    """Images with the paths, names and axes that the options ask for.

    Args:
        images: By path, as ``open_images`` gives them.
        options: How they are written.
    """
    arranged = {}
    for path, image in images.items():
        moved = f"0/{path}".rstrip("/") if options.is_collection and "" in images else path
        named = replace(image, name=options.name) if options.name and path == "" else image
        arranged[moved] = named.with_all_axes() if options.has_all_axes else named
    return arranged


def write_ome_zarr(
    images: Mapping[str, ConvertedImage],
    root: Path,
    options: OmeZarrOptions,
    *,
    ome_xml: str | None = None,
    open_journal: OpenJournal | None = None,
    progress: Progress | None = None,
) -> None:
    """Write images below a folder.

    Args:
        images: By path below the root: empty for an only image, numbers for several, ``labels/NAME`` below an image for
            its labels.
        root: The folder; made where there is none, and gone on with where a journal knows what is in it.
        options: How.
        ome_xml: Metadata of the source that are kept as they are.
        open_journal: Gives the journal of a pass by its name.
        progress: Called with blocks done and blocks in all.

    Raises:
        UnreadableError: A source is damaged.
        UnsupportedError: A source has a type that Zarr does not have.
        OSError: It cannot be written.
    """
    plans = {path: plan_image(image, options.pyramid) for path, image in images.items()}
    n_all, n_before = sum(plan.n_nodes for plan in plans.values()), 0
    for path, image in images.items():
        write_image(
            path,
            image,
            root,
            plans[path],
            options,
            open_journal=open_journal,
            progress=shift_progress(progress, n_before, n_all),
        )
        n_before += plans[path].n_nodes
    write_label_groups(root, images, options.version)
    if "" not in images or ome_xml is not None:
        write_collection(root, [] if "" in images else _list_series(images), options.version, ome_xml)


def plan_arrays(path: str, image: ConvertedImage, plan: LevelsPlan, options: OmeZarrOptions) -> list[ArraySpec]:
    """The arrays of an image, one per level.

    Raises:
        UnsupportedError: Zarr has no such type.
        InputError: The fill value is no value of the type.
    """
    dtype = image.finest.dtype
    if dtype.kind not in "biuf":
        raise UnsupportedError("zarr-dtype", f"{image.name} has pixels of type {dtype.name}, which are no numbers.")
    if dtype.kind in "iu" and not _is_within(options.fill_value, dtype):
        message = f"{options.fill_value:g} is no {dtype.name}, the type of {image.name}."
        raise InputError("fill-value-impossible", message, hint="Choose a fill value that a pixel can have.")
    shard = options.shard_zyx if options.zarr_format == 3 else None
    return [
        ArraySpec(
            path=f"{path}/{options.level_prefix}{number}".lstrip("/"),
            axes=image.axis_names,
            shape_tczyx=level.shape_tczyx,
            chunk_tczyx=(1, 1, *plan.chunk_zyx),
            shard_tczyx=None if shard is None else _cut_shard(shard, plan.chunk_zyx, level.shape_tczyx),
            dtype=dtype,
            codec=options.label_codec if image.is_labels else options.codec,
            zarr_format=options.zarr_format,
            separator=options.separator,
            fill_value=options.fill_value,
        )
        for number, level in enumerate(plan.levels)
    ]


def write_image(
    path: str,
    image: ConvertedImage,
    root: Path,
    plan: LevelsPlan,
    options: OmeZarrOptions,
    *,
    open_journal: OpenJournal | None,
    progress: Progress | None,
) -> None:
    """Write one image with its levels and its group.

    Args:
        path: Below the root.
        image: The image.
        root: Of the hierarchy.
        plan: Of its levels.
        options: How.
        open_journal: Gives the journal of a pass by its name.
        progress: Called with blocks done and blocks in all.

    Raises:
        UnreadableError: The source is damaged.
        OSError: It cannot be written.
    """
    writer = ZarrWriter(root, plan_arrays(path, image, plan, options))
    try:
        write_levels(image, writer, plan, open_journal=_name_journals(open_journal, path), progress=progress)
        finest = WrittenLevel(writer, 0, plan.passes[0], image.finest)
        channels = choose_windows(image.channels, options.window, finest)
    finally:
        writer.finish()
    described = replace(image, channels=channels)
    element = described.describe(path, plan.levels, (1, 1, *plan.chunk_zyx), prefix=options.level_prefix)
    written = replace(describe_image(element, element.levels), downsampling=plan.method, metadata=_describe_method())
    write_image_group(root, path, written, options.version)


def _describe_method() -> dict[str, str]:
    """What made the levels. Source: https://ngff.openmicroscopy.org/0.5/#multiscale-md, ``metadata``."""
    return {"method": "vitrina.pyramid", "version": version("vitrina")}


def _is_within(value: float, dtype: np.dtype[Any]) -> bool:
    import numpy as np

    limits = np.iinfo(dtype)
    return value == int(value) and limits.min <= value <= limits.max


def _cut_shard(shard_zyx: Zyx, chunk_zyx: Zyx, shape_tczyx: ShapeTczyx) -> ShapeTczyx:
    """A shard that is no larger than the level."""
    sizes = zip(shard_zyx, shape_tczyx[2:], chunk_zyx, strict=True)
    z, y, x = (min(wanted, -(-size // chunk)) for wanted, size, chunk in sizes)
    return 1, 1, z, y, x


def _list_series(images: Mapping[str, ConvertedImage]) -> list[str]:
    return [path for path in images if "labels" not in path.split("/")]


def _name_journals(open_journal: OpenJournal | None, path: str) -> OpenJournal | None:
    name = path.replace("/", "-") or "image"
    return None if open_journal is None else lambda number: open_journal(f"{name}-{number}")
