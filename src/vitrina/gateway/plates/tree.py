"""A plate as a tree of Zarr keys: its fields of view each on its own, and all of them as one image beside them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from vitrina.gateway.plates.known import MOSAIC
from vitrina.gateway.tree import VirtualTree
from vitrina.gateway.zarr.consolidated import V2_KEY, V3_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.gateway.plates.fields import Raster
    from vitrina.gateway.tree import Found

_DOCUMENTS = frozenset({".zattrs", V2_KEY, V3_KEY})
"""What they say is completed, for which the fields are listed and described; that takes a while."""


class PlateTree(VirtualTree):
    """A VirtualTree.

    The plate itself does not tell what lies below it, the mosaic and thousands of fields; wells and fields do.

    Args:
        root: Has the keys of the plate's own group, without a copy of what lies below.
        fields: Has those of rows, wells and fields.
        open_mosaic: Describes the mosaic, and makes its tree.
    """

    def __init__(
        self, root: VirtualTree, fields: VirtualTree, open_mosaic: Callable[[], tuple[Raster, VirtualTree]]
    ) -> None:
        self.etag = fields.etag
        self._root = root
        self._fields = fields
        self._open_mosaic = open_mosaic
        self._mosaic: tuple[Raster, VirtualTree] | None = None
        self._lock = Lock()

    def find(self, key: str) -> Found:
        first, _, rest = key.partition("/")
        if key == V2_KEY:
            return None
        if first != MOSAIC:
            tree = self._fields if rest else self._root
            is_document = key.rpartition("/")[2] in _DOCUMENTS
            return partial(tree.read, key) if is_document else tree.find(key)
        mosaic = self._mosaic
        return partial(self._read_mosaic, rest) if mosaic is None else mosaic[1].find(rest)

    def describe_mosaic(self) -> Raster:
        """The mosaic as an element of the dataset.

        Raises:
            UnreadableError: The dataset is damaged.
            UnsupportedError: Its fields cannot be shown as one image.
        """
        return replace(self._get_mosaic()[0], path=MOSAIC)

    def _read_mosaic(self, key: str) -> bytes | None:
        return self._get_mosaic()[1].read(key)

    def _get_mosaic(self) -> tuple[Raster, VirtualTree]:
        with self._lock:
            if self._mosaic is None:
                self._mosaic = self._open_mosaic()
            return self._mosaic
