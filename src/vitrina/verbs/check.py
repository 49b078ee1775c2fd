"""Check whether data is what its specification asks for, and whether the viewer can show it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vitrina.checks.kind import find_format, find_zarr_format
from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.model.report import Report, harden, order_findings
from vitrina.readers.http_tree import HttpTree
from vitrina.readers.source import open_source
from vitrina.readers.zarr_tree import V2_MARKS, V3_MARK, get_zarr_tree
from vitrina.verbs.sandboxed import check_sandboxed, is_sandboxed

if TYPE_CHECKING:
    from vitrina.checks.checked import Checked
    from vitrina.model.artifact import Artifact
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source
    from vitrina.verbs.instance import Instance

type Purpose = Literal["specification", "viewer"]

_CHECKED = "OME-Zarr, SpatialData, AnnData, MuData, TIFF and Parquet"


def check(
    target: str | Path, *, purpose: Purpose = "specification", is_metadata_only: bool = False, is_strict: bool = False
) -> Report:
    """Check one dataset.

    Args:
        target: A file, a folder, or the http(s) address of an OME-Zarr; a metadata document of a Zarr hierarchy means
            the hierarchy.
        purpose: Against its specification, or for the viewer.
        is_metadata_only: Look at metadata documents alone, not at what they name.
        is_strict: What should hold must hold: warnings are errors.

    Raises:
        NotFoundError: Nothing is there.
        UnreadableError: Nothing of it can be read.
        UnsupportedError: It is of no format that is checked.
    """
    if is_url(str(target)):
        checked = _check_url(str(target), purpose, is_metadata_only=is_metadata_only)
    else:
        source = open_source(find_root(Path(target).expanduser()))
        checked = (
            check_viewing(source) if purpose == "viewer" else check_source(source, is_metadata_only=is_metadata_only)
        )
    findings = harden(checked.findings) if is_strict else checked.findings
    return Report(source=str(target), version=checked.version, kind=checked.kind, findings=order_findings(findings))


def check_artifact(
    instance: Instance,
    artifact: Artifact,
    *,
    purpose: Purpose = "specification",
    is_metadata_only: bool = False,
    is_strict: bool = False,
) -> Report:
    """Check the stored bytes of an artifact; see ``check``.

    Raises:
        StorageError: They are gone, or not on this machine.
        UnreadableError: Nothing of them can be read.
        UnsupportedError: They are of no format that is checked.
    """
    if is_sandboxed(instance, artifact.content):
        return check_sandboxed(
            instance, artifact, purpose=purpose, is_metadata_only=is_metadata_only, is_strict=is_strict
        )
    path = instance.get_path(artifact)
    report = check(path, purpose=purpose, is_metadata_only=is_metadata_only, is_strict=is_strict)
    return replace(report, source=artifact.key)


def find_broken(source: Source) -> tuple[Finding, ...]:
    """What is wrong with the metadata of a file or folder, by its specification; nothing of what is not checked."""
    try:
        return check_source(source, is_metadata_only=True).findings
    except (UnsupportedError, UnreadableError):
        return ()


def is_url(target: str) -> bool:
    """Whether a target is a web address."""
    return target.startswith(("http://", "https://"))


def find_root(path: Path) -> Path:
    """The hierarchy that a metadata document belongs to; the path itself for anything else."""
    if path.name not in {V3_MARK, *V2_MARKS}:
        return path
    root = path.parent
    while any((root.parent / mark).is_file() for mark in (V3_MARK, *V2_MARKS)):
        root = root.parent
    return root


def check_source(source: Source, *, is_metadata_only: bool = False) -> Checked:
    """Hold a file or folder against its specification.

    Raises:
        UnreadableError: Nothing of it can be read.
        UnsupportedError: It is of no format that is checked.
    """
    match find_format(source):
        case "ngff":
            from vitrina.checks.ngff.check import check_ngff

            return check_ngff(get_zarr_tree(source).tree, is_metadata_only=is_metadata_only)
        case "spatialdata":
            from vitrina.checks.formats.spatialdata import check_spatialdata

            return check_spatialdata(source, is_metadata_only=is_metadata_only)
        case "anndata":
            from vitrina.checks.formats.anndata import check_anndata

            return check_anndata(source, is_metadata_only=is_metadata_only)
        case "mudata":
            from vitrina.checks.formats.mudata import check_mudata

            return check_mudata(source, is_metadata_only=is_metadata_only)
        case "tiff":
            from vitrina.checks.formats.ome_tiff import check_ome_tiff

            return check_ome_tiff(source, is_metadata_only=is_metadata_only)
        case "points":
            from vitrina.checks.formats.points import check_points

            return check_points(source, is_metadata_only=is_metadata_only)
    raise UnsupportedError(
        "format-not-checked",
        f"{source.path} is of no format that can be checked.",
        hint=f"These are: {_CHECKED}.",
        where=str(source.path),
    )


def check_viewing(source: Source) -> Checked:
    """Whether the viewer can show a file or folder.

    Raises:
        UnreadableError: It is damaged.
        UnsupportedError: No reader knows it.
    """
    from vitrina.checks.viewer.check import check_viewer
    from vitrina.readers.registry import find_reader

    reader = find_reader(source)
    if reader is None:
        raise UnsupportedError(
            "format-not-shown", f"No reader knows the format of {source.path}.", where=str(source.path)
        )
    return check_viewer(source, reader.read_content(source))


def _check_url(url: str, purpose: Purpose, *, is_metadata_only: bool) -> Checked:
    from vitrina.checks.ngff.check import check_ngff

    if purpose == "viewer":
        raise UnsupportedError(
            "viewer-check-of-url", f"{url} can be checked against its specification only.", where=url
        )
    tree = HttpTree(url)
    if find_zarr_format(tree) != "ngff":
        raise UnreadableError(
            "zarr-missing", f"There is no OME-Zarr at {url}: neither zarr.json nor .zattrs is there.", where=url
        )
    return check_ngff(tree, is_metadata_only=is_metadata_only)
