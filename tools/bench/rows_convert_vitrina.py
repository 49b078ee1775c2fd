"""Our conversions: ``rows_convert_vitrina.py WORKLOAD SIDE TINY_TARGET``; the lines that it reads name targets.

Imported, it only tells which sides there are and how each is asked for on the command line.
"""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from worker import serve
from workloads import COMMON, DEFLATE_LEVEL, N_LEVELS, OURS, TILE, WORKLOADS, Codec, Workload, get_tiny


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One way to convert.

    Attributes:
        codec: Of the chunks; None for OME-TIFF.
        version: Of OME-Zarr.
        is_sharded: Whether chunks lie together in shards.
        uses: The same in words.
    """

    codec: Codec | None
    version: str = ""
    is_sharded: bool = False
    uses: str = ""


SIDES = {
    "sharded": Side(codec=COMMON, version="0.5", is_sharded=True, uses="0.5, sharded"),
    "files": Side(codec=COMMON, version="0.4", uses="0.4"),
    "default": Side(codec=OURS, version="0.5", is_sharded=True, uses="0.5, sharded, our default codec"),
    "tiff": Side(codec=None, uses="to OME-TIFF"),
}


def build_command(workload: Workload, name: str, target: str) -> list[str]:
    """The same on the command line."""
    side, vitrina = SIDES[name], str(Path(sys.executable).parent / "vitrina")
    if side.codec is None:
        options = ["--format", "ome-tiff", "--chunk", f"{TILE},{TILE}", "--codec", "deflate", "--no-offsets"]
        options += ["--level", str(DEFLATE_LEVEL), "--levels", str(workload.n_tiff_levels)]
        return [vitrina, "convert", str(workload.zarr), target, *options]
    chunk = ",".join(str(size) for size in workload.get_chunk("zyx"))
    options = ["--format", "ome-zarr", "--version", side.version, "--chunk", chunk, "--levels", str(N_LEVELS)]
    options += ["--codec", "blosc", "--level", str(side.codec.level), "--shuffle", side.codec.shuffle]
    options += ["--shard", "8,8" if side.is_sharded else "none"]
    return [vitrina, "convert", str(workload.source), target, *options]


def open_ours(path: Path) -> Any:
    """The image in a file or folder, through our readers."""
    from vitrina.convert.image import open_image
    from vitrina.readers.registry import find_reader
    from vitrina.readers.source import open_source

    source = open_source(path)
    content = find_reader(source).read_content(source)
    return open_image(source, content, content.elements[0])


def convert_ours(workload: Workload, target: str, codec: Codec, version: str, *, sharded: bool) -> None:
    """OME-TIFF to OME-Zarr: five levels, means, the chunks of the workload."""
    from vitrina.convert.ome_zarr import DEFAULT_SHARD_ZYX, OmeZarrOptions, write_ome_zarr
    from vitrina.convert.options import PyramidOptions
    from vitrina.convert.zarr.codecs import Codec as OurCodec

    options = OmeZarrOptions(
        version=version,
        pyramid=PyramidOptions(n_levels=N_LEVELS, chunk_zyx=workload.get_chunk("zyx")),
        codec=OurCodec(level=codec.level, shuffle=codec.shuffle),
        shard_zyx=DEFAULT_SHARD_ZYX if sharded else None,
    )
    with closing(open_ours(workload.source)) as image:
        write_ome_zarr({"": image}, Path(target), options)


def convert_ours_to_tiff(workload: Workload, target: str) -> None:
    """OME-Zarr to OME-TIFF: tiles of 512 pixels, deflate with the horizontal predictor, levels as SubIFDs."""
    from vitrina.convert.ome_tiff import OmeTiffOptions, write_ome_tiff
    from vitrina.convert.options import PyramidOptions
    from vitrina.convert.tiff.codecs import TileCodec

    options = OmeTiffOptions(
        pyramid=PyramidOptions(n_levels=workload.n_tiff_levels, chunk_zyx=(1, TILE, TILE)),
        codec=TileCodec(name="deflate", level=DEFLATE_LEVEL),
        has_offsets=False,
    )
    with closing(open_ours(workload.zarr)) as image:
        Path(target).unlink(missing_ok=True)
        write_ome_tiff([image], Path(target), options)


def convert(workload: Workload, side: Side, target: str) -> None:
    """Convert in one way."""
    if side.codec is None:
        convert_ours_to_tiff(workload, target)
    else:
        convert_ours(workload, target, side.codec, side.version, sharded=side.is_sharded)


def main() -> None:
    """Serve."""
    workload, side = WORKLOADS[sys.argv[1]], SIDES[sys.argv[2]]
    serve(
        lambda target: convert(workload, side, target),
        lambda: convert(get_tiny(workload), side, sys.argv[3]),
        f"vitrina {version('vitrina')}: {side.uses}",
    )


if __name__ == "__main__":
    main()
