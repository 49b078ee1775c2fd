"""Which terms of a release a registry takes, and as what. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vitrina.errors import InputError, UnreadableError
from vitrina.model.registry import REGISTRIES
from vitrina.model.term import TermDraft
from vitrina.ontology.normal import get_prefix

if TYPE_CHECKING:
    from vitrina.model.ontology import OntologyRelease


def plan_terms(release: OntologyRelease, *, registry: str | None, name: str) -> list[TermDraft]:
    """The terms of the ontology itself, without those of others that its file holds too.

    Their own prefix is the ontology's name, else the one that most terms have. Parents are kept that are of that prefix
    or of one that the registry has in the reference.

    Args:
        release: As read.
        registry: Class name; None for the one whose terms have the prefix.
        name: Of the ontology, used where the release has none.

    Raises:
        UnreadableError: There are no terms.
        InputError: The registry is not named and does not follow, or takes no ontology.
    """
    prefix = choose_prefix(release, name)
    chosen = registry or choose_registry(prefix)
    if not REGISTRIES[chosen].has_reference or chosen == "Gene":
        raise InputError(
            "registry-without-ontology",
            f"{chosen} takes no ontology.",
            hint=f"Name one of {', '.join(_list_registries())} with --registry.",
        )
    source = " ".join(part for part in (name, release.version) if part)
    known = {prefix, *REGISTRIES[chosen].prefixes}
    return [
        TermDraft(
            registry=chosen,
            name=term.name,
            ontology_id=term.ontology_id,
            synonyms=term.synonyms,
            description=term.description,
            source=source,
            attributes={"replaced_by": term.replaced_by} if term.replaced_by else {},
            parent_ids=tuple(parent for parent in term.parent_ids if get_prefix(parent) in known),
            is_obsolete=term.is_obsolete,
        )
        for term in release.terms
        if get_prefix(term.ontology_id) == prefix
    ]


def choose_prefix(release: OntologyRelease, name: str) -> str:
    """The prefix of the ontology's own terms.

    Raises:
        UnreadableError: No term has one.
    """
    prefixes = Counter(prefix for term in release.terms if (prefix := get_prefix(term.ontology_id)))
    if not prefixes:
        raise UnreadableError(
            "ontology-empty",
            f"The ontology {name} has no terms with ids such as UBERON:0002048.",
            hint="Give an ontology in OBO or OWL.",
        )
    names = {(release.name or "").casefold(), name.casefold()}
    named = [prefix for prefix in prefixes if prefix.casefold() in names]
    return named[0] if named else prefixes.most_common(1)[0][0]


def choose_registry(prefix: str) -> str:
    """The registry whose terms have a prefix in the reference.

    Raises:
        InputError: None has, or several have.
    """
    fitting = [registry for registry in _list_registries() if prefix in REGISTRIES[registry].prefixes]
    if len(fitting) == 1:
        return fitting[0]
    reason = f"several registries have terms {prefix}:..." if fitting else f"no registry has terms {prefix}:..."
    raise InputError(
        "registry-unnamed",
        f"Which registry the ontology is for does not follow from its ids: {reason}.",
        hint=f"Name one of {', '.join(fitting or _list_registries())} with --registry.",
    )


def _list_registries() -> list[str]:
    return [name for name, registry in REGISTRIES.items() if registry.has_reference and name != "Gene"]
