"""What ``experiment.xenium`` says of the whole run.

Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-understanding-outputs
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.finding import Finding
from vitrina.readers.tenx.bundle import get_number, read_json, tell_missing

if TYPE_CHECKING:
    from vitrina.readers.tenx.bundle import Bundle

EXPERIMENT = "experiment.xenium"
PIXEL_SIZE_UM = 0.2125
"""Of all instruments so far, where the run does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """The size of a pixel, the version of the software, and what is missing."""

    pixel_size_um: float
    version: str | None
    findings: tuple[Finding, ...]


def read_experiment(bundle: Bundle) -> Experiment:
    """What is known of the run; without its file, pixels have the size that all instruments have."""
    path = bundle.find(EXPERIMENT)
    if path is None:
        missing = tell_missing(
            EXPERIMENT, f"pixels of images are taken to be {PIXEL_SIZE_UM} µm wide, and no version is known"
        )
        return Experiment(pixel_size_um=PIXEL_SIZE_UM, version=None, findings=(missing,))
    try:
        stated = read_json(path)
    except UnreadableError as err:
        damaged = Finding(
            code=err.code,
            severity="error",
            path=f"{bundle.name(path)}#",
            message=f"{err.message} Pixels of images are taken to be {PIXEL_SIZE_UM} µm wide.",
            fix=err.hint,
        )
        return Experiment(pixel_size_um=PIXEL_SIZE_UM, version=None, findings=(damaged,))
    size = get_number(stated, "pixel_size")
    guessed = Finding(
        code="pixel-size-guessed",
        severity="warning",
        path=f"{bundle.name(path)}#/pixel_size",
        message=f"{bundle.name(path)} states no pixel_size; {PIXEL_SIZE_UM} µm is taken, as of all instruments so far.",
    )
    return Experiment(
        pixel_size_um=size or PIXEL_SIZE_UM, version=_find_version(stated), findings=() if size else (guessed,)
    )


def _find_version(stated: dict[str, Any]) -> str | None:
    """That of Xenium Ranger where it made the files anew, else that of the onboard analysis."""
    ranger = stated.get("xenium_ranger")
    text = ranger.get("version") if isinstance(ranger, dict) else stated.get("analysis_sw_version")
    match = re.search(r"\d+(?:\.\d+)+", text) if isinstance(text, str) else None
    return match[0] if match else None
