"""What registry classes can do as classes: find entries, and tell what values mean."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar, Self

from vitrina.api.connection import get_instance
from vitrina.api.inspection import InspectResult
from vitrina.api.term_list import TermList
from vitrina.errors import InputError, NotFoundError
from vitrina.model.dtype import RegistryField
from vitrina.model.registry import REGISTRIES
from vitrina.model.term import Term, TermDraft
from vitrina.model.term_match import get_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from vitrina.api.public_ontology import PublicOntology
    from vitrina.api.registry_entry import RegistryEntry
    from vitrina.model.resolution import Resolution
    from vitrina.verbs.instance import Instance

    type Field = RegistryField | str | None
    type OrganismLike = RegistryEntry | str | None

PAGE_SIZE = 1000
N_TOLD = 5

_LOGGER = logging.getLogger("vitrina")


class RegistryClass:
    """The registered entries of one registry, and the reference behind it."""

    FIELDS: ClassVar[tuple[str, ...]] = (
        "uid",
        "name",
        "ontology_id",
        "synonyms",
        "description",
        "organism",
        "source",
        "created_at",
        "created_by",
    )
    """Columns of a table of entries."""

    _bound: ClassVar[Instance | None] = None

    instance: Instance
    record: Term | TermDraft

    @classmethod
    def _get_instance(cls) -> Instance:
        return cls._bound or get_instance()

    @classmethod
    def _wrap(cls, instance: Instance, record: Term | TermDraft) -> Self:
        raise NotImplementedError

    @classmethod
    def _list(cls, records: Iterable[Term | TermDraft]) -> TermList[Any]:
        instance = cls._get_instance()
        entries: list[Any] = [cls._wrap(instance, record) for record in records]
        return TermList(entries, cls.FIELDS)

    @classmethod
    def get(cls, ref: str | None = None, **where: object) -> Self:
        """The registered entry with a uid, a name or an ontology id; or the one whose fields match.

        Raises:
            NotFoundError: There is none, or several; the hint says what was perhaps meant.
        """
        instance = cls._get_instance()
        if ref is not None:
            return cls._wrap(instance, instance.get_term(cls.__name__, ref))
        page = instance.find_terms(cls.__name__, where=where, limit=2)
        if page.total == 1:
            return cls._wrap(instance, page.items[0])
        shown = ", ".join(f"{name}={value!r}" for name, value in where.items())
        if page.total > 1:
            raise NotFoundError("term-ambiguous", f"{page.total} entries of {cls.__name__} have {shown}.")
        raise NotFoundError(
            "term-missing", f"No {cls.__name__} has {shown}.", hint=_build_hint(instance, cls.__name__, where)
        )

    @classmethod
    def filter(cls, **where: object) -> TermList[Self]:
        """The registered entries whose fields match, by name: ``name="lung"``, ``name__startswith="left"``.

        Raises:
            InputError: An unknown field or lookup.
        """
        return cls._list(_iter_terms(cls._get_instance(), cls.__name__, where))

    @classmethod
    def search(cls, text: str, *, limit: int = 20) -> TermList[Self]:
        """The registered entries in whose name, synonyms or identifiers all words occur, the best first."""
        return cls._list(cls._get_instance().find_terms(cls.__name__, text, limit=limit).items)

    @classmethod
    def lookup(cls) -> Any:
        """The registered entries as attributes, for completion with the Tab key: ``Tissue.lookup().lung``."""
        from vitrina.api.lookup import build_lookup

        instance = cls._get_instance()
        terms = _iter_terms(instance, cls.__name__, {})
        return build_lookup({term.name: cls._wrap(instance, term) for term in terms})

    @classmethod
    def to_dataframe(cls, *, limit: int | None = 100) -> pd.DataFrame:
        """The registered entries as a table, by name."""
        instance = cls._get_instance()
        if limit is not None and limit <= PAGE_SIZE:
            return cls._list(instance.find_terms(cls.__name__, limit=max(limit, 1)).items[:limit]).to_dataframe()
        return cls.filter().to_dataframe(limit=limit)

    @classmethod
    def from_values(
        cls, values: Iterable[object], field: Field = None, *, create: bool = False, organism: OrganismLike = None
    ) -> TermList[Self]:
        """The entries that values mean, each once: registered ones, and those of the reference, not saved yet.

        Args:
            values: Names, or what ``field`` says.
            field: Such as ``vt.Gene.ensembl_gene_id``.
            create: Make entries for values that mean nothing; without it they are left out and told.
            organism: Only entries of it, and those of none.
        """
        name = _get_field_name(field)
        resolutions = cls._resolve(values, name, organism)
        unknown = [one for one in resolutions.values() if one.term is None]
        found = {one.value: one.term for one in resolutions.values() if one.term is not None}
        if create:
            found |= {one.value: cls._build_draft(one.value, name, organism) for one in unknown}
        elif unknown:
            _LOGGER.warning(_tell_unknown(cls.__name__, unknown))
        terms = {_get_key(found[value]): found[value] for value in resolutions if value in found}
        listed = cls._list(terms.values())
        listed.unknown = () if create else tuple(unknown)
        return listed

    @classmethod
    def from_source(
        cls, *, name: str | None = None, ontology_id: str | None = None, organism: OrganismLike = None, **field: str
    ) -> Self:
        """The entry of the reference with a name (or a synonym) or an id; a registered one as such, else not saved yet.

        Args:
            name: Of the entry.
            ontology_id: Of the entry.
            organism: Of the entry, where the registry has such.
            field: Another field, such as ``ensembl_gene_id="ENSG00000139618"``.

        Raises:
            NotFoundError: There is none, or several; the hint says what was perhaps meant.
            InputError: The registry has no reference.
        """
        given = {key: value for key, value in {"name": name, "ontology_id": ontology_id, **field}.items() if value}
        if len(given) != 1:
            raise InputError("ref-missing", f"{cls.__name__}.from_source takes a name or an id, and one of them.")
        ((key, value),) = given.items()
        instance = cls._get_instance()
        draft = instance.get_reference_term(cls.__name__, value, field=key, organism=_get_organism_name(organism))
        registered = instance.find_terms(cls.__name__, where={"ontology_id": draft.ontology_id}, limit=1).items
        return cls._wrap(instance, registered[0] if registered else draft)

    @classmethod
    def validate(
        cls, values: Iterable[object], field: Field = None, *, organism: OrganismLike = None
    ) -> npt.NDArray[np.bool_]:
        """Per value whether it is the field of a registered entry or one of the reference, letter by letter."""
        import numpy as np

        listed = list(values)
        resolutions = cls._resolve(listed, _get_field_name(field), organism)
        return np.array([isinstance(value, str) and resolutions[value].is_valid for value in listed], dtype=np.bool_)

    @classmethod
    def inspect(cls, values: Iterable[object], field: Field = None, *, organism: OrganismLike = None) -> InspectResult:
        """Which values are valid, and what the others perhaps mean."""
        name = _get_field_name(field)
        return InspectResult(cls.__name__, name, cls._resolve(values, name, organism))

    @classmethod
    def standardize(
        cls,
        values: Iterable[Any],
        field: Field = None,
        *,
        return_field: Field = None,
        return_mapper: bool = False,
        organism: OrganismLike = None,
    ) -> list[Any] | dict[str, str]:
        """The values with synonyms, identifiers and other cases replaced by the field; what means nothing stays.

        Args:
            values: Texts; others stay as they are.
            field: What they should be.
            return_field: What to write instead, such as ``vt.Gene.ensembl_gene_id`` for symbols.
            return_mapper: Give ``{value: standard}`` of the values that change instead.
            organism: Only entries of it, and those of none.
        """
        listed = list(values)
        wanted = _get_field_name(field if return_field is None else return_field)
        resolutions = cls._resolve(listed, _get_field_name(field), organism)
        standards = {value: get_field(one.term, wanted) for value, one in resolutions.items() if one.term is not None}
        mapper = {value: text for value, text in standards.items() if text is not None and text != value}
        if return_mapper:
            return mapper
        return [mapper.get(value, value) if isinstance(value, str) else value for value in listed]

    @classmethod
    def public(cls, *, organism: OrganismLike = None) -> PublicOntology:
        """The reference of the registry, to look around in: nothing is registered by it, and no network used.

        Raises:
            InputError: The registry has no reference.
        """
        from vitrina.api.public_ontology import PublicOntology

        return PublicOntology(cls._get_instance(), cls.__name__, _get_organism_name(organism))

    @classmethod
    def _resolve(cls, values: Iterable[object], field: str, organism: OrganismLike) -> Mapping[str, Resolution]:
        texts = (value for value in values if isinstance(value, str))
        return cls._get_instance().resolve_values(
            cls.__name__, texts, field=field, organism=_get_organism_name(organism)
        )

    @classmethod
    def _build_draft(cls, value: str, field: str, organism: OrganismLike) -> TermDraft:
        is_id = field not in ("name", "symbol")
        attributes = {field: value} if field in REGISTRIES[cls.__name__].key_fields and field != "ontology_id" else {}
        return TermDraft(
            registry=cls.__name__,
            name=value,
            ontology_id=value if is_id else None,
            organism=_get_organism_name(organism),
            attributes=attributes,
        )


def _iter_terms(instance: Instance, registry: str, where: Mapping[str, object]) -> Iterable[Term]:
    cursor = None
    while True:
        page = instance.find_terms(registry, where=where, limit=PAGE_SIZE, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _get_field_name(field: Field) -> str:
    if field is None:
        return "name"
    return field.name if isinstance(field, RegistryField) else field.rpartition(".")[2]


def _get_organism_name(organism: OrganismLike) -> str | None:
    if organism is None or isinstance(organism, str):
        return organism
    from vitrina.ontology.organisms import get_short_name

    return get_short_name(organism.record.name)


def _get_key(term: Term | TermDraft) -> str:
    return term.key if isinstance(term, Term) else term.ontology_id or term.name


def _build_hint(instance: Instance, registry: str, where: Mapping[str, object]) -> str | None:
    for field, value in where.items():
        if isinstance(value, str) and field in ("name", "ontology_id", "symbol", "ensembl_gene_id"):
            try:
                instance.get_term(registry, value)
            except NotFoundError as err:
                return err.hint
            return f"{value!r} is known by another field: {registry}.get({value!r})."
    return None


def _tell_unknown(registry: str, unknown: list[Resolution]) -> str:
    told = [
        f"{one.value!r} (did you mean {' or '.join(map(repr, one.proposals))}?)" if one.proposals else repr(one.value)
        for one in unknown[:N_TOLD]
    ]
    more = f" and {len(unknown) - N_TOLD} more" if len(unknown) > N_TOLD else ""
    verb = "value is" if len(unknown) == 1 else "values are"
    return f"{len(unknown)} {verb} no {registry}: {', '.join(told)}{more}; create=True makes them."
