"""Folders of TIFF files that are the planes of one image, or of one image per field of view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import InputError, UnreadableError, VitrinaError
from vitrina.model.content import Axis, Channel, Content, Level
from vitrina.model.finding import Finding
from vitrina.readers.damage import reading
from vitrina.readers.described import PixelReader, StoredImage, describe_stored
from vitrina.readers.ome_tiff import OmeTiffReader
from vitrina.readers.planes.folder import MAX_LOOKED_AT, TIFF_SUFFIXES, iterate_files, list_files
from vitrina.readers.planes.guess import guess_planes
from vitrina.readers.planes.pattern import check_cost, compile_pattern
from vitrina.readers.planes.pixels import PlaneFilesPixels, measure_plane
from vitrina.readers.planes.sizes import read_pixel_size_zyx_um
from vitrina.readers.planes.stack import list_missing, place_planes, plan_stack
from vitrina.readers.plates.named import tell_left_out
from vitrina.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.content import AxisType, ImageElement, LabelsElement
    from vitrina.pyramid.source import PixelSource, ShapeTczyx
    from vitrina.readers.planes.stack import PlaneIndex, PlaneName, StackAxes

_DAMAGE = "folder-damaged", "a folder of images"
_BESIDE = (".txt", ".md", ".xml", ".json", ".csv", ".log", ".ini", ".yml", ".yaml", ".pdf", ".db", ".html", ".toml")
"""What may lie beside the planes; any other file says that the folder is more than an image."""

_TYPES: tuple[AxisType, ...] = ("time", "channel", "space", "space", "space")


class ImageFolderReader(PixelReader):
    """Reads folders of planes: by ``ReadOptions.pattern``, else by names that leave no doubt."""

    format = "image-folder"

    def detect(self, source: Source) -> bool:
        if not source.is_folder:
            return False
        if source.options.pattern is not None:
            return not compile_pattern(source.options.pattern).has_wells
        try:
            return _holds_planes_only(source) and guess_planes(list_files(source)) is not None and _are_alike(source)
        except (VitrinaError, OSError):
            return False

    def read_content(self, source: Source) -> Content:
        with reading(source, *_DAMAGE):
            found = _open(source)
            described = [describe_stored(self, source, image.build()) for image in found.images]
            n_fields = len(found.images)
            return Content(
                format=self.format,
                container="tiff",
                elements=tuple(element for element, _ in described),
                findings=(
                    *found.findings,
                    *(finding for image in found.images for finding in image.check(n_fields)),
                    *(finding for _, guessed in described for finding in guessed),
                ),
            )

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:  # noqa: ARG002 there is one
        for image in _open(source).images:
            if image.path == element.path:
                return image.open_pixels()
        raise UnreadableError(
            "image-missing",
            f"{source.path} has no image {element.path!r}.",
            hint="The folder has changed since it was described: read its content again.",
            where=str(source.path),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _FolderImage:
    """One image of a folder.

    Attributes:
        source: The folder.
        path: Of the element: empty for an only image, else the number of its field.
        axes: What its places are.
        files: Which file holds which plane.
        doubled: Files that hold planes of others.
        depth: Planes of each file.
        height: Of a plane.
        width: Of a plane.
        dtype: Of all planes.
        pixel_size_zyx: In micrometers.
    """

    source: Source
    path: str
    axes: StackAxes
    files: dict[PlaneIndex, str]
    doubled: tuple[str, ...]
    depth: int
    height: int
    width: int
    dtype: str
    pixel_size_zyx: tuple[float | None, float | None, float | None]

    @property
    def shape_tczyx(self) -> ShapeTczyx:
        """Size in pixels."""
        n_z = self.depth if self.depth > 1 else len(self.axes.z)
        return len(self.axes.t), len(self.axes.channels), n_z, self.height, self.width

    def build(self) -> StoredImage:
        """The image as it is stored."""
        sizes = (None, None, *self.pixel_size_zyx)
        kept = [i for i, size in enumerate(self.shape_tczyx) if size > 1 or i > 2]
        level = Level(
            path=self.path or "0",
            shape=tuple(self.shape_tczyx[i] for i in kept),
            chunk_shape=None,
            scale=tuple(sizes[i] or 1.0 for i in kept),
            translation=(0.0,) * len(kept),
        )
        units = (None, None, *("micrometer" if size else None for size in self.pixel_size_zyx))
        channels = tuple(Channel(name=name) for name in self.axes.channels if name)
        return StoredImage(
            name=self.source.path.name if not self.path else f"{self.source.path.name} {self.path}",
            path=self.path,
            axes=tuple(Axis(name="tczyx"[i], type=_TYPES[i], unit=units[i]) for i in kept),
            dtype=self.dtype,
            levels=(level,),
            channels=channels if len(channels) > 1 else (),
        )

    def open_pixels(self) -> PixelSource:
        """Its pixels."""
        return PlaneFilesPixels(self.source.path, self.files, self.shape_tczyx, self.dtype, has_stacks=self.depth > 1)

    def check(self, n_fields: int) -> list[Finding]:
        """What is missing, and where its numbers begin."""
        where = f"{self.path}#"
        findings = []
        n_missing = self.axes.n_planes - len(self.files)
        if n_missing:
            listed = "; ".join(list_missing(self.files, self.axes))
            findings.append(
                Finding(
                    code="planes-missing",
                    severity="warning",
                    path=where,
                    message=f"{n_missing:,} of {self.axes.n_planes:,} planes have no file ({listed}"
                    f"{', ...' if n_missing > 4 else ''}); they are black.",
                    fix="Copy the missing files into the folder, where they exist.",
                )
            )
        if self.doubled:
            message = f"{len(self.doubled):,} files hold planes that others hold too ({self.doubled[0]}); left out."
            findings.append(Finding(code="planes-doubled", severity="warning", path=where, message=message))
        first = self.axes.z.numbers[0]
        if len(self.axes.z) > 1 and first not in {0, 1} and n_fields == 1:
            message = f"The planes are numbered from {first} to {self.axes.z.numbers[-1]}; they became 0 to "
            message += f"{len(self.axes.z) - 1}."
            findings.append(Finding(code="planes-renumbered", severity="info", path=where, message=message))
        if not self.pixel_size_zyx[2]:
            message = "The files do not say how large the pixels are, so sizes are given in pixels."
            findings.append(Finding(code="pixel-size-missing", severity="warning", path=where, message=message))
        elif self.shape_tczyx[2] > 1 and not self.pixel_size_zyx[0]:
            message = "The files do not say how far apart the planes are, so depth is given in planes."
            findings.append(Finding(code="z-spacing-missing", severity="warning", path=where, message=message))
        return findings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folder:
    images: tuple[_FolderImage, ...]
    findings: tuple[Finding, ...]


def _open(source: Source) -> _Folder:
    if "image-folder" not in source.found:
        source.found["image-folder"] = _read_by_pattern(source) if source.options.pattern else _read_by_names(source)
    opened: _Folder = source.found["image-folder"]
    return opened


def _read_by_names(source: Source) -> _Folder:
    guessed = guess_planes(list_files(source))
    if guessed is None:
        raise UnreadableError(
            "planes-unclear",
            f"The names of the files in {source.path} do not say which planes they hold.",
            hint="Say it with --pattern, such as --pattern 'ch{channel}/*_{z}.tif'.",
            where=str(source.path),
        )
    told = Finding(
        code="planes-guessed",
        severity="info",
        path="#",
        message=f"The {len(guessed.names):,} TIFF files of the folder are taken for the planes of one image"
        + (" by their names." if guessed.is_sure else ", with the depth in the number that no letter explains."),
        fix=None if guessed.is_sure else "Say what the numbers are with --pattern, such as --pattern '*_{t}.tif'.",
    )
    return _Folder(images=(_build_image(source, "", guessed.names, has_depth=True),), findings=(told,))


def _read_by_pattern(source: Source) -> _Folder:
    pattern = compile_pattern(source.options.pattern or "")
    paths = list_files(source)
    check_cost(pattern, paths)
    matched = [found for found in map(pattern.match, paths) if found is not None]
    if not matched:
        raise InputError(
            "pattern-unmatched",
            f"None of the {len(paths):,} TIFF files in {source.path} fits the pattern {pattern.text!r}.",
            hint=f"The first file is {paths[0]!r}." if paths else "There is no TIFF file in it.",
            where=str(source.path),
        )
    fields = sorted({one.field for one in matched})
    images = tuple(
        _build_image(
            source,
            "" if len(fields) == 1 else str(field),
            [one.plane for one in matched if one.field == field],
            has_depth=pattern.has_depth,
        )
        for field in fields
    )
    return _Folder(images=images, findings=tuple(tell_left_out(len(paths) - len(matched), len(paths), pattern.text)))


def _build_image(source: Source, path: str, names: Sequence[PlaneName], *, has_depth: bool) -> _FolderImage:
    axes = plan_stack(names)
    files, doubled = place_planes(names, axes)
    first = source.path / names[0].path
    depth, height, width, dtype = measure_plane(first)
    if depth > 1 and has_depth and len(axes.z) > 1:
        raise UnreadableError(
            "planes-differ",
            f"{first} holds {depth} planes, where its name says that it is one.",
            hint="Leave {z} out of the pattern when each file holds a stack.",
            where=str(first),
        )
    return _FolderImage(
        source=source,
        path=path,
        axes=axes,
        files=files,
        doubled=tuple(doubled),
        depth=depth,
        height=height,
        width=width,
        dtype=str(dtype.name),
        pixel_size_zyx=read_pixel_size_zyx_um(first),
    )


def _holds_planes_only(source: Source) -> bool:
    """Whether there is nothing but TIFF files and what may lie beside them."""
    for number, path in enumerate(iterate_files(source.path, ("",))):
        name = path.rpartition("/")[2].lower()
        if not name.endswith((*TIFF_SUFFIXES, *_BESIDE)) and "." in name:
            return False
        if number > MAX_LOOKED_AT:
            return True
    return True


def _are_alike(source: Source) -> bool:
    """Whether first, middle and last file hold one plane of one size and type, and are no OME-TIFF."""
    paths = list_files(source)
    chosen = [source.path / paths[i] for i in sorted({0, len(paths) // 2, len(paths) - 1})]
    found = {(*shape, dtype.str) for *shape, dtype in map(measure_plane, chosen)}
    is_ome = any(OmeTiffReader().detect(Source(path)) for path in chosen[:1])
    return len(found) == 1 and next(iter(found))[0] == 1 and not is_ome
