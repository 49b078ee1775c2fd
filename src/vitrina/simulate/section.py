"""What a simulated section is asked to be, and the random numbers that follow from it."""

from __future__ import annotations

import math
import zlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from vitrina.errors import InputError
from vitrina.simulate.genes import PANEL

if TYPE_CHECKING:
    import numpy as np

type Disease = Literal["breast carcinoma", "normal"]

MIN_CELLS = 50
MIN_CELL_AREA_UM2 = 50.0
"""Section area per cell below which the cells would not fit: lymphocytes in a follicle take about 45 um2 each."""
MIN_TRANSCRIPTS = 1_000
MAX_PIXELS = 8_192**2
"""Images this large take about 8 GB of memory while they are made."""
STRUCTURE_WIDTH_UM = 2_048.0
"""Sections smaller than this have proportionally smaller nests, glands and vessels, so that each niche still fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionParameters:
    """All that determines a simulated section; equal parameters give equal data.

    Attributes:
        seed: Any non-negative number.
        n_cells: Exact number of cells.
        n_genes: Size of the gene panel: marker genes first, then genes that every cell has.
        n_transcripts: Exact number of transcripts, in cells and outside of them.
        width_um: Extent along x.
        height_um: Extent along y.
        pixel_size_um: Of the images and the label images.
        donor: Sections of one donor share how much of each niche there is and how the cell types are mixed.
        section: Sections of one donor with different names are different pieces of tissue.
        disease: ``normal`` has no tumour and no necrosis.

    Raises:
        InputError: A value makes no sense; the message says which.
    """

    seed: int = 0
    n_cells: int = 20_000
    n_genes: int = 300
    n_transcripts: int = 1_000_000
    width_um: float = 2_048.0
    height_um: float = 2_048.0
    pixel_size_um: float = 0.5
    donor: str = "D1"
    section: str = "S1"
    disease: Disease = "breast carcinoma"

    def __post_init__(self) -> None:
        _check_numbers(self)
        _check_names(self)

    @property
    def shape_yx(self) -> tuple[int, int]:
        """Height and width of the images in pixels."""
        return round(self.height_um / self.pixel_size_um), round(self.width_um / self.pixel_size_um)

    @property
    def structure_scale(self) -> float:
        """Factor on the size of nests, glands and vessels, 1.0 for sections of ordinary size."""
        return min(1.0, math.sqrt(self.width_um * self.height_um) / STRUCTURE_WIDTH_UM)

    def build_rng(self, step: str) -> np.random.Generator:
        """Random numbers of one step of this section; steps do not disturb each other."""
        return _build_rng(self.seed, self.donor, self.section, self.disease, step)

    def build_donor_rng(self, step: str) -> np.random.Generator:
        """Random numbers of one step that all sections of the donor share."""
        return _build_rng(self.seed, self.donor, step)

    def build_json(self) -> dict[str, Any]:
        """The parameters as JSON values, to be kept with the data."""
        return asdict(self)


def _build_rng(seed: int, *names: str) -> np.random.Generator:
    import numpy as np

    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def _check_numbers(parameters: SectionParameters) -> None:
    p = parameters
    _check_range("seed", p.seed, 0, 2**63 - 1)
    _check_range("pixel_size_um", p.pixel_size_um, 0.1, 2.0)
    for name in ("width_um", "height_um"):
        _check_range(name, getattr(p, name), 100.0, 20_000.0)
        pixels = getattr(p, name) / p.pixel_size_um
        if abs(pixels - round(pixels)) > 1e-6:
            raise _refuse(name, getattr(p, name), f"a multiple of the pixel size, {p.pixel_size_um} um")
    if math.prod(p.shape_yx) > MAX_PIXELS:
        raise _refuse("pixel_size_um", p.pixel_size_um, f"large enough for images of at most {MAX_PIXELS:,} pixels")
    _check_range("n_cells", p.n_cells, MIN_CELLS, int(p.width_um * p.height_um / MIN_CELL_AREA_UM2))
    _check_range("n_genes", p.n_genes, 50, len(PANEL))
    _check_range("n_transcripts", p.n_transcripts, MIN_TRANSCRIPTS, 50_000_000)


def _check_names(parameters: SectionParameters) -> None:
    for name in ("donor", "section"):
        if not getattr(parameters, name).strip():
            raise _refuse(name, getattr(parameters, name), "a name that is not empty")
    diseases = get_args(Disease.__value__)
    if parameters.disease not in diseases:
        raise _refuse("disease", parameters.disease, f"one of {', '.join(map(repr, diseases))}")


def _check_range(name: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:  # also refuses NaN
        raise _refuse(name, value, f"between {lowest:,} and {highest:,}")


def _refuse(name: str, value: object, expected: str) -> InputError:
    return InputError(
        "section-parameter-invalid",
        f"{name} of the simulated section is {value!r}, but must be {expected}.",
        where=name,
    )
