"""OME-Zarr images with one fault each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import numpy.typing as npt
import zarr
from viewer_trial import Config, Trial

type Array = npt.NDArray[Any]

COLORS = ("FF0000", "00FF00", "0000FF")


def make_pixels(n_channels: int = 2, size: int = 512, n_z: int = 1, dtype: str = "uint16") -> Array:
    """Channels of discs on ramps, z planes shifted, shape c z y x; 0 to 60,000, or to 255 for eight bits."""
    y, x = np.mgrid[0:size, 0:size] / size
    planes = [
        [
            ((np.sin(20 * (x + 0.3 * c + 0.1 * z)) + np.cos(16 * (y - 0.2 * c))) / 4 + 0.5) * (0.3 + 0.7 * x)
            for z in range(n_z)
        ]
        for c in range(n_channels)
    ]
    top = 255 if dtype == "uint8" else 1 if dtype == "bool" else 100 if dtype == "int8" else 60_000
    values = np.array(planes) * top
    return values > 0.5 if dtype == "bool" else values.astype(dtype)


def build_omero(n_channels: int, dtype: str = "uint16", model: str = "greyscale") -> dict[str, Any]:
    """Complete display settings."""
    top = 255 if dtype == "uint8" else 65_535
    return {
        "version": "0.4",
        "channels": [
            {
                "label": f"c{i}",
                "color": COLORS[i],
                "active": True,
                "window": {"start": 0, "end": top, "min": 0, "max": top},
            }
            for i in range(n_channels)
        ],
        "rdefs": {"model": model, "defaultZ": 0, "defaultT": 0},
    }


def write_image(
    path: Path,
    levels: list[Array],
    *,
    axes: str,
    chunks: tuple[int, ...] | None = None,
    omero: dict[str, Any] | None = None,
    version: str = "0.4",
    dtype: str | None = None,
    scales: list[list[float]] | None = None,
    extra: dict[str, Any] | None = None,
    **codec: Any,
) -> None:
    """A multiscale image with the given levels; 0.5 and later in Zarr 3."""
    zarr_format = 2 if version < "0.5" else 3
    group = zarr.open_group(path, mode="w", zarr_format=zarr_format)
    types = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
    datasets = []
    for index, level in enumerate(levels):
        size = tuple(
            min(c, s) for c, s in zip(chunks or (1,) * (level.ndim - 2) + (256, 256), level.shape, strict=True)
        )
        separator: Any = {"chunk_key_encoding": {"name": "v2", "separator": "/"}} if zarr_format == 2 else {}
        array = group.create_array(
            str(index), shape=level.shape, chunks=size, dtype=dtype or level.dtype, **separator, **codec
        )
        array[...] = level
        scale = scales[index] if scales else [a / b for a, b in zip(levels[0].shape, level.shape, strict=True)]
        datasets.append({"path": str(index), "coordinateTransformations": [{"type": "scale", "scale": scale}]})
    multiscale: dict[str, Any] = {"axes": [{"name": a, "type": types[a]} for a in axes], "datasets": datasets}
    block: dict[str, Any] = {"multiscales": [multiscale], **(extra or {})}
    if omero is not None:
        block["omero"] = omero
    if zarr_format == 2:
        multiscale["version"] = version
        group.attrs.update(block)
    else:
        group.attrs["ome"] = {"version": version, **block}


def halve(level: Array, factor: int = 2, *, z: bool = False) -> Array:
    """Every second pixel along y and x, and along z where asked."""
    return level[..., ::factor, ::factor] if not z else level[..., ::2, ::factor, ::factor]


def _simple(**options: Any) -> Any:
    def build(path: Path) -> None:
        dtype = options.get("pixels", "uint16")
        image = make_pixels(dtype=dtype)[:, 0]
        values = {"omero": build_omero(2, dtype)} | {k: v for k, v in options.items() if k != "pixels"}
        write_image(path, [image, halve(image)], axes="cyx", **values)

    return build


def _omero(change: Any) -> Any:
    omero = build_omero(2)
    change(omero)
    return _simple(omero=omero)


def _pyramid(*factors: int, size: int = 1024, **options: Any) -> Any:
    def build(path: Path) -> None:
        image = make_pixels(size=size)[:, 0]
        write_image(path, [image, *(halve(image, f) for f in factors)], axes="cyx", omero=build_omero(2), **options)

    return build


def _stack(*, z: bool, chunk_z: int = 1) -> Any:
    def build(path: Path) -> None:
        image = make_pixels(n_z=8)
        omero = build_omero(2)
        omero["rdefs"]["defaultZ"] = 4
        write_image(path, [image, halve(image, z=z)], axes="czyx", omero=omero, chunks=(1, chunk_z, 256, 256))

    return build


def _rgb(model: str, *, rgb_names: bool = True, dtype: str = "uint8") -> Any:
    def build(path: Path) -> None:
        image = make_pixels(3, dtype=dtype)[:, 0]
        omero = build_omero(3, dtype, model)
        if rgb_names:
            for channel, name in zip(omero["channels"], "rgb", strict=True):
                channel["label"] = name
        write_image(path, [image, halve(image)], axes="cyx", omero=omero)

    return build


def _labels(path: Path) -> None:
    _simple()(path)
    labels = np.zeros((512, 512), np.uint32)
    for i in range(64):
        labels[(i // 8) * 64 + 8 : (i // 8) * 64 + 56, (i % 8) * 64 + 8 : (i % 8) * 64 + 56] = i + 1
    zarr.open_group(path / "labels", mode="w", zarr_format=2).attrs["labels"] = ["cells"]
    write_image(path / "labels/cells", [labels, halve(labels)], axes="yx", extra={"image-label": {"version": "0.4"}})


def _plate(path: Path) -> None:
    root = zarr.open_group(path, mode="w", zarr_format=2)
    root.attrs["plate"] = {
        "version": "0.4", "columns": [{"name": "1"}, {"name": "2"}], "rows": [{"name": "A"}],
        "wells": [{"path": f"A/{i}", "rowIndex": 0, "columnIndex": i - 1} for i in (1, 2)],
    }  # fmt: skip
    zarr.open_group(path / "A", mode="w", zarr_format=2)
    for i in (1, 2):
        well = zarr.open_group(path / f"A/{i}", mode="w", zarr_format=2)
        well.attrs["well"] = {"version": "0.4", "images": [{"path": "0"}]}
        _simple()(path / f"A/{i}/0")


def _old(version: str) -> Any:
    def build(path: Path) -> None:
        image = make_pixels()[None, :, :]
        write_image(path, [image, halve(image)], axes="tczyx", omero=build_omero(2), version="0.4")
        attrs = json.loads((path / ".zattrs").read_text())
        multiscale = attrs["multiscales"][0]
        multiscale["version"] = version
        if version == "0.3":
            multiscale["axes"] = list("tczyx")
        else:
            del multiscale["axes"]
        for dataset in multiscale["datasets"]:
            del dataset["coordinateTransformations"]
        (path / ".zattrs").write_text(json.dumps(attrs))

    return build


def _draft(path: Path) -> None:
    _simple(version="0.5")(path)
    document = json.loads((path / "zarr.json").read_text())
    ome = document["attributes"]["ome"]
    ome["version"] = "0.6"
    multiscale = ome["multiscales"][0]
    axes = multiscale.pop("axes")
    multiscale["coordinateSystems"] = [{"name": "physical", "axes": axes}]
    for dataset in multiscale["datasets"]:
        for transform in dataset["coordinateTransformations"]:
            transform |= {"input": dataset["path"], "output": "physical"}
    (path / "zarr.json").write_text(json.dumps(document))


def _pop(*names: str) -> Any:
    def change(omero: dict[str, Any]) -> None:
        for channel in omero["channels"]:
            for name in names:
                channel.pop(name)

    return change


def _at_root(config: Config) -> Config:
    """Read the root of a plate, which has no mosaic of its own."""
    for file in config["datasets"][0]["files"]:
        file["url"] = file["url"].removesuffix("/mosaic")
    return config


def _at_first_field(config: Config) -> Config:
    config = _at_root(config)
    for file in config["datasets"][0]["files"]:
        file["url"] += "/A/1/0"
    return config


TRIALS = [
    Trial(name="image-good.zarr", code=None, build=_simple()),
    Trial(name="image-v05.zarr", code=None, build=_simple(version="0.5"), like="image-good.zarr"),
    Trial(name="omero-missing.zarr", code="ngff-omero-missing", build=_simple(omero=None), like="image-good.zarr"),
    Trial(name="omero-no-channels.zarr", code="ngff-omero-channels", build=_omero(lambda o: o.pop("channels"))),
    Trial(name="omero-one-channel.zarr", code="ngff-omero-channels", build=_omero(lambda o: o["channels"].pop())),
    Trial(
        name="omero-no-window.zarr", code="ngff-omero-channels", build=_omero(_pop("window")), like="image-good.zarr"
    ),
    Trial(name="omero-no-color.zarr", code="ngff-omero-channels", build=_omero(_pop("color")), like="image-good.zarr"),
    Trial(name="omero-no-label.zarr", code="ngff-omero-channels", build=_omero(_pop("label")), like="image-good.zarr"),
    Trial(
        name="omero-no-rdefs.zarr",
        code="ngff-omero-rdefs",
        build=_omero(lambda o: o.pop("rdefs")),
        like="image-good.zarr",
    ),
    Trial(
        name="omero-empty-rdefs.zarr",
        code="ngff-omero-rdefs",
        build=_omero(lambda o: o.update(rdefs={})),
        like="image-good.zarr",
    ),
    Trial(name="rgb-color.zarr", code=None, build=_rgb("color")),
    Trial(name="rgb-greyscale.zarr", code="ngff-rgb-model", build=_rgb("greyscale"), like="rgb-color.zarr"),
    Trial(
        name="two-channels-color.zarr",
        code="ngff-rgb-model",
        build=_omero(lambda o: o["rdefs"].update(model="color")),
        like="image-good.zarr",
    ),
    Trial(name="pyramid-good.zarr", code=None, build=_pyramid(2, 4)),
    Trial(name="factor-3.zarr", code="ngff-factor-not-2", build=_pyramid(3, 9), like="pyramid-good.zarr"),
    Trial(name="factor-4.zarr", code="ngff-factor-not-2", build=_pyramid(4), like="pyramid-good.zarr"),
    Trial(name="flat-small.zarr", code="image-not-pyramidal", build=_pyramid(), like="pyramid-good.zarr"),
    Trial(name="pyramid-large.zarr", code=None, build=_pyramid(2, 4, 8, size=4096)),
    Trial(name="flat-large.zarr", code="image-not-pyramidal", build=_pyramid(size=4096), like="pyramid-large.zarr"),
    Trial(
        name="flat-huge-16k.zarr",
        code="image-not-pyramidal",
        build=lambda p: write_image(
            p,
            [np.tile(make_pixels(1, 1024)[:, 0], (1, 18, 18))],
            axes="cyx",
            omero=build_omero(1),
            chunks=(1, 1024, 1024),
        ),
    ),
    Trial(
        name="coarse-large.zarr",
        code="image-not-pyramidal",
        build=_pyramid(2, size=6000, chunks=(1, 512, 512)),
        like="pyramid-large.zarr",
    ),
    Trial(
        name="one-chunk.zarr",
        code="image-not-tiled",
        build=_pyramid(2, 4, 8, size=4096, chunks=(1, 4096, 4096)),
        like="pyramid-large.zarr",
    ),
    Trial(
        name="chunk-channels.zarr",
        code="image-not-tiled",
        build=_pyramid(2, 4, 8, size=4096, chunks=(2, 512, 512)),
        like="pyramid-large.zarr",
    ),
    Trial(name="stack-good.zarr", code=None, build=_stack(z=False)),
    Trial(name="z-downsampled.zarr", code="ngff-z-downsampled", build=_stack(z=True), like="stack-good.zarr"),
    Trial(name="z-chunked.zarr", code="ngff-z-chunked", build=_stack(z=False, chunk_z=8), like="stack-good.zarr"),
    Trial(name="version-01.zarr", code="ngff-version-unsupported-by-viewer", build=_old("0.1"), like="image-good.zarr"),
    Trial(name="version-03.zarr", code="ngff-version-unsupported-by-viewer", build=_old("0.3"), like="image-good.zarr"),
    Trial(name="version-06.zarr", code="ngff-version-unsupported-by-viewer", build=_draft, like="image-good.zarr"),
    Trial(name="labels.zarr", code="ngff-labels-hcs-unsupported", build=_labels),
    Trial(name="plate-root.zarr", code="ngff-labels-hcs-unsupported", build=_plate, change=_at_root),
    Trial(name="codec-bz2.zarr", code="zarr-codec-unsupported", build=_simple(compressors=numcodecs.BZ2())),
    Trial(name="plate.zarr", code="ngff-labels-hcs-unsupported", build=_plate, change=_at_first_field),
    Trial(
        name="scale-short.zarr",
        code="transform-length",
        build=_simple(scales=[[1.0, 1.0], [2.0, 2.0]]),
        like="image-good.zarr",
    ),
    *(
        Trial(
            name=f"dtype-{dtype}.zarr",
            code="zarr-dtype-unsupported",
            build=_simple(pixels=dtype, omero=build_omero(2)),
            like="image-good.zarr",
        )
        for dtype in (
            "bool",
            "int8",
            "int32",
            "uint32",
            "int64",
            "uint64",
            "float16",
            "float32",
            "float64",
            "complex64",
        )
    ),
    Trial(
        name="dtype-big-endian.zarr", code="zarr-dtype-unsupported", build=_simple(dtype=">u2"), like="image-good.zarr"
    ),
]
