"""A virtual tree as a store of zarr-python, which asks for keys as a client over HTTP does and cannot list folders."""

from __future__ import annotations

from zarr.abc.store import OffsetByteRequest, RangeByteRequest, Store, SuffixByteRequest


class TreeStore(Store):
    """The values of a virtual tree, and a list of the keys that were asked for."""

    supports_writes = False
    supports_deletes = False
    supports_listing = False

    def __init__(self, tree):
        super().__init__(read_only=True)
        self._tree = tree
        self.asked = []

    def __eq__(self, other):
        return isinstance(other, TreeStore) and other._tree is self._tree

    def __hash__(self):
        return id(self._tree)

    async def get(self, key, prototype, byte_range=None):
        self.asked.append(key)
        value = await self._tree.get(key)
        if value is None:
            return None
        match byte_range:
            case RangeByteRequest():
                value = value[byte_range.start : byte_range.end]
            case OffsetByteRequest():
                value = value[byte_range.offset :]
            case SuffixByteRequest():
                value = value[-byte_range.suffix :]
        return prototype.buffer.from_bytes(value)

    async def get_partial_values(self, prototype, key_ranges):
        return [await self.get(key, prototype, byte_range) for key, byte_range in key_ranges]

    async def exists(self, key):
        return await self._tree.get(key) is not None

    async def set(self, key, value):
        raise NotImplementedError

    async def delete(self, key):
        raise NotImplementedError

    def list(self):
        raise NotImplementedError

    def list_prefix(self, prefix):
        raise NotImplementedError

    def list_dir(self, prefix):
        raise NotImplementedError
