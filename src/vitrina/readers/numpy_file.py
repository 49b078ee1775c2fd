"""Arrays that NumPy saved: ``.npy``, mapped into memory, and ``.npz``; never pickled objects.

Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import math
import zipfile
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, UnsupportedError, VitrinaError
from vitrina.model.content import Content, Level
from vitrina.model.finding import Finding
from vitrina.readers.array_axes import name_axes, tell_guess
from vitrina.readers.damage import check_not_empty, is_empty_file, reading
from vitrina.readers.described import PixelReader, StoredImage, describe_stored
from vitrina.readers.pixels.array import ArrayPixels
from vitrina.readers.source import open_zip

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.source import Source

NPY_MAGIC = b"\x93NUMPY"
MAX_MEMBER_BYTES = 4 * 2**30
"""An array inside of ``.npz`` is unpacked into memory as a whole."""

MAX_MEMBERS = 1_000

_DAMAGE = "numpy-damaged", "a NumPy array"


class NumpyFileReader(PixelReader):
    """Reads arrays of 2 to 5 dimensions."""

    format = "numpy"

    def detect(self, source: Source) -> bool:
        if is_empty_file(source, ".npy", ".npz") or source.head.startswith(NPY_MAGIC):
            return True
        return source.path.suffix.lower() == ".npz" and source.head.startswith(b"PK")

    def read_content(self, source: Source) -> Content:
        check_not_empty(source)
        with reading(source, *_DAMAGE):
            described = [self._describe(source, name, shape, dtype) for name, shape, dtype in _list_arrays(source)]
            elements = [element for element, _ in described if element is not None]
            findings = tuple(finding for _, own in described for finding in own)
            if not elements:
                reason = findings[0].message if findings else "it holds no arrays"
                raise UnreadableError(
                    "image-missing", f"{source.path} holds no image: {reason}", where=str(source.path)
                )
            return Content(format=self.format, elements=tuple(elements), findings=findings)

    def open_object(self, source: Source) -> object:
        name = next((name for name, *_ in _list_arrays(source)), "")
        return _open_array(source, name)

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:  # noqa: ARG002 there is one
        with reading(source, *_DAMAGE):
            array = _open_array(source, element.path)
            if array.shape != element.levels[0].shape:
                raise UnreadableError(
                    "array-changed",
                    f"{source.path} was described with the shape {element.levels[0].shape}, but has {array.shape}.",
                    hint="The file has changed since: read its content again.",
                    where=str(source.path),
                )
            return ArrayPixels(array, element.axes, str(source.path))

    def _describe(
        self, source: Source, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> tuple[ImageElement | LabelsElement | None, tuple[Finding, ...]]:
        if not 2 <= len(shape) <= 5 or dtype.kind not in "buif" or 0 in shape:
            message = f"The array {name!r} is {dtype} of the shape {shape}, which is no image."
            return None, (Finding(code="array-left-out", severity="info", path=f"{name}#", message=message),)
        named = name_axes(shape)
        ones = (1.0,) * len(shape)
        level = Level(path=name, shape=shape, chunk_shape=None, scale=ones, translation=(0.0,) * len(shape))
        stored = StoredImage(
            name=name or source.path.stem, path=name, axes=named.axes, dtype=dtype.name, levels=(level,)
        )
        try:
            element, guessed = describe_stored(self, source, stored)
        except UnsupportedError as err:
            return None, (Finding(code=err.code, severity="warning", path=f"{name}#", message=err.message),)
        return element, (*((tell_guess(name, shape, named.axes),) if named.is_guess else ()), *guessed)


def _list_arrays(source: Source) -> Iterator[tuple[str, tuple[int, ...], np.dtype[Any]]]:
    """Name, shape and type of each array, by their headers alone; the name is empty for ``.npy``."""
    if source.head.startswith(NPY_MAGIC):
        with source.path.open("rb") as file:
            yield "", *_read_header(file, source)[:2]
        return
    with open_zip(source.path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        for name in names[:MAX_MEMBERS]:
            with archive.open(name) as file:
                yield name.removesuffix(".npy"), *_read_header(file, source)[:2]


def _read_header(file: Any, source: Source) -> tuple[tuple[int, ...], np.dtype[Any], bool]:
    """Shape, type, and whether the first dimension is the fastest."""
    from numpy.lib import format as npy

    version = npy.read_magic(file)
    read: Any = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise UnsupportedError(
            "numpy-version-unsupported",
            f"{source.path} is of the version {version} of NumPy's format; 1.0 and 2.0 are known.",
            where=str(source.path),
        )
    shape, is_fortran, dtype = read(file, max_header_size=10_000)
    return tuple(int(size) for size in shape), dtype, bool(is_fortran)


def _check_complete(source: Source) -> None:
    with source.path.open("rb") as file:
        shape, dtype, _ = _read_header(file, source)
        expected = file.tell() + math.prod(shape) * dtype.itemsize
    found = source.path.stat().st_size
    if found < expected:
        raise UnreadableError(
            "numpy-truncated",
            f"{source.path} has {found:,} bytes, but an array of the shape {shape} takes {expected:,}.",
            hint="The file is truncated: copy or download it again.",
            where=str(source.path),
        )


def _open_array(source: Source, name: str) -> Any:
    """The array of a name: mapped where it lies in a file of its own, else in memory.

    Raises:
        UnreadableError: There is none, or it is truncated.
        UnsupportedError: It does not fit into memory.
    """
    import numpy as np

    if source.head.startswith(NPY_MAGIC):
        _check_complete(source)
        return np.load(source.path, mmap_mode="r", allow_pickle=False)
    with open_zip(source.path) as archive:
        try:
            info = archive.getinfo(f"{name}.npy")
            with archive.open(info) as file:
                shape, dtype, _ = _read_header(file, source)
                n_bytes = math.prod(shape) * dtype.itemsize
            if n_bytes > MAX_MEMBER_BYTES or info.file_size > MAX_MEMBER_BYTES + 2**20:
                raise UnsupportedError(
                    "array-too-large",
                    f"The array {name!r} in {source.path} takes {n_bytes:,} bytes of memory.",
                    hint="Save it as .npy, which is read in parts.",
                    where=str(source.path),
                )
            with archive.open(info) as file:
                return np.lib.format.read_array(file, allow_pickle=False)
        except (KeyError, zipfile.BadZipFile) as err:
            if isinstance(err, VitrinaError):
                raise
            raise UnreadableError(
                "array-missing", f"There is no sound array {name!r} in {source.path}: {err}.", where=str(source.path)
            ) from err
