"""The files of a reference as they are now, and what was worked out from them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from vitrina.ontology.file import OntologyFile
from vitrina.ontology.hierarchy import Hierarchy
from vitrina.ontology.typos import KnownTexts, build_known_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


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
        self._texts: dict[str, KnownTexts] = {}

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

    def get_texts(self, registry: str) -> KnownTexts:
        """Names and synonyms of a registry, to be compared with misspelt ones."""
        with self._lock:
            if registry not in self._texts:
                pairs = [
                    (name, text)
                    for file, hidden in zip(self.files, self.get_hidden(registry), strict=True)
                    for term_id, name, text in file.read_names(registry)
                    if term_id not in hidden
                ]
                self._texts[registry] = build_known_texts(pairs)
            return self._texts[registry]
