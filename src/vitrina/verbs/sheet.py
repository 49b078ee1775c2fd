"""Add the datasets of a sample sheet with their labels: first a plan that tells what does not match, then the bytes."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.errors import InputError, VitrinaError
from vitrina.model.feature import FeatureDraft
from vitrina.model.finding import Finding
from vitrina.model.registry import find_registry
from vitrina.readers.sheet import read_sheet
from vitrina.storage.keys import check_key
from vitrina.verbs.add import Added, add
from vitrina.verbs.feature import add_feature
from vitrina.verbs.label import build_annotations
from vitrina.verbs.label_plan import LabelPlan, Wish, build_unknown_name, plan_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitrina.readers.sheet import Sheet, SheetRow
    from vitrina.verbs.instance import Instance

PATH_WORDS = ("path", "file", "folder", "source", "filename", "file_path")
OWN_WORDS = ("key", "description", "kind")
N_ROWS_TOLD = 5
SEPARATOR = ";"
"""Between several values in one cell."""

type OnRow = Callable[[int, int, Path], object]
"""Called before each dataset: how many are done, how many there are, which comes now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """One dataset of a sheet, with everything understood."""

    number: int
    path: Path
    key: str
    description: str | None
    kind: str
    labels: LabelPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPlan:
    """What a sheet comes to, before anything is written.

    Attributes:
        rows: Datasets that can be added; all of the sheet when no finding is an error.
        findings: What does not match; ``path`` is ``row 3#tissue``, or ``#tissue`` for a whole column.
        new_features: Columns that nothing was called so far; labels of rows do not have their values yet.
    """

    rows: tuple[PlannedRow, ...]
    findings: tuple[Finding, ...]
    new_features: tuple[FeatureDraft, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether no finding is an error."""
        return not any(finding.severity == "error" for finding in self.findings)


def plan_sheet(instance: Instance, path: Path, *, allow_new: bool = False) -> SheetPlan:
    """What a sample sheet comes to. Nothing is written.

    The column ``path`` says where the bytes lie, relative to the sheet; ``key``, ``description`` and ``kind`` are those
    of the artifact; every other column is a feature or a registry such as ``tissue`` (also written ``Tissue``), with
    several values in a cell separated by ``;``. Each text is understood once, however often it is written.

    Args:
        instance: Whose features and terms.
        path: A CSV, TSV or Excel file.
        allow_new: Make own terms of values that nothing is called, and features of columns: of numbers where all cells
            are, else of own terms (``cat[ULabel]``).

    Raises:
        NotFoundError: There is no sheet.
        InputError: It is not a table, or has no column ``path``.
    """
    sheet = read_sheet(path)
    return _Planning(instance, sheet, path.absolute().parent, allow_new).plan()


def add_new_features(instance: Instance, plan: SheetPlan, path: Path) -> SheetPlan:
    """Make the features that a plan found missing, and plan the sheet once more with them."""
    for draft in plan.new_features:
        add_feature(instance, draft)
    return plan_sheet(instance, path, allow_new=True)


def add_sheet(
    instance: Instance, plan: SheetPlan, *, in_place: bool = False, on_row: OnRow | None = None
) -> Iterator[Added | Finding]:
    """Add the datasets of a plan, one after the other; what cannot be added gives a finding, and the others go on.

    A second run of the same sheet finds the bytes unchanged and only adds labels that are new.

    Args:
        instance: Where they go.
        plan: Whole or in part.
        in_place: Register the bytes where they lie.
        on_row: Told of each dataset.
    """
    for n_done, row in enumerate(plan.rows):
        if on_row is not None:
            on_row(n_done, len(plan.rows), row.path)
        annotations = build_annotations(instance, row.labels)
        try:
            yield add(
                instance,
                row.path,
                key=row.key,
                description=row.description,
                kind=row.kind,
                annotations=annotations,
                in_place=in_place,
            )
        except VitrinaError as err:
            yield Finding(code=err.code, severity="error", path=f"row {row.number}", message=err.message, fix=err.hint)


@dataclass(slots=True)
class _Planning:
    """One sheet being planned."""

    instance: Instance
    sheet: Sheet
    folder: Path
    allow_new: bool
    findings: list[Finding] = field(default_factory=list)
    understood: dict[tuple[str, str], LabelPlan] = field(default_factory=dict)
    new_features: list[FeatureDraft] = field(default_factory=list)
    refused: dict[tuple[str, str], tuple[InputError, list[int]]] = field(default_factory=dict)

    def plan(self) -> SheetPlan:
        names = {column: _fold(column) for column in self.sheet.columns}
        path_column = next((column for column in names if names[column] in PATH_WORDS), None)
        if path_column is None:
            raise InputError(
                "sheet-path-column",
                f"No column says where the datasets lie; there are {', '.join(self.sheet.columns)}.",
                hint="Name the column with the files or folders `path`.",
                where="row 1",
            )
        own = {names[column]: column for column in names if names[column] in OWN_WORDS}
        labels = self._choose_labels(
            [column for column in names if column != path_column and column not in own.values()]
        )
        rows = [self._plan_row(row, path_column, own, labels) for row in self.sheet.rows]
        self._tell_refused()
        self._check_keys([row for row in rows if row is not None])
        return SheetPlan(
            rows=tuple(row for row in rows if row is not None),
            findings=tuple(self.findings),
            new_features=tuple(self.new_features),
        )

    def _choose_labels(self, columns: list[str]) -> dict[str, str]:
        """The feature or registry that each column means; what means none is told once and left out."""
        features = self.instance.catalog.features.find([*columns, *map(_fold, columns)])
        chosen = {}
        for column in columns:
            feature = next((name for name in (column, _fold(column)) if name in features), None)
            registry = find_registry(column) or find_registry(_fold(column))
            if feature is not None:
                chosen[column] = feature
            elif registry is not None:
                chosen[column] = registry.alias
            else:
                self._take_unknown(column)
        return chosen

    def _take_unknown(self, column: str) -> None:
        if self.allow_new:
            cells = [row.cells[column] for row in self.sheet.rows if column in row.cells]
            dtype = "float" if cells and all(map(_is_number, cells)) else "cat[ULabel]"
            self.new_features.append(FeatureDraft(name=_fold(column), dtype=dtype))
            return
        error = build_unknown_name(self.instance, column, features_only=False)
        hint = f"{error.hint} Or make features of unknown columns with --new."
        self._tell("column-unknown", f"#{column}", error.message, hint)

    def _plan_row(
        self, row: SheetRow, path_column: str, own: dict[str, str], labels: dict[str, str]
    ) -> PlannedRow | None:
        before = len(self.findings)
        plans = [self._understand(row, column, name) for column, name in labels.items() if column in row.cells]
        path = self._find_path(row, path_column)
        known = [plan for plan in plans if plan is not None]
        if path is None or len(known) < len(plans):
            return None
        key = row.cells.get(own.get("key", ""), path.name)
        try:
            check_key(key)
        except InputError as err:
            self._tell(err.code, f"row {row.number}#key", err.message, err.hint)
        if len(self.findings) > before:
            return None
        return PlannedRow(
            number=row.number,
            path=path,
            key=key,
            description=row.cells.get(own.get("description", "")),
            kind=row.cells.get(own.get("kind", ""), "dataset"),
            labels=LabelPlan(
                terms=tuple(term for plan in known for term in plan.terms),
                values=tuple(value for plan in known for value in plan.values),
            ),
        )

    def _find_path(self, row: SheetRow, column: str) -> Path | None:
        where = f"row {row.number}#{column}"
        text = row.cells.get(column)
        if text is None:
            self._tell("path-missing", where, f"Row {row.number} does not say where its dataset lies.", None)
            return None
        path = Path(os.path.normpath(self.folder / Path(text).expanduser()))
        if not path.exists():
            self._tell("path-missing", where, f"There is nothing at {path}.", "Paths are relative to the sheet.")
            return None
        return path

    def _understand(self, row: SheetRow, column: str, name: str) -> LabelPlan | None:
        text = row.cells[column]
        if (column, text) in self.refused:
            self.refused[column, text][1].append(row.number)
            return None
        if (column, text) not in self.understood:
            values = [part.strip() for part in text.split(SEPARATOR) if part.strip()]
            wishes = [Wish(name=name, value=value) for value in values]
            try:
                self.understood[column, text] = plan_labels(self.instance, wishes, allow_new=self.allow_new)
            except InputError as err:
                self.refused[column, text] = err, [row.number]
                return None
        return self.understood[column, text]

    def _tell_refused(self) -> None:
        """Each text that means nothing once, with all its rows."""
        for (column, _), (err, numbers) in self.refused.items():
            rows = ", ".join(map(str, numbers[:N_ROWS_TOLD])) + (", ..." if len(numbers) > N_ROWS_TOLD else "")
            message = err.message if len(numbers) == 1 else f"{err.message} It is in {len(numbers)} rows: {rows}."
            self._tell(err.code, f"row {numbers[0]}#{column}", message, err.hint)

    def _check_keys(self, rows: list[PlannedRow]) -> None:
        """Two rows with one key would be two versions of one dataset, which no sheet means."""
        seen: dict[str, int] = {}
        for row in rows:
            if row.key in seen:
                message = f"Rows {seen[row.key]} and {row.number} have the key {row.key!r}."
                self._tell(
                    "key-repeated", f"row {row.number}#key", message, "Add a column `key` that tells them apart."
                )
            seen.setdefault(row.key, row.number)

    def _tell(self, code: str, path: str, message: str, fix: str | None) -> None:
        self.findings.append(Finding(code=code, severity="error", path=path, message=message, fix=fix))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _fold(column: str) -> str:
    """A heading as names are written: ``Cell type`` is ``cell_type``."""
    return re.sub(r"[\s\-./]+", "_", column.strip()).casefold()
