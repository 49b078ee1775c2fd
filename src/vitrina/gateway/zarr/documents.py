"""The documents of the nodes of a hierarchy, as they are stored."""

from __future__ import annotations

import json
from typing import Any

from vitrina.errors import DataError, UnreadableError


def parse_document(value: bytes, key: str) -> dict[str, Any]:
    """The document of a node.

    Args:
        value: Its bytes.
        key: Under which they are stored, for errors.

    Raises:
        UnreadableError: It is not JSON.
        DataError: It is no JSON object.
    """
    try:
        document = json.loads(value)
    except (ValueError, RecursionError) as err:
        raise UnreadableError("json-malformed", f"{key} is not JSON: {err}.", where=key) from err
    if not isinstance(document, dict):
        raise DataError("json-malformed", f"{key} holds {type(document).__name__}, expected an object.", where=key)
    return document
