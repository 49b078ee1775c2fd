"""Repair what can be repaired without guessing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.checks.fix.fixes import explain_left, plan_fixes
from vitrina.checks.fix.overlay import PlannedSource
from vitrina.checks.fix.zarr import CONSOLIDATED_CODES
from vitrina.checks.viewer.tiff_facts import list_offsets_names
from vitrina.convert.ome_tiff import OmeTiffOptions, get_offsets_path
from vitrina.convert.tiff.offsets import read_directory_offsets
from vitrina.errors import InputError, UnsupportedError, VitrinaError
from vitrina.model.finding import Finding
from vitrina.model.report import order_findings
from vitrina.readers.source import Source, open_source
from vitrina.verbs.check import check_source, check_viewing, find_root
from vitrina.verbs.convert import convert
from vitrina.verbs.fix_place import Repairing, finish_interrupted
from vitrina.verbs.fix_write import write_fixes, write_offsets

if TYPE_CHECKING:
    import os

    from vitrina.checks.fix.plan import Plan, Purpose, Repair


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """What was repaired, or would be.

    Attributes:
        source: The dataset.
        out: Where the repaired one is; None when nothing was written.
        backup: Where the original is now; None when it is where it was.
        repairs: What was done.
        left: Errors and warnings that are left, each with the reason as its fix where it is known.
    """

    source: Path
    out: Path | None
    backup: Path | None
    repairs: tuple[Repair, ...]
    left: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        """Whether something that must hold is still broken."""
        return any(finding.severity == "error" for finding in self.left)


def fix(
    path: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    purpose: Purpose = "specification",
    is_dry_run: bool = False,
) -> Fixed:
    """Repair a file or folder, in place after a backup, or into a copy.

    The result appears in one step when it is complete; interrupted before, everything is as it was.

    Args:
        path: The file or folder.
        out: Where the repaired copy goes; in place unless given, with the original beside it as ``NAME.backup``.
        purpose: ``viewer`` also writes anew what is valid and slow or impossible to view.
        is_dry_run: Only plan.

    Raises:
        NotFoundError: Nothing is at ``path``.
        UnreadableError: It is damaged.
        UnsupportedError: It is of no format that is checked.
        InputError: It is inside a zip file, or the copy would lie inside of it.
        ConflictError: There is a backup already, or something at ``out``.
    """
    root = find_root(Path(path).expanduser()).resolve()
    if not is_dry_run:
        finish_interrupted(root)
    source = open_source(root)
    _check_not_zipped(source)
    plan = plan_fixes(source, purpose)
    if is_dry_run or not plan.repairs:
        left = explain_left(_predict_left(source, plan, purpose), plan)
        return Fixed(source=source.path, out=None, backup=None, repairs=plan.repairs, left=left)
    target = source.path if out is None else Path(out).expanduser().absolute()
    _check_target(source, target, is_in_place=out is None)
    if source.is_folder:
        with Repairing(source.path, target) as place:
            write_fixes(plan, source, place)
            findings = list_findings(Source(place.path), purpose)
            place.commit()
            backup = place.backup
    else:
        backup = _fix_tiff(plan, source, target)
        findings = list_findings(Source(target), purpose)
    left = explain_left(findings, plan)
    return Fixed(source=source.path, out=target, backup=backup, repairs=plan.repairs, left=left)


def list_findings(source: Source, purpose: Purpose) -> tuple[Finding, ...]:
    """Errors and warnings of a dataset, also those of the viewer when it is for it.

    Raises:
        UnreadableError: Nothing of it can be read.
        UnsupportedError: It is of no format that is checked.
    """
    findings = list(check_source(source).findings)
    if purpose == "viewer":
        try:
            findings += check_viewing(source).findings
        except UnsupportedError:
            raise
        except VitrinaError as err:
            findings.append(Finding(code=err.code, severity="error", path="#", message=err.message, fix=err.hint))
    return order_findings(finding for finding in findings if finding.severity != "info")


def _fix_tiff(plan: Plan, source: Source, target: Path) -> Path | None:
    """Repair a TIFF, or only the list beside it; where the original is afterwards when it was replaced."""
    if target == source.path and plan.offsets_name is not None and not plan.is_tiff_rewritten:
        return _write_offsets_beside(target, plan.offsets_name)
    with Repairing(source.path, target) as place:
        if plan.is_tiff_rewritten:
            convert(source.path, place.path, OmeTiffOptions(has_offsets=False))
        else:
            place.mirror()
        stale = _find_lists(target) if target == source.path else []
        try:
            for old in stale:  # a list that does not belong to the file is worse than none
                old.rename(old.with_name(f"{old.name}.backup"))
            place.commit()
        except BaseException:
            for old in stale:
                with suppress(FileNotFoundError):
                    old.with_name(f"{old.name}.backup").rename(old)
            raise
        write_offsets(get_offsets_path(target), read_directory_offsets(target))
        return place.backup


def _find_lists(path: Path) -> list[Path]:
    """The lists of where planes lie that are there for a file."""
    return [beside for name in list_offsets_names(path) if (beside := path.with_name(name)).exists()]


def _write_offsets_beside(path: Path, name: str) -> Path | None:
    """The list of where planes lie is made anew; a file that was there is kept as its backup."""
    beside = path.with_name(name)
    if not beside.exists():
        write_offsets(beside, read_directory_offsets(path))
        return None
    with Repairing(beside, beside) as place:
        write_offsets(place.path, read_directory_offsets(path))
        place.commit()
        return place.backup


def _predict_left(source: Source, plan: Plan, purpose: Purpose) -> list[Finding]:
    """What will be left: of the metadata as it will be, without what is repaired of pixels and tables."""
    adds_levels = any(len(job.level_paths) > len(job.element.levels) for job in plan.images)
    is_known = plan.documents and not adds_levels  # levels that are not there yet would be missed
    planned = PlannedSource(source.path, plan.documents) if is_known else source
    known = [(repair.path, code) for repair in plan.repairs for code in repair.codes]
    known += [("", code) for code in CONSOLIDATED_CODES if plan.repairs]
    return [
        finding
        for finding in list_findings(planned, purpose)
        if not any(finding.code == code and _is_at(finding.path.partition("#")[0], path) for path, code in known)
    ]


def _is_at(node: str, path: str) -> bool:
    return node == path or not path or node.startswith(f"{path}/")


def _check_not_zipped(source: Source) -> None:
    if source.tree is not None and not source.is_folder:
        raise InputError(
            "fix-zipped",
            f"{source.path} is a zip file, whose parts cannot be replaced.",
            hint="Unzip it first.",
            where=str(source.path),
        )


def _check_target(source: Source, target: Path, *, is_in_place: bool) -> None:
    if not is_in_place and target.resolve().is_relative_to(source.path):
        raise InputError(
            "out-inside", f"{target} lies inside of {source.path}.", hint="Give another place.", where=str(target)
        )
