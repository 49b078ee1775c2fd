"""The groups of a plate, of its rows and of its wells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.convert.zarr.groups import write_group
from vitrina.ngff.plate import build_well_block
from vitrina.ngff.v04 import plate as plate_v04
from vitrina.ngff.v05 import plate as plate_v05
from vitrina.readers.open_plate import describe_plate

if TYPE_CHECKING:
    from pathlib import Path

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
    write_group(root, ngff.build_plate(describe_plate(plate)), version)
