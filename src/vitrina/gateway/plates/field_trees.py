"""The wells and fields of a plate that is stored in any other way than as OME-Zarr."""

from __future__ import annotations

import json
from collections import OrderedDict
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from vitrina.gateway.hierarchy import Hierarchy, VirtualArray
from vitrina.gateway.images.open import add_image
from vitrina.gateway.tree import VirtualTree
from vitrina.gateway.zarr.consolidated import V2_KEY, V3_KEY, drop_copy
from vitrina.ngff.plate import build_well_block
from vitrina.ngff.v04.plate import build_plate, build_well
from vitrina.readers.open_plate import describe_plate

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.gateway.chunk_cache import ChunkCache
    from vitrina.gateway.plates.fields import PlateFields
    from vitrina.gateway.tree import Found

MAX_OPEN = 8
"""Trees of fields that are kept open; each may hold dozens of files."""

_WELLS = ""


class FieldTrees(VirtualTree):
    """A VirtualTree of the plate; the tree of each field is made when it is needed.

    Args:
        fields: What the plate holds.
        etag: See VirtualTree.
        zarr_format: In which it is served.
    """

    def __init__(
        self, fields: PlateFields, *, etag: str, zarr_format: Literal[2, 3], cache: ChunkCache | None = None
    ) -> None:
        self.etag = etag if zarr_format == 2 else f"{etag}-{zarr_format}"
        self._fields = fields
        self._own_etag = etag
        self._build = partial(Hierarchy, zarr_format=zarr_format, cache=cache)
        self._lock = Lock()
        self._open: OrderedDict[str, Hierarchy] = OrderedDict()

    def find(self, key: str) -> Found:
        return partial(self._read, key)

    def _read(self, key: str) -> bytes | None:
        parts = key.split("/", 3)
        if len(parts) < 4:
            return _drop_copy(key, self._keep(_WELLS, self._build_wells).read(key))
        path = "/".join(parts[:3])
        if path not in self._fields.names:
            return None
        return self._keep(path, partial(self._build_field, path)).read(parts[3])

    def _keep(self, path: str, build: Callable[[], Hierarchy]) -> Hierarchy:
        """The tree that was kept, else one made now; the one that was used longest ago is forgotten."""
        with self._lock:
            tree = self._open.pop(path, None)
        tree = tree or build()
        with self._lock:
            self._open[path] = tree
            while len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
        return tree

    def _build_field(self, path: str) -> Hierarchy:
        element = self._fields[path]
        groups: dict[str, dict[str, Any]] = {}
        arrays: dict[str, VirtualArray] = {}
        add_image(groups, arrays, element, partial(self._fields.open_pixels, element), self._fields.where)
        prefix = f"{path}/"
        return self._build(
            etag=f"{self._own_etag}/{path}",
            groups={"": groups[path]},
            arrays={name.removeprefix(prefix): array for name, array in arrays.items()},
        )

    def _build_wells(self) -> Hierarchy:
        plate = self._fields.plate
        wells: dict[str, list[tuple[str, int]]] = {}
        for one in plate.fields:
            wells.setdefault(f"{one.row}/{one.column}", []).append((one.name, one.acquisition))
        groups: dict[str, dict[str, Any]] = {"": build_plate(describe_plate(plate))}
        groups |= {row: {} for row in plate.rows}
        groups |= {path: build_well(build_well_block(listed)) for path, listed in wells.items()}
        return self._build(etag=self._own_etag, groups=groups, arrays={})


def _drop_copy(key: str, value: bytes | None) -> bytes | None:
    """A group's document without a copy of what lies below it, which lacks the fields."""
    name = key.rpartition("/")[2]
    if value is None or name not in {V2_KEY, V3_KEY}:
        return value
    if name == V2_KEY:
        return None
    return json.dumps(drop_copy(json.loads(value))).encode()
