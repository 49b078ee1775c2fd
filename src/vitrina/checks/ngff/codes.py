"""Every code that the OME-Zarr checker gives, how bad it is, what it means, and where the specification says so.

``docs/reference/findings-ngff.md`` is made from this table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.ngff.codes_image import IMAGE
from vitrina.checks.ngff.codes_plate import PLATE
from vitrina.checks.ngff.codes_store import STORE
from vitrina.checks.ngff.codes_transform import TRANSFORM

if TYPE_CHECKING:
    from vitrina.checks.ngff.code import Code

GROUPS: dict[str, dict[str, Code]] = {
    "The store": STORE,
    "Images and labels": IMAGE,
    "Transformations and scenes": TRANSFORM,
    "Plates, wells and collections": PLATE,
}

CODES: dict[str, Code] = {code: meaning for group in GROUPS.values() for code, meaning in group.items()}
