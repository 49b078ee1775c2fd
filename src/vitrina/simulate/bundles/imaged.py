"""What bundles of imaging instruments have in common: the section as it was imaged, and a folder that appears whole."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError, StorageError
from vitrina.readers.vendor.bundle import DECLARATION
from vitrina.simulate.fluorescence import build_fluorescence
from vitrina.simulate.genes import PANEL
from vitrina.simulate.specimen import build_specimen
from vitrina.simulate.texture import build_texture
from vitrina.simulate.transcripts import build_transcripts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vitrina.simulate.arrays import Ints
    from vitrina.simulate.section import SectionParameters
    from vitrina.simulate.specimen import Specimen
    from vitrina.simulate.transcripts import Transcripts

GENERATOR = "vitrina.simulate"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagedSection:
    """A section after imaging.

    Attributes:
        specimen: The tissue.
        transcripts: Its molecules.
        image_cyx: Its fluorescence, in the order of ``fluorescence.CHANNELS``.
    """

    specimen: Specimen
    transcripts: Transcripts
    image_cyx: Ints

    @property
    def genes(self) -> tuple[str, ...]:
        """The panel."""
        return tuple(PANEL[: self.specimen.parameters.n_genes])


def build_imaged_section(parameters: SectionParameters) -> ImagedSection:
    """Grow, probe and image the tissue."""
    specimen = build_specimen(parameters)
    return ImagedSection(
        specimen=specimen,
        transcripts=build_transcripts(specimen),
        image_cyx=build_fluorescence(specimen, build_texture(specimen)),
    )


@contextmanager
def writing_bundle(path: Path, parameters: SectionParameters) -> Iterator[Path]:
    """A folder to write into, which takes its place at the end and declares its data as simulated.

    Raises:
        ConflictError: There is something at the path.
        StorageError: The disk is full, or may not be written to.
    """
    if path.exists():
        raise ConflictError(
            "path-exists",
            f"Cannot write the simulated dataset: {path} exists.",
            hint="Choose another path.",
            where=str(path),
        )
    unfinished = path.with_name(f".{path.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        declared = {"simulated": True, "generator": GENERATOR, "parameters": parameters.build_json()}
        (unfinished / DECLARATION).write_text(json.dumps(declared, indent=2) + "\n", encoding="utf-8")
        unfinished.rename(path)
    except BaseException as err:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(err, OSError):
            raise StorageError(
                "section-not-written", f"The simulated dataset could not be written to {path}: {err}.", where=str(path)
            ) from err
        raise
