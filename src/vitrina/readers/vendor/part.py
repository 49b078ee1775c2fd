"""What one element of a bundle can do: say what it is, and be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData
    from geopandas import GeoDataFrame
    from pyarrow import RecordBatch

    from vitrina.model.content import Element
    from vitrina.model.finding import Finding
    from vitrina.pyramid.source import PixelSource

GLOBAL = "global"
"""The coordinate system of all bundles, in micrometres where the vendor gives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An element and what was odd about it."""

    element: Element
    findings: tuple[Finding, ...] = ()


class Part(Protocol):
    """One element of a bundle, before it was looked at.

    Attributes:
        key: Stable path of the element inside the bundle.
    """

    @property
    def key(self) -> str: ...

    def describe(self) -> Described:
        """What it is.

        Raises:
            UnreadableError: Its files are damaged.
        """


@runtime_checkable
class PixelPart(Protocol):
    """An image or a label image."""

    def open_pixels(self) -> PixelSource: ...


@runtime_checkable
class TablePart(Protocol):
    """A table."""

    def read_table(self) -> AnnData: ...


@runtime_checkable
class ShapesPart(Protocol):
    """Polygons."""

    def read_shapes(self) -> GeoDataFrame: ...


@runtime_checkable
class PointsPart(Protocol):
    """Points."""

    def iterate_points(self) -> Iterator[RecordBatch]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The parts of a bundle, found by the names of its files.

    Attributes:
        parts: In the order in which they should be listed.
        findings: What is missing, with its consequence.
        version: Of the vendor's format, where a file says it.
    """

    parts: tuple[Part, ...]
    findings: tuple[Finding, ...] = field(default=())
    version: str | None = None
