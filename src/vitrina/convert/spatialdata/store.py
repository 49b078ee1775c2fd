"""A SpatialData store that is planned: which element goes where, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.levels import LevelsPlan
    from vitrina.convert.spatialdata.options import SpatialDataOptions
    from vitrina.model.content import Content
    from vitrina.readers.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store that is written.

    Attributes:
        source: The dataset.
        content: What its reader found.
        paths: Where each of its elements goes, in their order.
        images: Its images and labels, by path in the store.
        plans: Of their levels, by path in the store.
        options: How.
    """

    source: Source
    content: Content
    paths: tuple[str, ...]
    images: Mapping[str, ConvertedImage]
    plans: Mapping[str, LevelsPlan]
    options: SpatialDataOptions

    @property
    def n_steps(self) -> int:
        """Steps of its progress: blocks of images, and elements of other kinds."""
        return sum(plan.n_nodes for plan in self.plans.values()) + len(self.paths) - len(self.images)
