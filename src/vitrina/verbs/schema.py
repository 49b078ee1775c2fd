"""Schemas: define, get and list them."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from vitrina.errors import NotFoundError
from vitrina.verbs.ready_schema import READY_NAMES, add_ready_schema

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


def get_schema(instance: Instance, ref: str | Schema) -> Schema:
    """The schema with a name or a uid; one of READY_NAMES is made when it is first asked for.

    Raises:
        NotFoundError: There is none.
        ConflictError: A feature of a built-in schema is there with another dtype.
    """
    if not isinstance(ref, str):
        return ref
    try:
        return instance.catalog.schemas.get(ref)
    except NotFoundError:
        if ref not in READY_NAMES:
            raise
    return add_ready_schema(instance, ref)


def list_schemas(instance: Instance, *, limit: int = 1_000) -> tuple[Schema, ...]:
    """The schemas, newest first, those that are only parts of others among them."""
    return instance.catalog.schemas.list_all(limit=limit)
