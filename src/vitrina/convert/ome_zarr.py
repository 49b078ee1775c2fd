"""Images to OME-Zarr 0.4 (Zarr 2) and 0.5 (Zarr 3).

One image lies at the root, with its labels below ``labels``; several lie side by side as ``0``, ``1`` and so on, in the
layout of bioformats2raw. OME-XML of the source is kept in ``OME/METADATA.ome.xml``.

Source: https://ngff.openmicroscopy.org/0.4/, https://ngff.openmicroscopy.org/0.5/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from vitrina.convert.levels import plan_image, shift_progress, write_levels
from vitrina.convert.options import PyramidOptions
from vitrina.convert.zarr.arrays import ArraySpec, build_json_bytes
from vitrina.convert.zarr.codecs import Codec
from vitrina.convert.zarr.writer import ZarrWriter
from vitrina.errors import UnsupportedError
from vitrina.ngff.v04 import image as image_v04
from vitrina.ngff.v04 import labels as labels_v04
from vitrina.ngff.v05 import image as image_v05
from vitrina.ngff.v05 import labels as labels_v05
from vitrina.readers.ngff_image import describe_image

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.levels import LevelsPlan, OpenJournal
    from vitrina.pyramid.engine import Progress
    from vitrina.pyramid.plan import Zyx
    from vitrina.pyramid.source import ShapeTczyx

BIOFORMATS2RAW_LAYOUT = 3
"""Source: https://ngff.openmicroscopy.org/0.4/#bf2raw"""

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
    """

    version: Literal["0.4", "0.5"] = "0.5"
    pyramid: PyramidOptions = field(default_factory=PyramidOptions)
    codec: Codec = field(default_factory=Codec)
    label_codec: Codec = field(default_factory=lambda: Codec(level=3))
    shard_zyx: Zyx | None = DEFAULT_SHARD_ZYX

    @property
    def zarr_format(self) -> Literal[2, 3]:
        """Version of Zarr."""
        return 2 if self.version == "0.4" else 3


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
        images: By path below the root: empty for an only image, ``labels/NAME`` for its labels, numbers for several.
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
        plan = plans[path]
        writer = ZarrWriter(root, plan_arrays(path, image, plan, options))
        try:
            write_levels(
                image,
                writer,
                plan,
                open_journal=_name_journals(open_journal, path),
                progress=shift_progress(progress, n_before, n_all),
            )
        except BaseException:
            writer.abort()
            raise
        writer.finish()
        element = image.describe(path, plan.levels, (1, 1, *plan.chunk_zyx))
        described = describe_image(element, element.levels)
        built = image_v04.build_image(described) if options.version == "0.4" else image_v05.build_image(described)
        _write_group(root, path, built, options)
        n_before += plan.n_nodes
    _write_groups(root, list(images), options, ome_xml)


def plan_arrays(path: str, image: ConvertedImage, plan: LevelsPlan, options: OmeZarrOptions) -> list[ArraySpec]:
    """The arrays of an image, one per level.

    Raises:
        UnsupportedError: Zarr has no such type.
    """
    dtype = image.finest.dtype
    if dtype.kind not in "biuf":
        raise UnsupportedError("zarr-dtype", f"{image.name} has pixels of type {dtype.name}, which are no numbers.")
    shard = options.shard_zyx if options.zarr_format == 3 else None
    return [
        ArraySpec(
            path=f"{path}/{number}".lstrip("/"),
            axes=image.axis_names,
            shape_tczyx=level.shape_tczyx,
            chunk_tczyx=(1, 1, *plan.chunk_zyx),
            shard_tczyx=None if shard is None else _cut_shard(shard, plan.chunk_zyx, level.shape_tczyx),
            dtype=dtype,
            codec=options.label_codec if image.is_labels else options.codec,
            zarr_format=options.zarr_format,
        )
        for number, level in enumerate(plan.levels)
    ]


def _cut_shard(shard_zyx: Zyx, chunk_zyx: Zyx, shape_tczyx: ShapeTczyx) -> ShapeTczyx:
    """A shard that is no larger than the level."""
    sizes = zip(shard_zyx, shape_tczyx[2:], chunk_zyx, strict=True)
    z, y, x = (min(wanted, -(-size // chunk)) for wanted, size, chunk in sizes)
    return 1, 1, z, y, x


def _write_groups(root: Path, paths: list[str], options: OmeZarrOptions, ome_xml: str | None) -> None:
    """The groups around the images."""
    labels = [path.removeprefix("labels/") for path in paths if path.startswith("labels/")]
    if labels:
        build_labels = labels_v04.build_labels if options.version == "0.4" else labels_v05.build_labels
        _write_group(root, "labels", build_labels(labels), options)
    is_collection = "" not in paths
    if is_collection:
        _write_group(root, "", _wrap({"bioformats2raw.layout": BIOFORMATS2RAW_LAYOUT}, options), options)
    if is_collection or ome_xml is not None:
        _write_group(root, "OME", _wrap({"series": paths} if is_collection else {}, options), options)
    if ome_xml is not None:
        (root / "OME" / "METADATA.ome.xml").write_text(ome_xml, encoding="utf-8")


def _wrap(attrs: dict[str, Any], options: OmeZarrOptions) -> dict[str, Any]:
    """Where the keys of OME-Zarr lie in the attributes."""
    if options.version == "0.4" or not attrs:
        return attrs
    return {"ome": {"version": image_v05.VERSION, **attrs}}


def _write_group(root: Path, path: str, attrs: dict[str, Any], options: OmeZarrOptions) -> None:
    folder = root / path
    folder.mkdir(parents=True, exist_ok=True)
    if options.zarr_format == 3:
        group = {"zarr_format": 3, "node_type": "group", "attributes": attrs}
        (folder / "zarr.json").write_bytes(build_json_bytes(group))
        return
    (folder / ".zgroup").write_bytes(build_json_bytes({"zarr_format": 2}))
    if attrs:
        (folder / ".zattrs").write_bytes(build_json_bytes(attrs))


def _name_journals(open_journal: OpenJournal | None, path: str) -> OpenJournal | None:
    name = path.replace("/", "-") or "image"
    return None if open_journal is None else lambda number: open_journal(f"{name}-{number}")
