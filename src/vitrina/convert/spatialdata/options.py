"""What can be chosen when SpatialData is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from vitrina.convert.ome_zarr import DEFAULT_SHARD_ZYX, OmeZarrOptions
from vitrina.convert.options import PyramidOptions
from vitrina.convert.zarr.codecs import Codec
from vitrina.errors import InputError

if TYPE_CHECKING:
    from vitrina.convert.windows import WindowKind
    from vitrina.pyramid.plan import Zyx

type TileChoice = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpatialDataOptions:
    """What can be chosen.

    Attributes:
        version: Of the container: 0.2 lies in Zarr 3, 0.1 in Zarr 2.
        pyramid: How levels of images are made.
        codec: Compresses images.
        label_codec: Compresses labels.
        shard_zyx: Chunks per shard of 0.2; None for a file per chunk.
        window: Where the contrast windows of channels come from.
        tiles: Whether points get a copy in tiles for the viewer, ``auto`` for when they are many.
        simplify_tolerance: How far an outline of simplified polygons may lie from the exact one, in the units of the
            polygons; 0 for no simplified copy; None for one that fits their size, where they are many.

    Raises:
        InputError: A value makes no sense.
    """

    format: ClassVar[str] = "spatialdata"
    version: Literal["0.1", "0.2"] = "0.2"
    pyramid: PyramidOptions = field(default_factory=PyramidOptions)
    codec: Codec = field(default_factory=Codec)
    label_codec: Codec = field(default_factory=lambda: Codec(level=3))
    shard_zyx: Zyx | None = DEFAULT_SHARD_ZYX
    window: WindowKind = "sample"
    tiles: TileChoice = "auto"
    simplify_tolerance: float | None = None

    def __post_init__(self) -> None:
        if self.version not in {"0.1", "0.2"} or self.tiles not in {"auto", "always", "never"}:
            raise InputError(
                "options-unknown",
                f"There is no version {self.version} of SpatialData, or no choice {self.tiles!r} of tiles.",
                hint="Choose 0.1 or 0.2, and auto, always or never.",
            )
        if self.simplify_tolerance is not None and not 0 <= self.simplify_tolerance < float("inf"):
            raise InputError("options-not-positive", f"A tolerance of {self.simplify_tolerance} makes no sense.")

    @property
    def zarr_format(self) -> Literal[2, 3]:
        """Version of Zarr."""
        return 2 if self.version == "0.1" else 3

    def build_raster_options(self) -> OmeZarrOptions:
        """How images and labels are written; they are OME-Zarr."""
        return OmeZarrOptions(
            version="0.4" if self.version == "0.1" else "0.5",
            pyramid=self.pyramid,
            codec=self.codec,
            label_codec=self.label_codec,
            shard_zyx=self.shard_zyx,
            window=self.window,
            level_prefix="s",
        )
