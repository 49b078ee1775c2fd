"""What is kept of a training: the seam to the catalog, which this part does not know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedModel:
    """A checkpoint that is in the catalog.

    Attributes:
        uid: Of its artifact.
        key: Of its artifact.
        uri: Address of its page in the hub, else ``vitrina:artifact/`` and the uid.
    """

    uid: str
    key: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint about to be saved.

    Attributes:
        path: The file.
        key: Of its artifact.
        facts: ``score``, ``metric``, ``is_best_model``, ``model_rank``, ``epoch``, ``step``; None for what is unknown.
    """

    path: Path
    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Recorder(Protocol):
    """Records a training in a catalog."""

    def start(self, key: str, parameters: Mapping[str, Any], input_uids: Sequence[str]) -> str:
        """A run that has begun; gives its uid."""

    def save(self, run: str, checkpoint: Checkpoint) -> SavedModel:
        """Add a checkpoint as an artifact that the run made."""

    def describe(self, saved: SavedModel, facts: Mapping[str, Any]) -> None:
        """Say what is known of a saved checkpoint now, such as its rank after a better one came."""

    def drop(self, saved: SavedModel) -> None:
        """A checkpoint is not kept any more."""

    def finish(self, run: str, status: Literal["completed", "errored", "aborted"], error: str | None = None) -> None:
        """How the run ended."""

    def build_run_uri(self, run: str) -> str:
        """Address of a run, to be kept by other tools."""
