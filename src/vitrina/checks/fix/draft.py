"""The attributes of one group while repairs are planned."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from vitrina.checks.fix.plan import Kind, Repair

if TYPE_CHECKING:
    from vitrina.ngff.json_value import JsonObject


class Draft:
    """A copy of the attributes that rules change, and what they say of it. The attributes given stay as they are.

    Args:
        path: Of the group.
        attrs: Its attributes.

    Attributes:
        attrs: As they will be.
        repairs: What was changed.
        reasons: Why something was not, by code.
    """

    def __init__(self, path: str, attrs: JsonObject) -> None:
        self.path = path
        self.attrs: dict[str, Any] = deepcopy(dict(attrs))
        self.repairs: list[Repair] = []
        self.reasons: dict[str, str] = {}

    @property
    def block(self) -> dict[str, Any]:
        """The object that holds the OME-Zarr keys."""
        ome = self.attrs.get("ome")
        return ome if isinstance(ome, dict) else self.attrs

    @property
    def multiscales(self) -> list[dict[str, Any]]:
        """The images that are objects."""
        value = self.block.get("multiscales")
        return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []

    @property
    def name(self) -> str:
        """The group, for a sentence."""
        return repr(self.path) if self.path else "the root"

    def tell(self, *codes: str, message: str, kind: Kind = "metadata") -> None:
        """Say what was changed."""
        self.repairs.append(Repair(codes=codes, kind=kind, path=self.path, message=message))

    def refuse(self, *codes: str, reason: str) -> None:
        """Say why something is left."""
        self.reasons.update(dict.fromkeys(codes, reason))


def list_datasets(multiscale: JsonObject) -> list[dict[str, Any]]:
    """The levels that are objects."""
    value = multiscale.get("datasets")
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
