"""CZI: what microscopes by Zeiss write."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Channel, Content, LabelsElement, Level, Placement
from vitrina.model.finding import Finding
from vitrina.readers.axis_letters import build_named_axes, find_unknown_axes
from vitrina.readers.czi_metadata import parse_czi_metadata
from vitrina.readers.czi_structure import check_directory
from vitrina.readers.damage import check_not_empty, is_empty_file, reading
from vitrina.readers.described import PixelReader, StoredImage, build_color_image, describe_stored
from vitrina.readers.extras import import_extra
from vitrina.readers.pixels.czi import DAMAGE, CziPixels
from vitrina.readers.pixels.czi_tiles import build_grid, find_starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitrina.model.content import ImageElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.czi_metadata import CziMetadata
    from vitrina.readers.pixels.czi_tiles import CziGrid
    from vitrina.readers.source import Source

MAX_SCENES = 256
"""Further scenes of a file are left out of the description."""

_MAGIC = b"ZISRAWFILE"


class CziReader(PixelReader):
    """Reads CZI with czifile: every scene is an image, its tiles stitched, its pyramid as levels."""

    format = "czi"

    def detect(self, source: Source) -> bool:
        return is_empty_file(source, ".czi") or source.head.startswith(_MAGIC)

    def read_content(self, source: Source) -> Content:
        with _open(source) as file:
            metadata = parse_czi_metadata(file.xml_element)
            scenes = list(file.scenes.items())
            _check_complete(source, file)
            findings = list(_check_file(file, scenes))
            elements = []
            for key, scene in scenes[:MAX_SCENES]:
                grids = _build_grids(source, scene)
                name = _name_scene(source, key, metadata, is_alone=len(scenes) == 1)
                path = "" if len(scenes) == 1 else str(key)
                stored, odd = _describe(scene, grids, metadata, name=name, path=path)
                element, guessed = self._measure(source, stored, grids[0])
                elements.append(element)
                findings += [*odd, *guessed]
        return Content(
            format=self.format, container="other", elements=tuple(elements), findings=tuple(dict.fromkeys(findings))
        )

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        file = _open_file(source)
        try:
            with reading(source, *DAMAGE):
                scenes = dict(file.scenes.items())
                key = int(element.path) if element.path else next(iter(scenes))
                grids = _build_grids(source, scenes[key])
                _check_same(source, element, level, grids)
                return CziPixels(source, file, grids[level], element.axes, dtype=scenes[key].dtype)
        except BaseException:
            file.close()
            raise

    def _measure(
        self, source: Source, stored: StoredImage, grid: CziGrid
    ) -> tuple[ImageElement | LabelsElement, tuple[Finding, ...]]:
        is_rgb = grid.n_samples == 3 and stored.dtype == "uint8" and "C" not in grid.dims
        if is_rgb:
            return build_color_image(stored), ()
        return describe_stored(self, source, stored, may_guess=False)


def _open_file(source: Source) -> Any:
    """The file; the caller closes it."""
    check_not_empty(source)
    czifile = import_extra("czifile", "microscopes", "Reading CZI", where=str(source.path))
    with reading(source, *DAMAGE):
        check_directory(source.path)
        return czifile.CziFile(source.path, squeeze=False)


@contextmanager
def _open(source: Source) -> Iterator[Any]:
    with reading(source, *DAMAGE), _open_file(source) as file:
        if not file.scenes:
            raise ValueError("it holds no image")
        yield file


def _build_grids(source: Source, scene: Any) -> list[CziGrid]:
    """Of all levels, finest first."""
    where = str(source.path)
    entries = scene.directory_entries
    starts = find_starts(entries)
    finest = build_grid(entries, None, starts, where)
    grids = [finest]
    for level in scene.levels[1:]:
        stacked = sorted(level.directory_entries, key=lambda entry: entry.mosaic_index)
        grid = build_grid(stacked, finest, starts, where)
        if grid.reduction > grids[-1].reduction:
            grids.append(grid)
    return grids


def _describe(
    scene: Any, grids: Sequence[CziGrid], metadata: CziMetadata, *, name: str, path: str
) -> tuple[StoredImage, list[Finding]]:
    finest = grids[0]
    sizes = dict(metadata.pixel_sizes_um)
    units = dict.fromkeys(sizes, "micrometer")
    interval_s = scene.coord_scales.get("T", 0.0)
    if interval_s > 0:
        sizes["T"], units["T"] = float(interval_s), "second"
    axes = build_named_axes(finest.dims, units)
    findings = list(find_unknown_axes(axes, finest.shape, path))
    if not {"X", "Y"} <= sizes.keys():
        findings.append(_size_missing(path))
    stored = StoredImage(
        name=name,
        path=path,
        axes=axes,
        dtype=str(scene.dtype.name),
        levels=tuple(_build_level(i, grid, finest, sizes) for i, grid in enumerate(grids)),
        channels=_list_channels(finest, metadata),
        placements=_place(finest, sizes) if path else (),
    )
    return stored, findings


def _build_level(number: int, grid: CziGrid, finest: CziGrid, sizes: dict[str, float]) -> Level:
    """Pixels of a level are averages of those of the finest: their centres lie further in."""
    base = [sizes.get(dim, 1.0) for dim in grid.dims]
    origin = dict(zip("YX", (grid.origin_yx[i] * grid.reduction - finest.origin_yx[i] for i in range(2)), strict=True))
    shift = {dim: offset + (grid.reduction - 1) / 2 for dim, offset in origin.items()}
    chunk = dict(zip("YX", grid.tile_yx, strict=True)) | {"S": grid.n_samples}
    return Level(
        path=str(number),
        shape=grid.shape,
        chunk_shape=tuple(min(chunk.get(d, 1), size) for d, size in zip(grid.dims, grid.shape, strict=True)),
        scale=tuple(b * (grid.reduction if d in "YX" else 1.0) for d, b in zip(grid.dims, base, strict=True)),
        translation=tuple(b * shift.get(d, 0.0) for d, b in zip(grid.dims, base, strict=True)),
    )


def _list_channels(grid: CziGrid, metadata: CziMetadata) -> tuple[Channel, ...]:
    """Channels by their number, as many as the metadata names."""
    if grid.n_samples > 1 or not metadata.channels:
        return ()
    last = max(metadata.channels)
    n_channels = dict(zip(grid.dims, grid.shape, strict=True)).get("C", 1)
    return tuple(metadata.channels.get(i, Channel(name="")) for i in range(min(last + 1, n_channels)))


def _place(grid: CziGrid, sizes: dict[str, float]) -> tuple[Placement, ...]:
    """Where the scene lies among the others, in micrometers where the file says the size of a pixel."""
    height_um, width_um = sizes.get("Y", 1.0), sizes.get("X", 1.0)
    y, x = grid.origin_yx
    affine = (width_um, 0.0, x * width_um, 0.0, height_um, y * height_um)
    return (Placement(coordinate_system="global", affine_xy=affine),)


def _name_scene(source: Source, key: int, metadata: CziMetadata, *, is_alone: bool) -> str:
    stem = source.path.name.split(".", 1)[0] or source.path.name
    return stem if is_alone else metadata.scene_names.get(key, f"{stem} {key}")


def _check_file(file: Any, scenes: Sequence[Any]) -> Iterator[Finding]:
    if len(scenes) > MAX_SCENES:
        message = f"The file holds {len(scenes)} scenes; only the first {MAX_SCENES} are described."
        yield Finding(code="images-left-out", severity="warning", path="#", message=message)
    if file.header.file_part or file.header.file_guid != file.header.primary_file_guid:
        message = "The file is one of several that together are a dataset; only what lies in this one is read."
        yield Finding(code="files-left-out", severity="warning", path="#", message=message)
    attached = file.attachment_directory if file.header.attachment_directory_position else ()
    pictures = [one.name for one in attached if one.content_file_type in {"CZI", "JPG"}]
    if pictures:
        message = f"The file holds {len(pictures)} more images ({', '.join(pictures[:8])}), which are not shown."
        yield Finding(code="series-left-out", severity="info", path="#", message=message)


def _check_complete(source: Source, file: Any) -> None:
    """Whether the tile that lies last ends inside the file.

    Raises:
        UnreadableError: It does not.
    """
    last = max(file.subblock_directory, key=lambda entry: entry.file_position)
    size_bytes, end = source.path.stat().st_size, last.file_position
    if end < size_bytes:
        subblock = last.read_segment_data(file)
        end = subblock.data_offset + subblock.data_size if hasattr(subblock, "data_offset") else end
    if end > size_bytes:
        raise UnreadableError(
            "czi-truncated",
            f"{source.path} has {size_bytes:,} bytes, but its pixels reach to byte {end:,}.",
            hint="The file is truncated: copy or download it again.",
            where=str(source.path),
        )


def _check_same(source: Source, element: ImageElement | LabelsElement, level: int, grids: Sequence[CziGrid]) -> None:
    """Whether a level is still what was described.

    Raises:
        UnreadableError: It is not.
    """
    if level >= len(grids) or grids[level].shape != element.levels[level].shape:
        raise UnreadableError(
            "czi-changed",
            f"The scene {element.name!r} in {source.path} is not what was described.",
            hint="The file has changed since: read its content again.",
            where=str(source.path),
        )


def _size_missing(path: str) -> Finding:
    return Finding(
        code="pixel-size-missing",
        severity="warning",
        path=f"{path}#",
        message="The file does not say how large a pixel is, so sizes are given in pixels.",
    )
