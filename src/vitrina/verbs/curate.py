"""Hold datasets against schemas, and add those that fit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.curate.check import check_dataset
from vitrina.curate.slots import EXTERNAL
from vitrina.errors import UnsupportedError, ValidationError
from vitrina.model.dtype import parse_dtype
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source
from vitrina.verbs.add import add, written
from vitrina.verbs.checked_annotations import build_annotations, build_given, unite
from vitrina.verbs.schema import get_schema
from vitrina.verbs.vocabulary import InstanceVocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.curate.checked import Checked
    from vitrina.curate.vocabulary import Vocabulary
    from vitrina.model.annotation import AnnotationsDraft
    from vitrina.model.artifact import Artifact
    from vitrina.model.schema import Schema
    from vitrina.storage.store import Progress
    from vitrina.verbs.add import Added
    from vitrina.verbs.instance import Instance


def curate(
    instance: Instance, ref: str, schema: Schema | str, *, features: Mapping[str, object] | None = None
) -> Checked:
    """What is wrong with an artifact by a schema; its bytes are opened for it, and nothing is changed.

    Args:
        instance: Where both are.
        ref: Names the artifact.
        schema: Itself, its name, or its uid.
        features: Values given along with the dataset, by feature; those that it is annotated with unless given.

    Raises:
        NotFoundError: There is no such artifact or schema.
        UnsupportedError: No reader knows the artifact's format.
        UnreadableError: Its bytes are damaged.
    """
    wanted = get_schema(instance, schema)
    artifact = instance.show(ref)
    given = _read_given(instance, artifact) if features is None else features
    return check_object(instance, instance.load(artifact), wanted, features=given)


def annotate_checked(
    instance: Instance,
    artifact: Artifact,
    checked: Checked,
    schema: Schema | str,
    *,
    features: Mapping[str, object] | None = None,
) -> None:
    """Put labels of the terms and values that were found in an artifact on it.

    Args:
        instance: Where it is.
        artifact: What was checked.
        checked: What checking it gave.
        schema: What it was held against: itself, its name, or its uid.
        features: Values that were given along with the dataset.

    Raises:
        ValidationError: There were errors; nothing is changed.
    """
    wanted = get_schema(instance, schema)
    require_valid(checked, wanted, artifact.key)
    annotations = _build_annotations(instance, checked, wanted, features or {})
    instance.catalog.annotations.add({artifact.uid: annotations})


def check_object(
    instance: Instance,
    dataset: object,
    schema: Schema | str,
    *,
    features: Mapping[str, object] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Checked:
    """What is wrong with an object in memory by a schema.

    Args:
        instance: Whose registries say what values mean.
        dataset: A data frame, AnnData, MuData, SpatialData or image.
        schema: Itself, its name, or its uid.
        features: Values given along with the dataset, by feature.
        vocabulary: One that has been asked before, so that it need not search again.
    """
    return check_dataset(
        dataset, get_schema(instance, schema), vocabulary or InstanceVocabulary(instance), features=features
    )


def add_curated(
    instance: Instance,
    dataset: object,
    schema: Schema | str,
    *,
    key: str | None = None,
    description: str | None = None,
    kind: str = "dataset",
    features: Mapping[str, object] | None = None,
    in_place: bool = False,
    progress: Progress | None = None,
) -> Added:
    """Add a dataset that satisfies a schema, with labels for the terms and values that it has.

    An object is checked, written, opened again and checked once more: only what the file holds counts as valid.

    Args:
        instance: Where it goes.
        dataset: An object, or the path of a file or folder.
        schema: Itself, its name, or its uid.
        key: Its name in the catalog; the name of the file or folder unless given. An object must have one, and its
            suffix chooses the format.
        description: Free text.
        kind: ``dataset`` unless it is something else.
        features: Values given along with the dataset, by feature.
        in_place: Register a path where it lies, without a copy.
        progress: Called with bytes done and bytes in all.

    Raises:
        ValidationError: It does not satisfy the schema; nothing is added.
        UnsupportedError: The object is of another class, or no reader knows the file.
    """
    wanted = get_schema(instance, schema)
    vocabulary = InstanceVocabulary(instance)

    name = key or (Path(dataset).name if isinstance(dataset, str | os.PathLike) else type(dataset).__name__)

    def check(found: object) -> Checked:
        checked = check_object(instance, found, wanted, features=features, vocabulary=vocabulary)
        return require_valid(checked, wanted, name)

    def add_checked(path: Path, *, take: bool) -> Added:
        annotations = _build_annotations(instance, check(_read(path)), wanted, features or {})
        return add(
            instance,
            path,
            key=name,
            description=description,
            kind=kind,
            annotations=annotations,
            in_place=in_place and not take,
            take=take,
            progress=progress,
        )

    if isinstance(dataset, str | os.PathLike):
        return add_checked(Path(dataset), take=False)
    check(dataset)
    with written(instance, dataset, name) as path:
        return add_checked(path, take=True)


def require_valid(checked: Checked, schema: Schema, where: str) -> Checked:
    """The same, when it has no errors.

    Raises:
        ValidationError: ``schema-not-satisfied``, with all findings.
    """
    errors = [finding for finding in checked.findings if finding.severity == "error"]
    if not errors:
        return checked
    count = "one error" if len(errors) == 1 else f"{len(errors)} errors"
    raise ValidationError(
        "schema-not-satisfied",
        f"{where} does not satisfy the schema {schema.name or schema.uid!r}: {count}.",
        findings=checked.findings,
        where=where,
    )


def _read_given(instance: Instance, artifact: Artifact) -> dict[str, object]:
    """What an artifact is annotated with, by feature, as it would be given along with the dataset."""
    annotations = instance.read_annotations(artifact)
    given: dict[str, object] = {value.feature: value.value for value in annotations.values}
    labels = [label for label in annotations.labels if label.feature is not None]
    features = instance.find_features(label.feature for label in labels if label.feature is not None)
    texts: dict[str, list[str]] = {}
    for label in labels:
        name = label.feature or ""
        by_id = parse_dtype(features[name].dtype).field == "ontology_id"
        texts.setdefault(name, []).append((label.ontology_id if by_id else None) or label.name)
    for name, found in texts.items():
        given[name] = found if parse_dtype(features[name].dtype).is_list or len(found) > 1 else found[0]
    return given


def _build_annotations(
    instance: Instance, checked: Checked, schema: Schema, features: Mapping[str, object]
) -> AnnotationsDraft:
    """What was found, and those of the given values that the schema says nothing of."""
    asked = {one.name for one in checked.features if one.slot == EXTERNAL}
    given = build_given(instance, {name: value for name, value in features.items() if name not in asked})
    return unite(build_annotations(instance, checked, schema), given)


def _read(path: Path) -> object:
    source = open_source(path.expanduser().absolute())
    reader = find_reader(source)
    if reader is None:
        raise UnsupportedError(
            "format-unknown",
            f"{path} cannot be held against a schema, because no reader knows its format.",
            hint="Convert it to SpatialData, AnnData, MuData, OME-Zarr, OME-TIFF or a table.",
            where=str(path),
        )
    return reader.read_object(source)
