"""Which datasets are plates, and where the mosaic of one is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.content import Content

MOSAIC = "mosaic"
"""Path of the mosaic below the plate. Rows of plates are called by one or two letters."""

_FIRST_ONLY = "plate-first-field"


def is_plate(content: Content) -> bool:
    """Whether the only element stands for all fields of a plate, as readers tell it."""
    return any(finding.code == _FIRST_ONLY for finding in content.findings)
