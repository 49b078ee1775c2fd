"""Overrides: what a person knows better than the file, said of single elements of an artifact. No byte changes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from vitrina.model.content import AffineXY

if TYPE_CHECKING:
    from collections.abc import Mapping

type ColorRGB = tuple[int, int, int]
type Window = tuple[float, float]

GLOBAL = "global"
"""The coordinate system of an affine that names none, as SpatialData has it."""

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "angstrom": "angstrom",
        "nanometer": "nanometer",
        "nm": "nanometer",
        "micrometer": "micrometer",
        "micron": "micrometer",
        "um": "micrometer",
        "µm": "micrometer",
        "μm": "micrometer",
        "millimeter": "millimeter",
        "mm": "millimeter",
        "centimeter": "centimeter",
        "cm": "centimeter",
        "meter": "meter",
        "m": "meter",
    }
)
"""Units of length that people write, and their names in NGFF. Source: https://ngff.openmicroscopy.org/0.5/#axes-md"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementOverrides:
    """What is said of one element. None leaves what the file says.

    Attributes:
        path: Path of the element inside the artifact, empty when the artifact is the element.
        axes: Names of all axes, slowest first: ``t``, ``c``, ``z``, ``y``, ``x``, each at most once. Pixels stay where
            they are; only what their dimensions mean changes.
        is_labels: Whether pixels are ids of objects.
        is_rgb: Whether three channels are red, green and blue of one colour image.
        pixel_size: Of the finest level along y and x, or z, y and x.
        unit: Of ``pixel_size``; alone, of all axes in space. One of UNITS.
        channel_names: One per channel; None for one that keeps its own.
        channel_colors: One per channel, each part 0 to 255; None for one that keeps its own.
        channel_windows: Lowest and highest intensity to display, one per channel; None for one that keeps its own.
        affine_xy: See Placement; from pixels of the finest level (images, labels) or own coordinates.
        coordinate_system: Into which ``affine_xy`` leads.
    """

    path: str = ""
    axes: tuple[str, ...] | None = None
    is_labels: bool | None = None
    is_rgb: bool | None = None
    pixel_size: tuple[float, ...] | None = None
    unit: str | None = None
    channel_names: tuple[str | None, ...] | None = None
    channel_colors: tuple[ColorRGB | None, ...] | None = None
    channel_windows: tuple[Window | None, ...] | None = None
    affine_xy: AffineXY | None = None
    coordinate_system: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return all(getattr(self, field.name) is None for field in fields(self) if field.name != "path")

    def merge(self, newer: ElementOverrides) -> ElementOverrides:
        """What both say, the newer one where they differ."""
        given = {field.name: getattr(newer, field.name) for field in fields(self)}
        return replace(self, **{name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What is said of the elements of an artifact.

    Attributes:
        elements: At most one per element.
        changed_at: When it was last changed, UTC; None when nothing was ever said.
        changed_by: Handle of who did.
    """

    elements: tuple[ElementOverrides, ...] = ()
    changed_at: datetime | None = None
    changed_by: str | None = None

    def __bool__(self) -> bool:
        return bool(self.elements)

    @property
    def digest(self) -> str:
        """16 hex digits that change whenever what is said does; empty when nothing is said."""
        if not self.elements:
            return ""
        text = json.dumps([asdict(element) for element in self.elements], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def get(self, path: str) -> ElementOverrides | None:
        """What is said of the element at a path, None for nothing."""
        return next((element for element in self.elements if element.path == path), None)

    def merge(self, newer: ElementOverrides) -> Overrides:
        """The same with more said of one element."""
        known = self.get(newer.path)
        merged = newer if known is None else known.merge(newer)
        return replace(self, elements=(*self.without(newer.path).elements, merged))

    def without(self, path: str) -> Overrides:
        """The same with nothing said of the element at a path."""
        return replace(self, elements=tuple(element for element in self.elements if element.path != path))


NO_OVERRIDES = Overrides()
