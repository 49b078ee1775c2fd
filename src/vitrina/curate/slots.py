"""Slots: the places of a dataset that schemas speak of, as text and as steps. Pure.

    DataFrame     the empty slot: the frame itself
    AnnData       obs var var.T uns uns:KEY... obsm obsm:KEY varm varm:KEY layers X
    MuData        those of AnnData, for all modalities together; MODALITY:SLOT for one
    SpatialData   attrs attrs:KEY... tables:KEY:SLOT images:KEY labels:KEY points:KEY shapes:KEY coordinate_systems
    image         image
    any           __external__: the values that are given along with the dataset

``*`` in place of an element's KEY means every one there is. ``.T`` turns names of rows into names of columns.

Source: https://docs.lamin.ai/lamindb.curators.spatialdatacurator (the slots of tables and attrs)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EXTERNAL: Final = "__external__"
"""Slot of the values that are given along with a dataset."""

EVERY: Final = "*"
ELEMENT_TYPES: Final = ("images", "labels", "points", "shapes", "tables")

_TRANSPOSED = ".T"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in a dataset.

    Attributes:
        steps: From the dataset inwards, such as ``("tables", "table", "var")``; empty for the dataset itself.
        is_transposed: Whether the names of the rows are what the slot is about.
    """

    steps: tuple[str, ...]
    is_transposed: bool = False

    def __str__(self) -> str:
        return ":".join(self.steps) + (_TRANSPOSED if self.is_transposed else "")

    @property
    def node(self) -> str:
        """The place as a path of nodes, as findings tell it."""
        return "/".join(self.steps)


def parse_slot(text: str) -> Slot:
    """The place that a text names; every text names one, whether a dataset has it or not.

    Example:
        >>> parse_slot("tables:table:var.T")
        Slot(steps=('tables', 'table', 'var'), is_transposed=True)
    """
    inner = text.removesuffix(_TRANSPOSED)
    return Slot(steps=tuple(inner.split(":")) if inner else (), is_transposed=inner != text)


def build_path(slot: Slot | str, *keys: str | int) -> str:
    """Where a finding is: the slot as node, then the keys as a JSON pointer.

    Source: https://datatracker.ietf.org/doc/html/rfc6901#section-3
    """
    node = (parse_slot(slot) if isinstance(slot, str) else slot).node
    return f"{node}#" + "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)
