"""MuData to Zarr: what belongs to all modalities, and each modality as AnnData made for the web.

Source: https://mudata.readthedocs.io/en/latest/io/spec.html
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from vitrina.convert.anndata.anndata_zarr import (
    consolidate,
    count_steps,
    shift_progress,
    write_annotations,
    write_arrays,
    write_parts,
)
from vitrina.convert.anndata.matrix import Parent
from vitrina.readers.mudata import ENCODING
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.zarr_names import make_names_safe, tell_renamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mudata import MuData

    from vitrina.convert.anndata.options import AnnDataOptions
    from vitrina.model.finding import Finding
    from vitrina.readers.mudata_parts import MuDataParts

    type Progress = Callable[[int, int], None]


def write_mudata_zarr(
    mdata: MuData | MuDataParts, root: Path, options: AnnDataOptions, *, progress: Progress | None = None
) -> tuple[Finding, ...]:
    """Write MuData as a hierarchy of its own, with consolidated metadata. The object is not changed.

    Args:
        mdata: In memory, or parts of which some stay in the source.
        root: Folder that is made.
        options: How.
        progress: Called with variables done and variables in all.

    Returns:
        What was changed or lost.

    Raises:
        UnsupportedError: It holds something that cannot be written.
        UnreadableError: What backs it is damaged.
    """
    import zarr

    with without_format_warnings():
        group = zarr.open_group(root, mode="w", zarr_format=options.zarr_format)
        findings = tuple(_write(mdata, Parent(group=group, folder=root, path=""), options, progress))
    consolidate(root, options)
    return findings


def _write(
    mdata: MuData | MuDataParts, parent: Parent, options: AnnDataOptions, progress: Progress | None
) -> Iterator[Finding]:
    yield from write_annotations(mdata, parent, adds_positions=False)
    for name in ("obsmap", "varmap"):
        yield from write_arrays(parent, name, getattr(mdata, name), is_narrowed=False)
    modalities = parent.create("mod")
    names = make_names_safe(mdata.mod)
    yield from tell_renamed(mdata.mod, names, modalities.path)
    n_done, n_all = 0, sum(count_steps(adata) for adata in mdata.mod.values())
    for name, adata in zip(names, mdata.mod.values(), strict=True):
        yield from write_parts(adata, modalities.create(name), options, shift_progress(progress, n_done, n_all))
        n_done += count_steps(adata)
    modalities.group.attrs["mod-order"] = names
    parent.group.attrs.update(
        {
            "axis": int(mdata.axis),
            "encoding-type": ENCODING,
            "encoding-version": "0.1.0",
            "encoder": "vitrina",
            "encoder-version": version("vitrina"),
        }
    )
