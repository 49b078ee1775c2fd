"""What is repaired of tables for the viewer: categories, columns of values and a mask, chunks of the matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.fix.plan import Change, Repair, TableJob
from vitrina.checks.viewer.tables import check_table
from vitrina.model.content import TableElement

if TYPE_CHECKING:
    from vitrina.model.content import Content
    from vitrina.model.finding import Finding
    from vitrina.readers.zarr_tree import ZarrTree

_CHANGES: dict[str, Change] = {
    "anndata-integer-categories": "text-categories",
    "anndata-nullable-column": "plain-column",
    "anndata-chunk-vars": "matrix",
    "anndata-chunk-obs": "matrix",
}

_MESSAGES: dict[Change, str] = {
    "text-categories": "Write the categories of {path} as text, which the viewer shows in place of their codes.",
    "plain-column": "Write {path} as plain values, where it was values and a mask.",
    "matrix": "Write {path} so that one variable lies in few and small chunks.",
}


def plan_tables(zarr_tree: ZarrTree, content: Content) -> tuple[tuple[Repair, ...], tuple[TableJob, ...]]:
    """What is written anew of the tables of a dataset."""
    jobs: dict[TableJob, list[str]] = {}
    for table in content.elements:
        if isinstance(table, TableElement):
            for finding in check_table(zarr_tree, table):
                job = _build_job(finding)
                if job is not None:
                    jobs.setdefault(job, []).append(finding.code)
    repairs = tuple(
        Repair(
            codes=tuple(dict.fromkeys(codes)),
            kind="table",
            path=job.path,
            message=_MESSAGES[job.change].format(path=job.path),
        )
        for job, codes in jobs.items()
    )
    return repairs, tuple(jobs)


def _build_job(finding: Finding) -> TableJob | None:
    change = _CHANGES.get(finding.code)
    return None if change is None else TableJob(path=finding.path.partition("#")[0], change=change)
