"""The coordination space of a configuration: named values that views and layers share.

Source: https://vitessce.io/docs/coordination/ and, for layers inside views (``metaCoordinationScopes``),
https://vitessce.io/docs/coordination-types/#metacoordinationscopes.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.gateway.vitessce.plan import Layer

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

    def add_layer(self, layer: Layer) -> str:
        """A layer with its channels; gives the name that views list under ``metaCoordinationScopes``."""
        scope = self.add(layer.kind, LEVEL)
        by_layer = self._add_values(layer.values, scope)
        by: dict[str, Any] = {layer.kind: by_layer}
        if layer.channels:
            channel_type = _CHANNEL_OF_LAYER[layer.kind]
            channels = [self.add(channel_type, LEVEL) for _ in layer.channels]
            by_layer[channel_type] = {scope.name: [channel.name for channel in channels]}
            by[channel_type] = {}
            for channel, values in zip(channels, layer.channels, strict=True):
                for name, names in self._add_values(values, channel).items():
                    by[channel_type].setdefault(name, {}).update(names)
        meta = f"{layer.kind}{len(self._meta)}"
        self._meta[meta] = {layer.kind: [scope.name]}
        self._meta_by[meta] = by
        return meta

    def build(self) -> dict[str, Any]:
        """The ``coordinationSpace`` of the configuration."""
        meta = {"metaCoordinationScopes": self._meta, "metaCoordinationScopesBy": self._meta_by} if self._meta else {}
        return {**self._values, **meta}

    def _add_values(self, values: Mapping[str, object], parent: Scope) -> dict[str, Any]:
        scopes = {name: value if isinstance(value, Scope) else self.add(name, value) for name, value in values.items()}
        return {name: {parent.name: scope.name} for name, scope in scopes.items()}


def _name(index: int) -> str:
    """``A`` to ``Z``, then ``AA``, ``AB``, ..."""
    name = ascii_uppercase[index % 26]
    return name if index < 26 else _name(index // 26 - 1) + name
