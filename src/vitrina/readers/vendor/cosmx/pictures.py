"""Pictures and label images of a slide as elements."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import RGB_CHANNELS, Axis, Channel, ImageElement, LabelsElement, Level, Placement
from vitrina.model.finding import Finding
from vitrina.readers.contrast import measure_windows, read_sample
from vitrina.readers.palette import choose_color
from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.plane import PlaneReader
from vitrina.readers.vendor.cosmx.mosaic import MosaicPixels, plan_mosaic
from vitrina.readers.vendor.part import Described

if TYPE_CHECKING:
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.vendor.cosmx.mosaic import MosaicPlan
    from vitrina.readers.vendor.cosmx.slide import Slide

LABELS = {"CellLabels": "cell_labels", "CompartmentLabels": "compartment_labels"}
IMAGES = {"CellComposite": "composite", "CellOverlay": "overlay"}
"""Names of elements by the folder of their pictures."""

LABELS_DTYPE = "uint32"


@dataclass(frozen=True, kw_only=True)
class PicturePart:
    """All pictures of one kind.

    Attributes:
        slide: Of which slide.
        key: Of the element.
        name: Of the element.
        kind: Name of the folder of its pictures.
    """

    slide: Slide
    key: str
    name: str
    kind: str

    @property
    def is_labels(self) -> bool:
        """Whether pixels are ids."""
        return self.kind in LABELS

    def describe(self) -> Described:
        """The mosaic; contrast is measured on its middle and around it."""
        placed = self.slide.placed
        plan, findings = self._plan()
        findings += self._check_tiles(plan)
        n_channels, dtype = self._find_values(plan)
        unit = "micrometer" if placed.frame.pixel_size_um is not None else None
        space = tuple(Axis(name=name, type="space", unit=unit) for name in "yx")
        axes = space if self.is_labels else (Axis(name="c", type="channel"), *space)
        shape = (plan.height, plan.width) if self.is_labels else (n_channels, plan.height, plan.width)
        scale = placed.frame.scale
        with closing(self._open(plan)) as pixels:
            chunk = pixels.chunk_shape_tczyx[3:]
            level = Level(
                path=self.key,
                shape=shape,
                chunk_shape=(*shape[:-2], *chunk),
                scale=(1.0,) * (len(shape) - 2) + (scale, scale),
                translation=(0.0,) * len(shape),
            )
            affine = (scale, 0.0, plan.left_px * scale, 0.0, scale, plan.top_px * scale)
            placements = (Placement(coordinate_system=self.slide.system, affine_xy=affine),)
            common: dict[str, Any] = {
                "name": self.name, "path": self.key, "axes": axes, "dtype": dtype, "levels": (level,),
                "placements": placements,
            }  # fmt: skip
            if self.is_labels:
                return Described(element=LabelsElement(**common), findings=tuple(findings))
            array = IndexedPixels(pixels, axes, shape)
            is_rgb = n_channels == 3 and dtype == "uint8"
            sample = None if is_rgb else read_sample(PlaneReader(array=array, shape=shape, axes=axes))
        windows = [None] * n_channels if sample is None else measure_windows(sample)
        known = RGB_CHANNELS if is_rgb else tuple(Channel(name=f"Channel {i}") for i in range(n_channels))
        channels = tuple(
            Channel(name=own.name, window=window, color_rgb=own.color_rgb or choose_color(own, i, n_channels))
            for i, (own, window) in enumerate(zip(known, windows, strict=True))
        )
        element = ImageElement(**common, channels=channels, is_rgb=is_rgb)
        return Described(element=element, findings=tuple(findings))

    def open_pixels(self) -> PixelSource:
        """The mosaic."""
        return self._open(self._plan()[0])

    def _plan(self) -> tuple[MosaicPlan, list[Finding]]:
        placed = self.slide.placed
        pictures, findings = self.slide.measure_pictures(self.kind)
        lost = sorted(fov for fov in pictures if fov not in placed.frame.origins)
        if not pictures:
            raise UnreadableError(
                "pictures-unreadable", f"No picture in {self.key} can be read. {findings[0].message}", findings=findings
            )
        if lost:
            findings.append(_tell_unplaced(self.key, lost))
        pictures, differing = (pictures, []) if self.is_labels else _choose_alike(pictures)
        findings += [_tell_differing(self.key, fov) for fov in differing]
        return plan_mosaic(pictures, placed.frame, placed.rows_run), findings

    def _find_values(self, plan: MosaicPlan) -> tuple[int, str]:
        if self.is_labels:
            return 1, LABELS_DTYPE
        most = max(tile.shape.n_samples for tile in plan.tiles)
        return (3 if most >= 3 else 1), plan.tiles[0].shape.dtype

    def _open(self, plan: MosaicPlan) -> MosaicPixels:
        n_channels, dtype = self._find_values(plan)
        is_numbered = self.kind == "CellLabels"
        return MosaicPixels(plan, n_channels, dtype, is_labels=self.is_labels, is_numbered=is_numbered)

    def _check_tiles(self, plan: MosaicPlan) -> list[Finding]:
        findings = []
        floats = [tile for tile in plan.tiles if tile.shape.dtype.startswith("float")]
        alphas = [tile for tile in plan.tiles if tile.shape.n_samples in {2, 4}]
        if self.is_labels and floats:
            told = (
                f"{len(floats)} label images of {self.key} hold floating-point numbers; they are read as whole numbers."
            )
            findings.append(_tell(self.key, "labels-float", told))
        if not self.is_labels and alphas:
            told = f"{len(alphas)} pictures of {self.key} have a transparency channel, which is left away."
            findings.append(_tell(self.key, "alpha-dropped", told))
        return findings


def _choose_alike(pictures: Any) -> tuple[Any, list[int]]:
    """Pictures of the type of pixels that most have, and the numbers of the others."""
    kinds = {
        fov: shape.dtype[0] if shape.dtype.startswith("float") else shape.dtype for fov, (_, shape) in pictures.items()
    }
    common = Counter(kinds.values()).most_common(1)[0][0]
    alike = {fov: own for fov, own in pictures.items() if kinds[fov] == common}
    return alike, [fov for fov in pictures if fov not in alike]


def _tell(key: str, code: str, message: str) -> Finding:
    return Finding(code=code, severity="info", path=f"{key}#", message=message)


def _tell_unplaced(key: str, fovs: list[int]) -> Finding:
    return Finding(
        code="fov-unplaced",
        severity="warning",
        path=f"{key}#",
        message=f"Nothing says where field of view {', '.join(map(str, fovs[:12]))} lies; its picture is left out.",
        fix="Add its line to the positions file.",
    )


def _tell_differing(key: str, fov: int) -> Finding:
    return Finding(
        code="pictures-differ",
        severity="error",
        path=f"{key}#",
        message=f"The picture of field of view {fov} has another type of pixels than the others; it is left out.",
    )
