"""Groups and arrays of a Zarr hierarchy, version 2 or 3.

Source: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html and
https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vitrina.checks.formats.nodes.node import BrokenNodeError, join
from vitrina.errors import VitrinaError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from vitrina.readers.zarr_tree import ArrayInfo, ZarrTree


class ZarrNode:
    """A group or array.

    Args:
        tree: The hierarchy that it lies in.
        path: Where.
    """

    def __init__(self, tree: ZarrTree, path: str = "") -> None:
        self._tree = tree
        self.path = path

    @cached_property
    def _info(self) -> ArrayInfo | None:
        with _guarding(self.path):
            info = self._tree.find_array(self.path)
            if info is not None and any(size < 0 for size in (*info.shape, *(info.chunk_shape or ()))):
                raise ValueError(f"negative sizes in {info.shape} or {info.chunk_shape}")
            return info

    @cached_property
    def is_group(self) -> bool:
        return self._info is None

    @cached_property
    def attrs(self) -> Mapping[str, Any]:
        with _guarding(self.path):
            return self._tree.read_attrs(self.path)

    @property
    def shape(self) -> tuple[int, ...]:
        return () if self._info is None else self._info.shape

    @property
    def dtype(self) -> str:
        return "object" if self._info is None else self._info.dtype

    @property
    def chunk_shape(self) -> tuple[int, ...] | None:
        return None if self._info is None else self._info.chunk_shape

    def list_names(self) -> list[str]:
        if not self.is_group:
            return []
        with _guarding(self.path):
            return self._tree.list_groups(self.path)

    def find(self, name: str) -> ZarrNode | None:
        path = join(self.path, name)
        if not name or name in {".", ".."} or "/" in name:
            return None
        with _guarding(path):
            if not self._tree.has_node(path):
                return None
            node = ZarrNode(self._tree, path)
            if node.is_group and not self._is_group(path):
                fix = "Write the dataset again; a file such as .zgroup or zarr.json was lost or is wrong."
                message = f"{path} has Zarr metadata, but none that says whether it is a group or an array."
                raise BrokenNodeError("node-type-missing", path, message, fix=fix)
            return node

    def read(self, start: int, stop: int) -> npt.NDArray[Any]:
        import numpy as np

        with _guarding(self.path):
            array = self._tree.open_array(self.path)
            values = np.asarray(array[start:stop] if array.shape else array[()])
            return values.astype(object) if self.dtype == "string" else values

    def _is_group(self, path: str) -> bool:
        import json

        if self._tree.format == 2:
            return self._tree.tree.get(join(path, ".zgroup")) is not None
        stated = json.loads(self._tree.tree.get(join(path, "zarr.json")) or b"{}")
        return isinstance(stated, dict) and stated.get("node_type") == "group"


@contextmanager
def _guarding(path: str) -> Iterator[None]:
    """Whatever zarr-python and the codecs raise for damaged bytes becomes a BrokenNodeError."""
    try:
        yield
    except BrokenNodeError:
        raise
    except VitrinaError as err:
        raise BrokenNodeError("element-unreadable", path, err.message, fix=err.hint) from err
    except Exception as err:
        reason = str(err).strip().split("\n", 1)[0][:160].rstrip(".") or type(err).__name__
        message = f"{path or 'the root'} cannot be read: {reason}."
        fix = "The dataset is probably damaged: copy or download it again."
        raise BrokenNodeError("element-unreadable", path, message, fix=fix) from err
