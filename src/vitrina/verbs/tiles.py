"""Tiles for training, out of the datasets of a catalog."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from vitrina.errors import InputError
from vitrina.ml.choices import Dataset, TileOptions
from vitrina.ml.cohort import build_tiles as build_cohort
from vitrina.model.registry import REGISTRIES
from vitrina.verbs.training import CatalogRecorder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vitrina.ml.tiles import Tiles
    from vitrina.model.annotation import Annotations
    from vitrina.model.artifact import Artifact
    from vitrina.verbs.instance import Instance


def build_tiles(
    instance: Instance,
    artifacts: Sequence[Artifact],
    options: TileOptions,
    *,
    chosen_by: Mapping[str, Any] | None = None,
    find_parent: Callable[[], str | None] | None = None,
) -> Tiles:
    """The tiles around all cells of some artifacts.

    What is said of an artifact (its features and labels) can be split by, as can columns of its table. Trainings on the
    tiles are recorded in this instance.

    Args:
        instance: Where the artifacts are.
        artifacts: At least one, each once.
        options: What is wanted of each.
        chosen_by: The query or collection, as JSON values, to be kept with what is trained.
        find_parent: Gives the run that a training is a part of, when it starts.

    Raises:
        InputError: The options make no sense, or leave a choice open.
        NotFoundError: A dataset has no such image, channel, region, column or gene.
        StorageError: The bytes are not on this machine.
        UnreadableError: The bytes are damaged.
    """
    datasets = build_datasets(instance, artifacts)
    recorder = CatalogRecorder(instance, chosen_by or {}, find_parent)
    return build_cohort(datasets, options, recorder)


def build_datasets(instance: Instance, artifacts: Sequence[Artifact]) -> list[Dataset]:
    """Artifacts as the datasets of a cohort, with what is said of them.

    Raises:
        InputError: One comes twice.
        StorageError: The bytes are not on this machine.
    """
    if len({artifact.uid for artifact in artifacts}) < len(artifacts):
        raise InputError("slides-repeated", "An artifact comes twice.", where="artifacts")
    annotations = instance.read_many_annotations(artifacts)
    keys = Counter(artifact.key for artifact in artifacts)
    return [
        Dataset(
            name=artifact.key if keys[artifact.key] == 1 else f"{artifact.key}@{artifact.version}",
            source=instance.get_source(artifact),
            content=artifact.content,
            uid=artifact.uid,
            hash=artifact.hash,
            labels=_collect_labels(annotations[artifact.uid]),
        )
        for artifact in artifacts
    ]


def build_table_loader(instance: Instance, artifacts: Sequence[Artifact], **options: Any) -> Any:
    """A loader of annbatch over the tables of some artifacts; see ``vitrina.ml.torch.build_table_loader``.

    Raises:
        MissingExtraError: The extra ``vitrina[torch]`` is not installed.
    """
    from vitrina.ml.torch import build_table_loader as build_loader

    return build_loader(build_datasets(instance, artifacts), **options)


def _collect_labels(annotations: Annotations) -> dict[str, str]:
    """Texts by feature, and by word of a registry; several labels of one are joined."""
    found: dict[str, list[str]] = {}
    for label in annotations.labels:
        registry = REGISTRIES[label.registry]
        for name in (label.feature, registry.name, registry.name.lower()):
            if name is not None:
                found.setdefault(name, []).append(label.name)
    texts = {name: ", ".join(sorted(set(names))) for name, names in found.items()}
    return texts | {item.feature: str(item.value) for item in annotations.values}
