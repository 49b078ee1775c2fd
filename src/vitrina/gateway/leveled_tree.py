"""A stored Zarr tree whose images the viewer cannot draw as they lie are served anew.

Images without coarser levels get some, made while they are read, and numbers for which the viewer has no texture become
others. All levels of such an image are served anew: the viewer wants chunks of one size at every level.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vitrina.gateway.images.plan import MAX_FLAT_PIXELS, SERVED_DTYPES, SMALLEST_LEVEL_PX
from vitrina.gateway.tree import VirtualTree
from vitrina.model.content import ImageElement, LabelsElement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from vitrina.gateway.consolidated_tree import ListsFolders
    from vitrina.gateway.tree import Found
    from vitrina.model.content import Content

    type Raster = ImageElement | LabelsElement

_DOCUMENTS = (".zattrs", "zarr.json")
_LARGEST_COARSEST_PX = 2 * SMALLEST_LEVEL_PX

_WITHOUT_TEXTURE = SERVED_DTYPES.keys() - {"float64"}
"""Types of pixels that the viewer does not draw; it narrows floats of 64 bits itself."""


def find_unready(content: Content) -> tuple[Raster, ...]:
    """The images and label images whose coarsest level is too large to be looked at as a whole, or of such a type.

    What has more pixels than can be read while one waits stays as it is stored.
    """
    rasters = (element for element in content.elements if isinstance(element, ImageElement | LabelsElement))
    return tuple(element for element in rasters if _is_unready(element))


def _is_unready(element: Raster) -> bool:
    sides = _measure_plane(element)
    if sides is None or (max(sides) > SMALLEST_LEVEL_PX and sides[0] * sides[1] > MAX_FLAT_PIXELS):
        return False
    return max(sides) > _LARGEST_COARSEST_PX or element.dtype in _WITHOUT_TEXTURE


def _measure_plane(element: Raster) -> tuple[int, int] | None:
    """Rows and columns of the coarsest level, None where it has other axes."""
    sizes = dict(zip((axis.name for axis in element.axes), element.levels[-1].shape, strict=True))
    return (sizes["y"], sizes["x"]) if {"y", "x"} <= sizes.keys() <= set("tczyx") else None


class LeveledTree(VirtualTree):
    """A VirtualTree that takes some images of another from a third.

    Args:
        tree: All that is stored.
        images: The images with all of their levels, each at its own path.
        paths: Of these images.
        stored: The bytes below the tree, to list their folders.
    """

    def __init__(self, tree: VirtualTree, images: VirtualTree, paths: Collection[str], stored: ListsFolders) -> None:
        self.etag = tree.etag
        self._tree = tree
        self._images = images
        self._stored = stored
        self._levels = {path: frozenset(self._list_levels(path)) for path in paths}

    def find(self, key: str) -> Found:
        path, _, name = key.rpartition("/")
        if path in self._levels and name in _DOCUMENTS:
            return self._describe(key)
        return self._images.find(key) if self._is_level(path) else self._tree.find(key)

    def list_folders(self, path: str) -> list[str]:
        """Names of the folders below a path, those of levels that are made among them."""
        return sorted({*self._stored.list_folders(path), *self._levels.get(path, ())})

    def _is_level(self, path: str) -> bool:
        """Whether a folder is an array of one of the images, or lies in it."""
        parts = path.split("/")
        return any(parts[at] in self._levels.get("/".join(parts[:at]), ()) for at in range(len(parts)))

    def _list_levels(self, path: str) -> Iterable[str]:
        for name in _DOCUMENTS:
            document = self._images.read(f"{path}/{name}" if path else name)
            if document is not None:
                return [str(dataset["path"]) for dataset in _find_multiscale(json.loads(document))["datasets"]]
        return ()

    def _describe(self, key: str) -> bytes | None:
        """The attributes of an image: what is stored of it, with the levels that are served."""
        stored, served = self._tree.read(key), self._images.read(key)
        if stored is None or served is None:
            return stored
        document, made = json.loads(stored), json.loads(served)
        multiscale = _find_multiscale(made)
        _find_multiscale(document).update({name: multiscale[name] for name in ("axes", "datasets")})
        return json.dumps(document).encode()


def _find_multiscale(document: dict[str, Any]) -> dict[str, Any]:
    """The first multiscale image of a group, by its document or its attributes alone."""
    attrs = document.get("attributes", document)
    multiscale: dict[str, Any] = attrs.get("ome", attrs)["multiscales"][0]
    return multiscale
