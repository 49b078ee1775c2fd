"""The coordination space of a configuration: named values that views and layers share.

Source: https://vitessce.io/docs/coordination/ and, for layers inside views (``metaCoordinationScopes``),
https://vitessce.io/docs/coordination-types/#metacoordinationscopes.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitrina.gateway.vitessce.plan import Layer, LayerKind

LEVEL = "__dummy__"
"""Value of a scope that only groups other scopes, as Vitessce's own configuration builder writes it."""

_CHANNEL_OF_LAYER = {"imageLayer": "imageChannel", "segmentationLayer": "segmentationChannel"}


@dataclass(frozen=True, slots=True)
class Scope:
    """A named value of one coordination type. As a layer's value it means: share that one."""

    type: str
    name: str


class CoordinationSpace:
    """Collects coordination values and gives each a scope name of its own."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, object]] = {}
        self._meta: dict[str, dict[str, list[str]]] = {}
        self._meta_by: dict[str, dict[str, Any]] = {}

    def add(self, coordination_type: str, value: object) -> Scope:
        """A new scope with this value."""
        scopes = self._values.setdefault(coordination_type, {})
        scope = Scope(coordination_type, _name(len(scopes)))
        scopes[scope.name] = value
        return scope

    def add_layers(self, kind: LayerKind, layers: Sequence[Layer]) -> str:
        """Layers of one kind with their channels; gives the name that views list under ``metaCoordinationScopes``.

        All layers of a kind stand under one name: of several, the viewer would show the last one only.
        """
        by: dict[str, dict[str, Any]] = {kind: {}}
        scopes = [self.add(kind, LEVEL) for _ in layers]
        for scope, layer in zip(scopes, layers, strict=True):
            self._add_values(layer.values, scope, by[kind])
            if layer.channels:
                channel_type = _CHANNEL_OF_LAYER[kind]
                channels = [self.add(channel_type, LEVEL) for _ in layer.channels]
                by[kind].setdefault(channel_type, {})[scope.name] = [channel.name for channel in channels]
                for channel, values in zip(channels, layer.channels, strict=True):
                    self._add_values(values, channel, by.setdefault(channel_type, {}))
        self._meta[kind] = {kind: [scope.name for scope in scopes]}
        self._meta_by[kind] = by
        return kind

    def build(self) -> dict[str, Any]:
        """The ``coordinationSpace`` of the configuration."""
        meta = {"metaCoordinationScopes": self._meta, "metaCoordinationScopesBy": self._meta_by} if self._meta else {}
        return {**self._values, **meta}

    def _add_values(self, values: Mapping[str, object], parent: Scope, by: dict[str, Any]) -> None:
        """Note below ``by`` which scope gives the parent each of its values."""
        for name, value in values.items():
            scope = value if isinstance(value, Scope) else self.add(name, value)
            by.setdefault(name, {})[parent.name] = scope.name


def _name(index: int) -> str:
    """``A`` to ``Z``, then ``AA``, ``AB``, ..."""
    name = ascii_uppercase[index % 26]
    return name if index < 26 else _name(index // 26 - 1) + name
