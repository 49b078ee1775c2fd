"""How users open an image at an address, one function per program; each tells what it found in the same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    type Window = tuple[slice, ...]


@dataclass(frozen=True, kw_only=True)
class SeenLevel:
    """A level: ``read`` gives the values of a window."""

    shape: tuple[int, ...]
    dtype: str
    read: Callable[[Window], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class SeenImage:
    """An image. What a client does not tell is None.

    Attributes:
        axes: Their letters, in order.
        units: Of the axes.
        scales: Of each level, along each axis.
        channels: Names.
    """

    levels: list[SeenLevel]
    axes: str | None = None
    units: dict[str, str] | None = None
    scales: list[list[float]] | None = None
    channels: list[str] | None = None


def open_with_zarr(url: str) -> SeenImage:
    import zarr

    group = zarr.open_group(url, mode="r")
    ome = group.attrs.get("ome", group.attrs)
    (multiscale,) = ome["multiscales"]
    paths = [dataset["path"] for dataset in multiscale["datasets"]]
    assert set(group.array_keys()) >= set(paths)
    return SeenImage(
        levels=[_see(group[path]) for path in paths],
        axes="".join(axis["name"] for axis in multiscale["axes"]),
        units={axis["name"]: axis["unit"] for axis in multiscale["axes"] if "unit" in axis},
        scales=[dataset["coordinateTransformations"][0]["scale"] for dataset in multiscale["datasets"]],
        channels=[channel["label"] for channel in ome["omero"]["channels"]] if "omero" in ome else None,
    )


def open_with_dask(url: str) -> SeenImage:
    import dask.array

    levels = []
    for path in _list_paths(url):
        lazy = dask.array.from_zarr(url, component=path)
        read = lambda window, lazy=lazy: lazy[window].compute(scheduler="synchronous")  # noqa: E731 - one line
        levels.append(SeenLevel(shape=lazy.shape, dtype=lazy.dtype.name, read=read))
    return SeenImage(levels=levels)


def open_with_tensorstore(url: str) -> SeenImage:
    import tensorstore

    driver = "zarr3" if "/zarr3/" in url else "zarr"
    levels = []
    for path in _list_paths(url):
        spec = {"driver": driver, "kvstore": {"driver": "http", "base_url": f"{url}/{path}/"}}
        array = tensorstore.open(spec, read=True, open=True).result()
        read = lambda window, array=array: array[window].read().result()  # noqa: E731 - one line
        levels.append(SeenLevel(shape=tuple(array.shape), dtype=array.dtype.name, read=read))
    return SeenImage(levels=levels)


def open_with_ome_zarr(url: str) -> SeenImage:
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    node = next(iter(Reader(parse_url(url, mode="r"))()))
    levels = []
    for lazy in node.data:
        read = lambda window, lazy=lazy: lazy[window].compute(scheduler="synchronous")  # noqa: E731 - one line
        levels.append(SeenLevel(shape=lazy.shape, dtype=lazy.dtype.name, read=read))
    return SeenImage(
        levels=levels,
        axes="".join(axis["name"] for axis in node.metadata["axes"]),
        units={axis["name"]: axis["unit"] for axis in node.metadata["axes"] if "unit" in axis},
        scales=[transforms[0]["scale"] for transforms in node.metadata["coordinateTransformations"]],
        channels=node.metadata.get("channel_names"),
    )


def open_with_ngio(url: str) -> SeenImage:
    import ngio

    container = ngio.open_ome_zarr_container(url, mode="r")
    return _see_ngio([container.get_image(path=path) for path in container.level_paths], container.channel_labels)


def open_labels_with_ngio(url: str) -> SeenImage:
    import ngio

    paths = ngio.open_label(url, mode="r").meta.paths
    return _see_ngio([ngio.open_label(url, path=path, mode="r") for path in paths], None)


def _see_ngio(images: list[Any], channels: list[str] | None) -> SeenImage:
    levels = []
    for image in images:
        read = lambda window, image=image: image.zarr_array[window]  # noqa: E731 - one line
        levels.append(SeenLevel(shape=image.shape, dtype=str(image.dtype), read=read))
    sizes = [image.pixel_size.as_dict() for image in images]
    axes = "".join(images[0].axes)
    return SeenImage(
        levels=levels,
        axes=axes,
        scales=[[size.get(axis, 1.0) for axis in axes] for size in sizes],
        units=dict.fromkeys([axis for axis in axes if axis in "zyx"], images[0].space_unit)
        if images[0].space_unit
        else {},
        channels=channels,
    )


def _see(array: Any) -> SeenLevel:
    return SeenLevel(shape=array.shape, dtype=array.dtype.name, read=lambda window: array[window])


def _list_paths(url: str) -> list[str]:
    import zarr

    attrs = zarr.open_group(url, mode="r", zarr_format=3 if "/zarr3/" in url else 2).attrs
    return [dataset["path"] for dataset in attrs.get("ome", attrs)["multiscales"][0]["datasets"]]


CLIENTS = {
    "zarr-python": open_with_zarr,
    "dask": open_with_dask,
    "tensorstore": open_with_tensorstore,
    "ome-zarr-py": open_with_ome_zarr,
    "ngio": open_with_ngio,
}
