"""Where the reference ontologies that come with Vitrina lie."""

from __future__ import annotations

from pathlib import Path

from vitrina.errors import StorageError

SHIPPED = Path(__file__).parent / "reference.sqlite"
"""Made by ``make ontology``; in every wheel."""


def get_shipped_path(path: Path = SHIPPED) -> Path:
    """The file.

    Raises:
        StorageError: It was not built.
    """
    if not path.is_file():
        raise StorageError(
            "ontology-reference-missing",
            f"The reference ontologies are missing: there is no {path}.",
            hint="This is a source checkout: run `make ontology` in it, once.",
            where=str(path),
        )
    return path
