"""Put terms into a file of own ontologies."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

from vitrina.ontology.file import OntologyFile
from vitrina.ontology.write import write_terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vitrina.model.term import TermDraft


def merge_terms(path: Path, terms: Sequence[TermDraft], *, name: str) -> None:
    """Add the terms of a release; an older release of the same ontology goes. Whole or not at all.

    Two at once take turns.

    Args:
        path: Made when it is not there.
        terms: Of one registry.
        name: Of the ontology, with which its sources begin.

    Raises:
        UnreadableError: The file is damaged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = OntologyFile(path).read_terms() if path.exists() else []
        registries = {term.registry for term in terms}
        others = (term for term in kept if term.registry not in registries or not _is_of(term, name))
        write_terms(path, [*terms, *others])


def _is_of(term: TermDraft, name: str) -> bool:
    return (term.source or "").split(" ")[0] == name
