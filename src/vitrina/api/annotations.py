"""``artifact.labels`` and ``artifact.features``: what is said of an artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.api.registry_entry import RegistryEntry
from vitrina.api.term_list import TermList
from vitrina.errors import InputError
from vitrina.model.registry import REGISTRIES, find_registry
from vitrina.verbs.label_plan import Wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vitrina.api.feature import Feature
    from vitrina.api.schema import Schema
    from vitrina.model.annotation import Annotations, JsonValue, Label
    from vitrina.model.artifact import Artifact as Record
    from vitrina.verbs.instance import Instance

_PLURALS = {registry.plural: registry.name for registry in REGISTRIES.values()}


class Annotated:
    """What is said of a saved artifact."""

    _instance: Instance

    @property
    def _saved(self) -> Record:
        raise NotImplementedError

    @property
    def labels(self) -> ArtifactLabels:
        """The terms that it is labelled with: ``.add(record, feature=None)``, ``.get("tissue")``, ``.remove()``."""
        return ArtifactLabels(self._instance, self._saved)

    @property
    def features(self) -> ArtifactFeatures:
        """Its values of features: ``.add_values({name: value})``, ``.get_values()``, ``.remove_values(name)``."""
        return ArtifactFeatures(self._instance, self._saved)

    @property
    def schema(self) -> Schema | None:
        """The schema that it was validated with, None when it was not."""
        from vitrina.api.schema import Schema

        uid = self._instance.read_annotations(self._saved).schema_uid
        return None if uid is None else Schema._wrap(self._instance, self._instance.get_schema(uid))

    def __getattr__(self, name: str) -> TermList[Any]:
        """The labels of one registry: ``artifact.tissues``, ``artifact.cell_types``."""
        if name in _PLURALS:
            return self.labels.get(_PLURALS[name])
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")


class ArtifactLabels:
    """The labels of one artifact.

    Args:
        instance: Where it is.
        artifact: The artifact.
    """

    def __init__(self, instance: Instance, artifact: Record) -> None:
        self._instance = instance
        self._artifact = artifact

    def add(self, records: RegistryEntry | Iterable[RegistryEntry], feature: Feature | str | None = None) -> None:
        """Label the artifact; entries that are not saved yet are saved.

        Args:
            records: One entry or several.
            feature: The feature that they are values of; None for plain labels.

        Raises:
            InputError: The feature takes entries of another registry, or there is none of the name.
        """
        entries = TermList(_list_entries(records), ()).save()
        self._instance.label(self._artifact, self._plan(entries, feature))

    def remove(self, records: RegistryEntry | Iterable[RegistryEntry], feature: Feature | str | None = None) -> None:
        """Take labels off; without a feature, whatever feature they are values of.

        Raises:
            InputError: ``label-absent``: the artifact has no such label.
        """
        self._instance.unlabel(self._artifact, self._plan(_list_entries(records), feature))

    def get(self, of: type[RegistryEntry] | Feature | str) -> TermList[Any]:
        """The labels of a registry (``vt.Tissue``, ``"tissue"``), or those that are values of a feature.

        Raises:
            InputError: ``label-name-unknown``: it is neither.
        """
        registry, feature = self._find_meaning(of)
        found = [one for one in self._read() if registry in (None, one.registry) and feature in (None, one.feature)]
        return self._build_entries(found)

    def __iter__(self) -> Iterator[RegistryEntry]:
        return iter(self._build_entries(self._read()))

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        from vitrina.verbs.describe_annotations import describe_labels

        return describe_labels(self._read()) or "no labels"

    def _plan(self, entries: Iterable[RegistryEntry], feature: Feature | str | None) -> Any:
        wishes = [
            Wish(
                name=entry.record.registry if feature is None else _get_name(feature),
                value=entry.record,
            )
            for entry in entries
        ]
        return self._instance.plan_labels(wishes, features_only=feature is not None)

    def _read(self) -> tuple[Label, ...]:
        return self._instance.read_annotations(self._artifact).labels

    def _find_meaning(self, of: type[RegistryEntry] | Feature | str) -> tuple[str | None, str | None]:
        """Registry or feature."""
        if isinstance(of, type):
            return of.__name__, None
        name = _get_name(of)
        if self._instance.find_features([name]):
            return None, name
        registry = find_registry(name)
        if registry is None:
            raise InputError("label-name-unknown", f"{name!r} is neither a feature nor a registry.", where=name)
        return registry.name, None

    def _build_entries(self, labels: Sequence[Label]) -> TermList[Any]:
        from vitrina.api import registries

        entries: dict[str, RegistryEntry] = {}
        for registry in dict.fromkeys(label.registry for label in labels):
            wanted = {label.uid for label in labels if label.registry == registry}
            kind: type[RegistryEntry] = getattr(registries, registry)
            for term in self._instance.find_terms(registry, where={"uid__in": sorted(wanted)}, limit=1000).items:
                entries[term.uid] = kind._wrap(self._instance, term)
        uids = dict.fromkeys(label.uid for label in labels)
        return TermList([entries[uid] for uid in uids if uid in entries], RegistryEntry.FIELDS)


class ArtifactFeatures:
    """The values of features that one artifact has.

    Args:
        instance: Where it is.
        artifact: The artifact.
    """

    def __init__(self, instance: Instance, artifact: Record) -> None:
        self._instance = instance
        self._artifact = artifact

    def add_values(self, values: Mapping[str | Feature, object]) -> None:
        """Give the artifact values of features, in place of those that it has; values that are terms become labels.

        Args:
            values: By name of the feature; of one whose dtype is a registry names, entries, or a list of them.

        Raises:
            InputError: There is no such feature or term, or the value is not of the feature's dtype.
        """
        wishes = [
            Wish(name=_get_name(feature), value=item)
            for feature, value in values.items()
            for item in _list_items(value)
        ]
        plan = self._instance.plan_labels(wishes, coerce=False, features_only=True)
        self._instance.label(self._artifact, plan)

    def get_values(self) -> dict[str, JsonValue | set[str]]:
        """The values by feature; of several labels the set of their names."""
        annotations = self._instance.read_annotations(self._artifact)
        return _build_values(annotations)

    def remove_values(self, feature: str | Feature | Sequence[str | Feature]) -> None:
        """Take the values of one feature or several away.

        Raises:
            InputError: There is no such feature.
        """
        from vitrina.api.feature import Feature

        features = [feature] if isinstance(feature, str | Feature) else feature
        self._instance.remove_values(self._artifact, [_get_name(one) for one in features])

    def __getitem__(self, name: str) -> JsonValue | set[str]:
        return self.get_values()[name]

    def __repr__(self) -> str:
        from vitrina.verbs.describe_annotations import describe_features

        return describe_features(self._instance.read_annotations(self._artifact)) or "no values of features"


def _build_values(annotations: Annotations) -> dict[str, JsonValue | set[str]]:
    values: dict[str, JsonValue | set[str]] = {}
    names: dict[str, list[str]] = {}
    for label in annotations.labels:
        if label.feature is not None:
            names.setdefault(label.feature, []).append(label.name)
    values.update((feature, found[0] if len(found) == 1 else set(found)) for feature, found in names.items())
    values.update((value.feature, value.value) for value in annotations.values)
    return values


def _list_entries(records: RegistryEntry | Iterable[RegistryEntry]) -> list[RegistryEntry]:
    entries = [records] if isinstance(records, RegistryEntry) else list(records)
    for entry in entries:
        if not isinstance(entry, RegistryEntry):
            raise InputError(
                "label-not-record",
                f"{entry!r} is not an entry of a registry.",
                hint=f"Write vt.Tissue.from_source(name={entry!r}), or features.add_values({{feature: {entry!r}}}).",
            )
    return entries


def _list_items(value: object) -> list[object]:
    """Records in place of entries; a list of entries is several wishes."""
    if isinstance(value, RegistryEntry):
        return [value.record]
    if isinstance(value, list | tuple | set) and any(isinstance(item, RegistryEntry) for item in value):
        return [item.record if isinstance(item, RegistryEntry) else item for item in value]
    return [value]


def _get_name(feature: Feature | str) -> str:
    return feature if isinstance(feature, str) else feature.name
