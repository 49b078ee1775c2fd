"""The pictures of a Visium HD slide: full resolution, and two smaller ones with their scale factors.

Source: https://www.10xgenomics.com/support/software/space-ranger/latest/analysis/outputs/spatial-outputs
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vitrina.simulate.histology import build_he
from vitrina.simulate.texture import build_texture

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.simulate.specimen import Specimen

HIRES_SIDE_PX = 400
LOWRES_SIDE_PX = 100
"""Space Ranger makes 6,000 and 600 of them; sections in tests are smaller."""

FIDUCIAL_UM = 330.0
TILE_PX = 256


def write_slide_images(specimen: Specimen, folder: Path) -> dict[str, float]:
    """The images below a folder; the scale factors."""
    import numpy as np
    import tifffile
    from PIL import Image

    pixels = np.ascontiguousarray(build_he(specimen, build_texture(specimen)).transpose(1, 2, 0))
    longest = max(pixels.shape[:2])
    (folder / "spatial").mkdir()
    (folder / "microscope_image").mkdir()
    options: Any = {"tile": (TILE_PX, TILE_PX), "photometric": "rgb", "compression": "zlib"}
    tifffile.imwrite(folder / "microscope_image" / "section_he.tif", pixels, **options)
    picture = Image.fromarray(pixels)
    factors = {"fiducial_diameter_fullres": FIDUCIAL_UM / specimen.parameters.pixel_size_um}
    for name, side in (("hires", HIRES_SIDE_PX), ("lowres", LOWRES_SIDE_PX)):
        factor = side / longest
        shape = tuple(round(size * factor) for size in picture.size)
        picture.resize(shape, Image.Resampling.BOX).save(folder / "spatial" / f"tissue_{name}_image.png")
        factors[f"tissue_{name}_scalef"] = factor
    factors["regist_target_img_scalef"] = factors["tissue_hires_scalef"]
    (folder / "spatial" / "scalefactors_json.json").write_text(json.dumps(factors), encoding="utf-8")
    return factors
