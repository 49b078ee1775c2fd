"""Schemas: define, get and list them."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.schema import Schema, SchemaDraft
    from vitrina.verbs.instance import Instance


def add_schema(instance: Instance, draft: SchemaDraft) -> Schema:
    """The schema that demands what the draft demands, made when there is none.

    Raises:
        ConflictError: The name stands for other demands.
        NotFoundError: A feature or a component schema is not there.
        InputError: ``itype`` or ``dtype`` is none, or a feature is named twice.
    """
    return instance.catalog.schemas.add(draft, getpass.getuser())


def get_schema(instance: Instance, ref: str) -> Schema:
    """The schema with a name or a uid.

    Raises:
        NotFoundError: There is none.
    """
    return instance.catalog.schemas.get(ref)


def list_schemas(instance: Instance, *, limit: int = 1_000) -> tuple[Schema, ...]:
    """The schemas, newest first, those that are only parts of others among them."""
    return instance.catalog.schemas.list_all(limit=limit)
