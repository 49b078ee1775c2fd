"""``vt.curators``: datasets held against schemas, mended, and saved when they fit."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from vitrina.api.artifact import Artifact
from vitrina.api.lookup import build_lookup
from vitrina.api.report import Report
from vitrina.curate.parts import get_kind
from vitrina.errors import InputError
from vitrina.verbs.curate import require_valid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.api.run import Run
    from vitrina.api.schema import Schema
    from vitrina.curate.checked import Checked
    from vitrina.verbs.instance import Instance

__all__ = ["AnnDataCurator", "DataFrameCurator", "MuDataCurator", "SpatialDataCurator"]

WHOLE = ""
"""Slot of a data frame's own columns."""


class Categories:
    """The columns of a slot whose values are terms."""

    def __init__(self, curator: Curator, slot: str) -> None:
        self._curator = curator
        self._slot = slot

    @property
    def non_validated(self) -> dict[str, list[str]]:
        """The values that are not valid, by column; empty when all are."""
        found = self._curator._get_checked().non_validated.get(self._slot, {})
        return {name: list(values) for name, values in found.items()}

    def validate(self) -> bool:
        """Whether all values are valid."""
        return not self.non_validated

    def standardize(self, key: str) -> dict[str, str]:
        """Replace synonyms, other cases and other identifiers in a column, in the dataset itself.

        Returns:
            The values that were replaced, with what they are now.
        """
        replaced = self._curator._instance.standardize_values(
            self._curator.dataset, self._curator._get_checked(), self._slot, key
        )
        self._curator._forget(is_changed=bool(replaced))
        return replaced

    def add_new_from(self, key: str) -> list[str]:
        """Register the values of a column that nothing knows; gives their names."""
        terms = self._curator._instance.add_new_terms(self._curator._get_checked(), self._slot, key)
        self._curator._forget(is_changed=False)
        return [term.name for term in terms]

    def lookup(self, public: bool = False) -> SimpleNamespace:
        """For each column the values that it may have, as attributes; with ``public`` also those of the ontologies."""
        checked = self._curator._get_checked()
        return SimpleNamespace(
            **{
                name: build_lookup({value: value for value in self._list_known(name, public=public)})
                for name in (one.name for one in checked.features if one.slot == self._slot and one.resolutions)
            }
        )

    def _list_known(self, name: str, *, public: bool) -> tuple[str, ...]:
        checked = self._curator._get_checked()
        return self._curator._instance.list_known_names(checked, self._slot, name, public=public)

    def __repr__(self) -> str:
        return f"Categories(slot={self._slot!r}, non_validated={self.non_validated})"


class SlotCurator:
    """One slot of a dataset: ``curator.slots["tables:table:obs"].cat.standardize("tissue")``."""

    def __init__(self, curator: Curator, slot: str, schema: Schema) -> None:
        self._curator = curator
        self.slot = slot
        self.schema = schema
        self.cat = Categories(curator, slot)

    def standardize(self) -> dict[str, dict[str, str]]:
        """Standardise every column of the slot; gives what was replaced, by column."""
        return {name: replaced for name in self.cat.non_validated if (replaced := self.cat.standardize(name))}

    def __repr__(self) -> str:
        return f"SlotCurator({self.slot!r}, {self.schema!r})"


class Curator:
    """Holds a dataset against a schema.

    Args:
        dataset: The object, or an artifact, which is loaded.
        schema: What it must have.
        features: Values given along with the dataset, by feature.

    Raises:
        InputError: The dataset is of another class.
    """

    _kind: ClassVar[str]

    def __init__(self, dataset: Any, schema: Schema, *, features: Mapping[str, object] | None = None) -> None:
        self.schema = schema.save()
        self._instance: Instance = schema._instance
        self._features = features
        self._artifact = dataset if isinstance(dataset, Artifact) else None
        self.dataset = dataset.load() if isinstance(dataset, Artifact) else dataset
        self._checked: Checked | None = None
        self._is_changed = False
        kind = get_kind(self.dataset)
        if kind != self._kind:
            raise InputError(
                "object-type-differs",
                f"{type(self).__name__} takes {self._kind}, and this is {type(self.dataset).__name__}.",
                hint=f"Use the curator for {kind}.",
            )

    @property
    def slots(self) -> dict[str, SlotCurator]:
        """The slots of the schema, and those in place of ``*`` that the dataset has."""
        found = dict.fromkeys((*self.schema.slots, *(one.slot for one in self._get_checked().features)))
        return {slot: SlotCurator(self, slot, self.schema.slots.get(slot, self.schema)) for slot in found}

    def validate(self) -> Report:
        """Check names, dtypes, categories and the data itself.

        Raises:
            ValidationError: It does not satisfy the schema; all findings come along.
        """
        self._forget(is_changed=self._is_changed)  # the user may have changed the dataset
        checked = require_valid(self._get_checked(), self.schema._saved, self._tell())
        return Report(checked, self.schema._saved)

    def check(self) -> Report:
        """The same without an error: ``is_valid`` says whether it fits."""
        self._forget(is_changed=self._is_changed)
        return Report(self._get_checked(), self.schema._saved)

    def standardize(self) -> dict[str, dict[str, dict[str, str]]]:
        """Standardise every column of every slot; gives what was replaced, by slot and column."""
        return {slot: replaced for slot, part in self.slots.items() if (replaced := part.standardize())}

    def save_artifact(
        self,
        *,
        key: str | None = None,
        description: str | None = None,
        revises: Artifact | None = None,
        run: Run | Literal[False] | None = None,
    ) -> Artifact:
        """Save what satisfies the schema, with labels for the terms and values that it has.

        An artifact whose object was not changed is labelled; everything else becomes a new artifact, or a new version.

        Raises:
            ValidationError: It does not satisfy the schema; nothing is saved.
            InputError: There is no key.
        """
        if self._artifact is not None and not self._is_changed and key is None:
            self.validate()
            self._instance.annotate_checked(
                self._artifact._saved, self._get_checked(), self.schema._saved, features=self._features
            )
            return self._artifact
        artifact = Artifact(
            self.dataset,
            key=key,
            description=description,
            schema=self.schema,
            features=self._features,
            revises=revises or self._artifact,
            run=run,
        )
        artifact._instance = self._instance
        return artifact.save()

    def _get_checked(self) -> Checked:
        if self._checked is None:
            self._checked = self._instance.check_object(self.dataset, self.schema._saved, features=self._features)
        return self._checked

    def _forget(self, *, is_changed: bool) -> None:
        self._checked = None
        self._is_changed = self._is_changed or is_changed

    def _tell(self) -> str:
        return self._artifact.key or self._kind if self._artifact is not None else f"The {self._kind}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.schema!r})"


class DataFrameCurator(Curator):
    """Curates a pandas DataFrame."""

    _kind = "DataFrame"

    @property
    def cat(self) -> Categories:
        """The columns whose values are terms."""
        return Categories(self, WHOLE)


class AnnDataCurator(Curator):
    """Curates AnnData."""

    _kind = "AnnData"


class MuDataCurator(Curator):
    """Curates MuData."""

    _kind = "MuData"


class SpatialDataCurator(Curator):
    """Curates SpatialData."""

    _kind = "SpatialData"
