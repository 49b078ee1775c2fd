"""What makes two schemas one: the hash of what they demand. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from blake3 import blake3

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.model.schema import SchemaDraft


def hash_schema(draft: SchemaDraft, component_hashes: Mapping[str, str]) -> str:
    """BLAKE3 of the demands as JSON with sorted keys; names, descriptions and uids of components are none.

    Args:
        draft: The order of its features counts only when it says so.
        component_hashes: Hashes of the schemas in its slots, by uid.
    """
    members = [[uid, uid in draft.optional_uids] for uid in draft.feature_uids]
    demands = {
        "members": members if draft.is_ordered else sorted(members),
        "index": draft.index_uid,
        "itype": draft.itype,
        "dtype": draft.dtype,
        "otype": draft.otype,
        "slots": {slot: component_hashes[uid] for slot, uid in draft.slots.items()},
        "minimal": draft.is_minimal,
        "maximal": draft.is_maximal,
        "ordered": draft.is_ordered,
        "flexible": draft.is_flexible,
        "coerced": draft.is_coerced,
    }
    return blake3(json.dumps(demands, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
