"""Terms: the rows of LaminDB's registries, those of its own and those of bionty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.lamindb.database import parse_moment, split_synonyms
from vitrina.lamindb.records import TRASH, LaminTerm

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    from vitrina.lamindb.database import LaminDatabase

_BIONTY = (
    *("CellLine", "CellMarker", "CellType", "DevelopmentalStage", "Disease", "Ethnicity", "ExperimentalFactor"),
    *("Gene", "Organism", "Pathway", "Phenotype", "Protein", "Tissue"),
)
_LAMINDB = ("ULabel", "Project", "Record", "Reference")
_ATTRIBUTES = (
    *("symbol", "ensembl_gene_id", "stable_id", "biotype", "scientific_name", "abbr", "url", "doi"),
    *("uniprotkb_id", "gene_symbol", "reference", "reference_type"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaminRegistry:
    """A registry whose terms label artifacts.

    Attributes:
        name: With its module, as dtypes have it: ``bionty.Tissue``, ``ULabel``.
        table: Of the terms.
        links: Table of the labels of artifacts.
        column: Of ``links``, the term.
    """

    name: str
    table: str
    links: str
    column: str

    @property
    def parents(self) -> str:
        """Table of the parents; not all registries have one."""
        return f"{self.table}_parents"


def list_registries(database: LaminDatabase) -> tuple[LaminRegistry, ...]:
    """The registries that the instance has and that label artifacts."""
    known = [("lamindb", name, name) for name in _LAMINDB] + [("bionty", name, f"bionty.{name}") for name in _BIONTY]
    registries = [
        LaminRegistry(
            name=name,
            table=f"{module}_{class_name.lower()}",
            links=f"{module}_artifact{class_name.lower()}",
            column=f"{class_name.lower()}_id",
        )
        for module, class_name, name in known
    ]
    return tuple(registry for registry in registries if database.has(registry.table) and database.has(registry.links))


def read_terms(database: LaminDatabase, registry: LaminRegistry) -> Iterator[LaminTerm]:
    """The terms of a registry in the order of their ids; types of terms are among them, as parents.

    Those in the trash come only when they label an artifact.
    """
    parents = _read_parents(database, registry)
    # the names of tables come from `list_registries`
    query = (
        f"SELECT * FROM {registry.table} WHERE branch_id <> ? "  # noqa: S608
        f"OR id IN (SELECT {registry.column} FROM {registry.links}) ORDER BY id"
    )
    for row in database.select(query, (TRASH,)):
        yield _build_term(row, registry, parents)


def read_used(database: LaminDatabase, registry: LaminRegistry) -> frozenset[int]:
    """Ids of the terms of a registry that label an artifact."""
    query = f"SELECT DISTINCT {registry.column} AS id FROM {registry.links}"  # noqa: S608 (from `list_registries`)
    return frozenset(row["id"] for row in database.select(query))


def _read_parents(database: LaminDatabase, registry: LaminRegistry) -> Mapping[int, tuple[int, ...]]:
    parents: dict[int, tuple[int, ...]] = {}
    if database.has(registry.parents):
        child, parent = (f"{end}_{registry.column}" for end in ("from", "to"))
        query = f"SELECT {child} AS child, {parent} AS parent FROM {registry.parents} ORDER BY id"  # noqa: S608
        for row in database.select(query):
            parents[row["child"]] = (*parents.get(row["child"], ()), row["parent"])
    return parents


def _build_term(row: sqlite3.Row, registry: LaminRegistry, parents: Mapping[int, tuple[int, ...]]) -> LaminTerm:
    fields = set(row.keys())
    attributes = {name: str(row[name]) for name in _ATTRIBUTES if name in fields and row[name]}
    type_ids = (row["type_id"],) if "type_id" in fields and row["type_id"] is not None else ()
    names = [row["name"] if "name" in fields else None, attributes.get("symbol"), attributes.get("ensembl_gene_id")]
    return LaminTerm(
        id=row["id"],
        registry=registry.name,
        uid=row["uid"],
        name=next((name for name in (*names, attributes.get("stable_id")) if name), row["uid"]),
        ontology_id=(row["ontology_id"] if "ontology_id" in fields else attributes.get("ensembl_gene_id")) or None,
        synonyms=split_synonyms(row["synonyms"]) if "synonyms" in fields else (),
        description=row["description"] or None,
        parent_ids=tuple(dict.fromkeys((*parents.get(row["id"], ()), *type_ids))),
        attributes=attributes,
        organism_id=row["organism_id"] if "organism_id" in fields else None,
        created_at=parse_moment(row["created_at"]),
        created_by_id=row["created_by_id"],
    )
