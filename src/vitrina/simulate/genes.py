"""The gene panel: which genes exist, and which cells and places express them.

All symbols are approved HGNC symbols. Which cell types express them is textbook knowledge; the levels are made up.

Source: https://www.genenames.org/ (symbols).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal

type Place = Literal["everywhere", "hypoxia", "interferon", "tumour"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Genes that are switched on together.

    Attributes:
        genes: Strongest first.
        levels: Expression by short name of the cell type, relative to 1.0 in the types that define the program.
        place: What the expression depends on beside the type: how near necrosis, immune aggregates or tumour nests are.
        bursts: Whether only some of the cells have it on at any time, as with the cell cycle.
    """

    genes: tuple[str, ...]
    levels: dict[str, float] = field(default_factory=dict)
    place: Place = "everywhere"
    bursts: bool = False


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_IMMUNE = {"macrophage": 0.8, "cd4": 1.0, "cd8": 1.0, "b": 1.0, "plasma": 0.4}

PROGRAMS = (
    Program(
        genes=_split("EPCAM KRT8 KRT18 KRT19 CDH1 KRT7 CLDN4 MUC1 ELF3 CLDN3 SPINT2 TACSTD2 AGR2 ESRP1 CLDN7"),
        levels={"malignant": 1.0, "epithelial": 0.9, "myoepithelial": 0.12},
    ),
    Program(
        genes=_split(
            "ERBB2 ESR1 GATA3 FOXA1 TFF1 XBP1 TFF3 CCND1 ANKRD30A TRPS1 GREB1 PGR SCD FASN CEACAM6 STC2 MLPH CA12"
        ),
        levels={"malignant": 1.0, "epithelial": 0.15},
    ),
    Program(
        genes=_split("LTF SLPI PIGR KIT ALDH1A3 ELF5 WFDC2 LCN2 KRT15 PROM1 MMP7 KRT23"),
        levels={"epithelial": 1.0, "malignant": 0.04},
    ),
    Program(
        genes=_split("KRT14 KRT5 KRT17 TP63 OXTR ACTG2 CNN1 KRT6B DST SFN MYLK LAMB3"),
        levels={"myoepithelial": 1.0, "epithelial": 0.06},
    ),
    Program(
        genes=_split("ACTA2 TAGLN MYL9 TPM2 MYH11 CALD1"),
        levels={"pericyte": 1.0, "myoepithelial": 0.8, "fibroblast": 0.12},
    ),
    Program(
        genes=_split(
            "COL1A1 LUM COL3A1 DCN COL1A2 PDGFRA SFRP2 FBLN1 MMP2 CCDC80 APOD IGF1 CXCL12 DPT PCOLCE BGN SPARC"
        ),
        levels={"fibroblast": 1.0, "pericyte": 0.12, "adipocyte": 0.05},
    ),
    Program(
        genes=_split("POSTN FAP COL11A1 CTHRC1 MMP11 COL10A1 SULF1 INHBA"), levels={"fibroblast": 1.4}, place="tumour"
    ),
    Program(genes=_split("ADIPOQ PLIN1 FABP4 PLIN4 LPL LEP CIDEC G0S2 LIPE PPARG AQP7"), levels={"adipocyte": 1.0}),
    Program(
        genes=_split(
            "PECAM1 VWF CDH5 CLDN5 PLVAP KDR EGFL7 ENG ESAM EMCN TIE1 CD34 ACKR1 RAMP2 AQP1 MMRN2 FLT1 CLEC14A"
        ),
        levels={"endothelial": 1.0},
    ),
    Program(
        genes=_split("RGS5 PDGFRB NOTCH3 MCAM CSPG4 NDUFA4L2 KCNJ8 ABCC9 HIGD1B COX4I2"),
        levels={"pericyte": 1.0, "fibroblast": 0.05},
    ),
    Program(
        genes=_split(
            "CD68 CD163 C1QA LYZ CD14 C1QB APOE AIF1 C1QC TYROBP FCER1G MS4A7 CSF1R MRC1 SPP1 FCGR3A CD86 ITGAX VSIG4 "
            "MS4A4A FOLR2 TREM2 HAVCR2"
        ),
        levels={"macrophage": 1.0},
    ),
    Program(
        genes=_split("CD74 HLA-DRA HLA-DRB1 HLA-DPA1 HLA-DPB1"),
        levels={"macrophage": 1.0, "b": 0.8, "endothelial": 0.15, "cd8": 0.1},
    ),
    Program(genes=_split("PTPRC CD52 CORO1A CD53 LAPTM5"), levels=_IMMUNE),
    Program(genes=_split("CD3E TRAC CD3D CD2 CD3G CD5 CD247 LCK CD6 CD27"), levels={"cd4": 1.0, "cd8": 1.0}),
    Program(genes=_split("CD4 IL7R CCR7 FOXP3 TCF7 CTLA4 SELL LEF1 IL2RA ICOS CD40LG TNFRSF4"), levels={"cd4": 1.0}),
    Program(
        genes=_split("CD8A GZMK CCL5 NKG7 CD8B GZMB GZMA PRF1 CST7 GNLY PDCD1 LAG3 KLRD1 TIGIT IFNG EOMES"),
        levels={"cd8": 1.0},
    ),
    Program(
        genes=_split("MS4A1 CD79A CD19 BANK1 CD79B PAX5 CR2 CD22 TCL1A BLK CXCR5 FCER2 VPREB3 SPIB BCL6"),
        levels={"b": 1.0, "plasma": 0.06},
    ),
    Program(
        genes=_split("IGKC JCHAIN MZB1 IGHG1 IGHA1 DERL3 TNFRSF17 SDC1 FKBP11 PRDM1 CD38 IGHM SLAMF7"),
        levels={"plasma": 1.2, "b": 0.08},
    ),
    Program(
        genes=_split("CXCL13 CCL19 CCL21 LTB"),
        levels={"cd4": 1.0, "fibroblast": 0.8, "b": 0.4, "endothelial": 0.3},
        place="interferon",
    ),
    Program(
        genes=_split("CA9 VEGFA NDRG1 ADM SLC2A1 ANGPTL4 EGLN3 BNIP3 LDHA PDK1 PGK1 ANKRD37 P4HA1"),
        levels={"malignant": 2.2, "macrophage": 0.7, "fibroblast": 0.4, "endothelial": 0.3, "cd8": 0.2},
        place="hypoxia",
    ),
    Program(
        genes=_split("ISG15 CXCL9 CXCL10 IFI6 STAT1 IFIT1 MX1 IFIT3 GBP1 IRF1 IDO1 OAS1 CXCL11 IFI27 BST2"),
        levels={
            "malignant": 1.0,
            "macrophage": 1.2,
            "endothelial": 0.7,
            "fibroblast": 0.6,
            "cd8": 0.5,
            "epithelial": 0.5,
        },
        place="interferon",
    ),
    Program(
        genes=_split("MKI67 TOP2A STMN1 CCNB1 CDK1 BIRC5 PCNA UBE2C CENPF TYMS RRM2 AURKA"),
        levels={"malignant": 1.6, "b": 0.5, "cd8": 0.3, "epithelial": 0.05},
        bursts=True,
    ),
)

NUCLEAR_GENES = ("MALAT1", "NEAT1", "XIST")
"""Long non-coding RNAs that stay in the nucleus."""

HOUSEKEEPING = _split(
    "MALAT1 ACTB B2M GAPDH EEF1A1 TMSB4X FTH1 RPLP0 NEAT1 VIM XIST TPT1 UBC RPS18 RPL13A HSP90AA1 HSPA8 PPIA TUBA1B "
    "CALM1 YWHAZ HLA-A HLA-B HLA-C RPL11 RPS6 RPL5 EIF4A1 NPM1 HNRNPA1 SRSF3 DDX5 CFL1 PFN1 ARPC2 GNB1 PKM ALDOA TPI1 "
    "ENO1 ATP5F1B COX4I1 NDUFB8 SDHA UQCRC1 CYCS SOD1 PRDX1 TXN GPX4 SQSTM1 JUN FOS EGR1 IER2 ATF4 DDIT3 HSPA1A HSPB1 "
    "DNAJB1 CDKN1A TP53 RB1 PTEN KRAS PIK3CA AKT1 MTOR MAPK1 BRAF EGFR"
)


def _build_panel() -> tuple[str, ...]:
    ranked = [gene for rank in zip_longest(*(program.genes for program in PROGRAMS)) for gene in rank if gene]
    return (*ranked, *HOUSEKEEPING)


PANEL = _build_panel()
"""All genes: the strongest marker of each program, then the second ones, and so on; then what every cell expresses."""
