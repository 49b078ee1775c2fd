"""Where elements lie in the coordinate systems of a dataset. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.model.content import IDENTITY_XY, ShapesElement, TableElement

if TYPE_CHECKING:
    from vitrina.model.content import AffineXY, Content, ExtentXY, ImageElement, LabelsElement, Placement

_GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the positions of a table are.

    Attributes:
        system: A coordinate system in which other elements are placed too.
        affine_xy: From the positions to that system.
    """

    system: str
    affine_xy: AffineXY = IDENTITY_XY

    @property
    def is_own(self) -> bool:
        """Whether the positions are not those in the system, such as pixels where that has micrometres."""
        return self.affine_xy != IDENTITY_XY

    def name_positions(self, name: str) -> str:
        """What positions are called in ``obsm`` once they are in the system, of those that are called ``name``."""
        return f"{name}_{self.system}" if self.is_own else name


def find_frame(content: Content, table: TableElement) -> Frame:
    """Positions are in the coordinates of the shapes that the table annotates, or placed as those are."""
    systems = content.coordinate_systems
    default = _GLOBAL if _GLOBAL in systems or not systems else systems[0]
    region = next((e for e in content.elements if not isinstance(e, TableElement) and e.name in table.region), None)
    if region is None or not region.placements:
        return Frame(default)
    placement = region.placements[0]
    if not isinstance(region, ShapesElement) or _are_placed(table, region, placement.affine_xy):
        return Frame(placement.coordinate_system)
    return Frame(placement.coordinate_system, placement.affine_xy)


def find_key(element: ImageElement | LabelsElement) -> str:
    """The path of an image in the tree of its dataset; that of a folder of planes ends with a slash in the dataset."""
    return element.path.strip("/")


def find_placement(placements: tuple[Placement, ...], coordinate_system: str) -> AffineXY | None:
    """The transformation into a coordinate system, None when the element does not lie in it."""
    return next((p.affine_xy for p in placements if p.coordinate_system == coordinate_system), None)


def transform_extent(extent: ExtentXY, affine: AffineXY) -> ExtentXY:
    """The smallest axis-parallel box around the transformed corners."""
    a, b, c, d, e, f = affine
    corners = [(x, y) for x in (extent[0], extent[2]) for y in (extent[1], extent[3])]
    xs = [a * x + b * y + c for x, y in corners]
    ys = [d * x + e * y + f for x, y in corners]
    return (min(xs), min(ys), max(xs), max(ys))


def _are_placed(table: TableElement, region: ShapesElement, affine: AffineXY) -> bool:
    """Whether the extent of positions is that of the shapes after they are placed, rather than before."""
    if table.extent_xy is None or region.extent_xy is None:
        return False
    own, placed = region.extent_xy, transform_extent(region.extent_xy, affine)
    return math.dist(table.extent_xy, placed) < math.dist(table.extent_xy, own)
