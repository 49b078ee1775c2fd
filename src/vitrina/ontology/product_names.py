"""What vendors call their assays: synonyms that EFO lacks."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PRODUCT_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # https://www.10xgenomics.com/platforms/xenium
        "EFO:0022615": (
            "Xenium Spatial Gene Expression",
            "Xenium In Situ",
            "Xenium In Situ Gene Expression",
            "10x Genomics Xenium",
        ),
        # https://www.10xgenomics.com/products/spatial-gene-expression
        "EFO:0010961": ("10x Genomics Visium",),
        # https://www.10xgenomics.com/products/visium-hd-spatial-gene-expression
        "EFO:0920058": ("10x Visium HD", "10x Genomics Visium HD"),
        # https://vizgen.com/products/
        "EFO:0022956": ("MERSCOPE", "MERSCOPE Ultra"),
        # https://nanostring.com/products/cosmx-spatial-molecular-imager/
        "EFO:0920059": ("CosMx Spatial Molecular Imager", "NanoString CosMx", "Bruker CosMx"),
        # https://www.akoyabio.com/phenocycler/ : CODEX is what it was called until 2022
        "EFO:0700002": ("CODEX", "Akoya CODEX", "Akoya PhenoCycler", "co-detection by indexing"),
        "EFO:0700001": ("PhenoCycler Fusion", "Akoya PhenoCycler-Fusion"),
        # https://curiobioscience.com/seeker/
        "EFO:0920002": ("Curio Seeker 3 mm",),
        "EFO:0920003": ("Curio Seeker 10 mm",),
    }
)
"""By ontology id. A name is here when it means this one assay, is what the vendor prints on the box or in the files of
the instrument, and is neither a name nor a synonym in EFO 3.90.0, in whatever case."""
