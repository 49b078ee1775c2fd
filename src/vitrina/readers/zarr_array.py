"""Arrays in Zarr that no convention describes, and those that xarray wrote.

Axes are taken from ``dimension_names`` (Zarr 3) or ``_ARRAY_DIMENSIONS`` (xarray, Zarr 2), sizes from evenly spaced
coordinates of those names.
Source: https://docs.xarray.dev/en/stable/internals/zarr-encoding-spec.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, UnsupportedError, VitrinaError
from vitrina.model.content import Content, Level
from vitrina.model.finding import Finding
from vitrina.readers.array_axes import find_unit, name_axes, tell_guess
from vitrina.readers.damage import reading
from vitrina.readers.described import PixelReader, StoredImage, describe_stored
from vitrina.readers.pixels.zarr import open_zarr_pixels
from vitrina.readers.zarr_tree import find_zarr_tree, get_zarr_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ArrayInfo, ZarrTree

MAX_NODES = 2_000
MAX_IMAGES = 64
MIN_SIDE_PX = 8
MAX_COORDINATES = 1_000_000

_DAMAGE = "zarr-damaged", "Zarr"


class ZarrArrayReader(PixelReader):
    """Reads arrays of 2 to 5 dimensions, alone or in groups."""

    format = "zarr-array"

    def detect(self, source: Source) -> bool:
        try:
            zarr_tree = find_zarr_tree(source)
            return zarr_tree is not None and next(_iterate_images(zarr_tree), None) is not None
        except (VitrinaError, OSError):
            return False

    def read_content(self, source: Source) -> Content:
        with reading(source, *_DAMAGE):
            zarr_tree = get_zarr_tree(source)
            described = []
            for number, (path, info) in enumerate(_iterate_images(zarr_tree)):
                if number == MAX_IMAGES:
                    break
                described.append(self._describe(source, zarr_tree, path, info))
            elements = [element for element, _ in described if element is not None]
            if not elements:
                raise UnreadableError(
                    "image-missing", f"{source.path} holds no image that can be read.", where=str(source.path)
                )
            return Content(
                format=self.format,
                container=zarr_tree.container,
                is_zipped=zarr_tree.is_zipped,
                root=zarr_tree.root,
                elements=tuple(elements),
                findings=tuple(finding for _, own in described for finding in own),
            )

    def open_object(self, source: Source) -> object:
        with reading(source, *_DAMAGE):
            zarr_tree = get_zarr_tree(source)
            return zarr_tree.open_group() if zarr_tree.find_array("") is None else zarr_tree.open_array("")

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        return open_zarr_pixels(source, element, level)

    def _describe(
        self, source: Source, zarr_tree: ZarrTree, path: str, info: ArrayInfo
    ) -> tuple[ImageElement | LabelsElement | None, tuple[Finding, ...]]:
        dims = _read_dims(zarr_tree, path, len(info.shape))
        spans = [_read_span(zarr_tree, path, dim, size) for dim, size in zip(dims, info.shape, strict=True)]
        named = name_axes(info.shape, dims, [span.unit for span in spans])
        pairs = list(zip(named.axes, spans, strict=True))
        level = Level(
            path=path,
            shape=info.shape,
            chunk_shape=info.chunk_shape,
            scale=tuple(1.0 if axis.name == "c" else span.step for axis, span in pairs),
            translation=tuple(0.0 if axis.name == "c" else span.start for axis, span in pairs),
        )
        stored = StoredImage(
            name=path.replace("/", "_") or zarr_tree.name,
            path=path,
            axes=named.axes,
            dtype=info.dtype,
            levels=(level,),
        )
        try:
            element, guessed = describe_stored(self, source, stored)
        except UnsupportedError as err:
            return None, (Finding(code=err.code, severity="warning", path=f"{path}#", message=err.message),)
        return element, (*((tell_guess(path, info.shape, named.axes),) if named.is_guess else ()), *guessed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Evenly spaced coordinates."""

    start: float = 0.0
    step: float = 1.0
    unit: str | None = None


def _iterate_images(zarr_tree: ZarrTree) -> Iterator[tuple[str, ArrayInfo]]:
    """Arrays of numbers, two of whose dimensions are more than a few wide."""
    waiting = [""]
    for _ in range(MAX_NODES):
        if not waiting:
            return
        path = waiting.pop()
        info = zarr_tree.find_array(path)
        if info is None:
            waiting += [f"{path}/{name}".lstrip("/") for name in reversed(zarr_tree.list_groups(path))]
        elif _is_image(info):
            yield path, info


def _is_image(info: ArrayInfo) -> bool:
    is_number = info.dtype.startswith(("int", "uint", "float", "bool"))
    n_wide = sum(size >= MIN_SIDE_PX for size in info.shape)
    return is_number and 2 <= len(info.shape) <= 5 and 0 not in info.shape and n_wide >= 2


def _read_dims(zarr_tree: ZarrTree, path: str, n_dims: int) -> list[str | None]:
    names = zarr_tree.read_attrs(path).get("_ARRAY_DIMENSIONS")
    if zarr_tree.format == 3:
        document = zarr_tree.tree.get(f"{path}/zarr.json".lstrip("/"))
        names = json.loads(document).get("dimension_names") if document is not None else None
    if not isinstance(names, list) or len(names) != n_dims:
        return [None] * n_dims
    return [name if isinstance(name, str) else None for name in names]


def _read_span(zarr_tree: ZarrTree, path: str, dim: str | None, size: int) -> _Span:
    """What the coordinates of a dimension say, which lie beside its array."""
    import numpy as np

    own = f"{path.rpartition('/')[0]}/{dim}".lstrip("/")
    if not dim or "/" in dim or own == path or not 2 <= size <= MAX_COORDINATES:
        return _Span()
    info = zarr_tree.find_array(own)
    if info is None or info.shape != (size,) or not info.dtype.startswith(("int", "uint", "float")):
        return _Span()
    unit = find_unit(zarr_tree.read_attrs(own).get("units"))
    values: Any = np.asarray(zarr_tree.open_array(own)[...], np.float64)
    steps = np.diff(values)
    if not np.isfinite(values).all() or steps[0] <= 0 or not np.allclose(steps, steps[0], rtol=1e-3):
        return _Span()
    return _Span(start=float(values[0]), step=float((values[-1] - values[0]) / (size - 1)), unit=unit)
