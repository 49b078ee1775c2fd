"""Features: define, get, list and search them."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.model.feature import Feature, FeatureDraft
    from vitrina.verbs.instance import Instance


def add_feature(instance: Instance, draft: FeatureDraft) -> Feature:
    """The feature with the draft's name, made when there is none.

    Raises:
        ConflictError: It is there with another dtype, unit, default or nullability.
        InputError: The name is empty, or the dtype is none.
    """
    return instance.catalog.features.add(draft, getpass.getuser())


def get_feature(instance: Instance, ref: str) -> Feature:
    """The feature with a name or a uid.

    Raises:
        NotFoundError: There is none.
    """
    return instance.catalog.features.get(ref)


def find_features(instance: Instance, names: Iterable[str]) -> dict[str, Feature]:
    """The features with some of the names, by name."""
    return instance.catalog.features.find(names)


def list_features(instance: Instance, *, limit: int = 1_000) -> tuple[Feature, ...]:
    """The features, newest first."""
    return instance.catalog.features.list_all(limit=limit)


def search_features(instance: Instance, text: str, *, limit: int = 20) -> tuple[Feature, ...]:
    """The features that have the text in their name, synonyms or description."""
    return instance.catalog.features.search(text, limit=limit)
