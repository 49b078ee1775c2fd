"""The groups of a plate, of its rows and of its wells."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vitrina.convert.zarr.groups import write_group
from vitrina.ngff.plate import build_plate_block, build_well_block
from vitrina.ngff.v04 import plate as plate_v04
from vitrina.ngff.v05 import plate as plate_v05

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from vitrina.convert.zarr.groups import Version
    from vitrina.model.plate import Plate


def write_plate_groups(root: Path, plate: Plate, version: Version) -> None:
    """Write them.

    Args:
        root: Of the hierarchy.
        plate: What it holds.
        version: Of OME-Zarr.
    """
    ngff = plate_v04 if version == "0.4" else plate_v05
    for row in plate.rows:
        write_group(root / row, {}, version)
    for (row, column), fields in plate.wells.items():
        block = build_well_block([(field.name, field.acquisition) for field in fields])
        write_group(root / row / column, ngff.build_well(block), version)
    write_group(root, ngff.build_plate(build_plate(plate)), version)


def build_plate(plate: Plate) -> dict[str, Any]:
    """What the plate's group says, without the version."""
    per_well = [Counter(field.acquisition for field in fields) for fields in plate.wells.values()]
    return build_plate_block(
        plate.name,
        rows=plate.rows,
        columns=plate.columns,
        wells=list(plate.wells),
        acquisitions=[
            (one.number, one.name, max((counts[one.number] for counts in per_well), default=0) or 1)
            for one in plate.acquisitions
        ],
        field_count=max((len(fields) for fields in plate.wells.values()), default=0),
    )
