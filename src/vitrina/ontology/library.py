"""The files of a reference as they are now, and what was worked out from them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from vitrina.ontology.file import OntologyFile
from vitrina.ontology.hierarchy import Hierarchy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from vitrina.model.term import TermDraft


class Library:
    """Thread-safe. A term that several files hold is that of the first.

    Args:
        paths: Ontology files, those that count more first.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.files = tuple(OntologyFile(path) for path in paths)
        self._lock = threading.RLock()
        self._hidden: dict[str, tuple[frozenset[str], ...]] = {}
        self._hierarchies: dict[str, Hierarchy] = {}
        self._texts: dict[tuple[str, str], tuple[str, ...]] = {}

    def get_hidden(self, registry: str) -> tuple[frozenset[str], ...]:
        """For each file the ids of terms that a file before it holds too."""
        with self._lock:
            if registry not in self._hidden:
                hidden = [frozenset[str]()]
                for file in self.files[:-1]:
                    hidden.append(hidden[-1] | file.read_ids(registry))
                self._hidden[registry] = tuple(hidden)
            return self._hidden[registry]

    def get_hierarchy(self, registry: str) -> Hierarchy:
        """The parents of all terms of a registry; a parent may come from another file than its child."""
        with self._lock:
            if registry not in self._hierarchies:
                parents: dict[str, tuple[str, ...]] = {}
                for file, hidden in zip(self.files, self.get_hidden(registry), strict=True):
                    found = file.read_parents(registry)
                    parents |= {term_id: above for term_id, above in found.items() if term_id not in hidden}
                self._hierarchies[registry] = Hierarchy(parents)
            return self._hierarchies[registry]

    def get_texts(self, registry: str, *, start: str = "") -> tuple[str, ...]:
        """Names and synonyms in lower case, all or those that begin so, to be compared with misspelt ones."""
        key = (registry, start.casefold())
        with self._lock:
            if key not in self._texts:
                texts = (text.casefold() for file in self.files for text in file.read_texts(registry, start=start))
                self._texts[key] = tuple(dict.fromkeys(texts))
            return self._texts[key]

    def gather(self, ask: Callable[[OntologyFile], list[TermDraft]]) -> list[TermDraft]:
        """What each file answers, without the terms that a file before it holds too."""
        return [
            term
            for position, file in enumerate(self.files)
            for term in ask(file)
            if term.ontology_id not in self.get_hidden(term.registry)[position]
        ]
