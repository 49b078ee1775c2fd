"""One image of a cohort, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.ml.layer import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """An image whose pixels have the size of those of the tiles, and what is known of it.

    Attributes:
        name: Unlike that of any other slide of the cohort; the key of its artifact.
        image: Its pixels.
        mask: Its label image, on the same pixels; None without one.
        pixel_size_um: Of the image as it is stored; None when unknown.
        uid: Of the artifact, None for what lies in no catalog.
        hash: Of the bytes; slides with equal bytes never come into different parts of a split.
        labels: What is said of the whole slide, such as ``{"donor": "D1"}``.
    """

    name: str
    image: Layer
    mask: Layer | None = None
    pixel_size_um: float | None = None
    uid: str | None = None
    hash: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
