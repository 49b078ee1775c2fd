"""View: a saved viewer state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A Vitessce configuration on an artifact or a collection.

    Attributes:
        uid: 16 base62 characters.
        name: Shown in the hub.
        subject_uid: Uid of the artifact or collection.
        config: The configuration with ``vitrina://{uid}/{path}`` in place of addresses: no host, port or token.
        created_at: UTC.
        created_by: Handle of the user.
    """

    uid: str
    name: str
    subject_uid: str
    config: Mapping[str, Any]
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewDraft:
    """What the catalog is told to make a view."""

    name: str
    subject_uid: str
    config: Mapping[str, Any]
    created_by: str
