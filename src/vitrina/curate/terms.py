"""Whether values are terms of their feature's registries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.curate.codes import build_finding
from vitrina.curate.factors import is_missing, list_distinct
from vitrina.curate.nearest import join_some
from vitrina.curate.slots import build_path
from vitrina.curate.values import MAX_TOLD, tell_more, to_python
from vitrina.model.registry import REGISTRIES
from vitrina.model.resolution import Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vitrina.curate.part import Part
    from vitrina.curate.vocabulary import Vocabulary
    from vitrina.model.dtype import Dtype
    from vitrina.model.finding import Finding

_CODES: Final = {"synonym": "term-synonym", "case": "term-case", "identifier": "term-identifier", "name": "term-name"}


def list_texts(part: Part, name: str, dtype: Dtype, *, coerce: bool) -> tuple[list[str], list[Any]]:
    """The distinct texts under a name, and the distinct values that are no texts."""
    values = part.get(name)
    if part.is_record:
        found = to_python(values)
        listed = found if isinstance(found, list | tuple | set) else [found]
        distinct = [value for value in listed if not is_missing(value)]
    elif dtype.is_list:
        lists = (to_python(value) for value in values)
        distinct = [item for value in lists if isinstance(value, list | tuple | set) for item in value]
    else:
        distinct = list_distinct(values).uniques
    texts = [value if isinstance(value, str) else str(value) for value in distinct if coerce or isinstance(value, str)]
    others = [] if coerce else [value for value in distinct if not isinstance(value, str)]
    return list(dict.fromkeys(texts)), others


def resolve_texts(
    texts: Sequence[str], registries: Iterable[str], field: str, vocabulary: Vocabulary, *, organism: str | None = None
) -> list[Resolution]:
    """What each text means, in the first of the registries that has it letter by letter, else in the first at all."""
    best: dict[str, Resolution] = {}
    for registry in registries:
        wanted = [text for text in texts if text not in best or not best[text].is_valid]
        for text, found in vocabulary.resolve(registry, wanted, field=field, organism=organism).items():
            known = best.get(text)
            if known is None or found.is_valid or (known.term is None and found.term is not None):
                best[text] = _with_proposals(found, known)
    return [best.get(text) or Resolution(value=text) for text in texts]


def _with_proposals(found: Resolution, known: Resolution | None) -> Resolution:
    if known is None or found.term is not None:
        return found
    return Resolution(value=found.value, proposals=tuple(dict.fromkeys(known.proposals + found.proposals)))


def check_terms(
    resolutions: Sequence[Resolution], path: str, asked: str, *, counts: Mapping[str, int] | None = None
) -> list[Finding]:
    """A finding for each value that is not valid, the first ones of each kind, and one for withdrawn terms.

    Args:
        resolutions: Of the distinct values.
        path: Where they are.
        asked: What they should be, such as ``Tissue.ontology_id``.
        counts: How often each occurs; None where that says nothing.
    """
    kinds: dict[str, list[Resolution]] = {}
    for resolution in resolutions:
        code = get_code(resolution)
        if code is not None:
            kinds.setdefault(code, []).append(resolution)
    findings = []
    for code, wrong in kinds.items():
        shown = wrong[:MAX_TOLD]
        for i, resolution in enumerate(shown):
            more = tell_more(len(shown), len(wrong)) if i == len(shown) - 1 else ""
            message = _tell(resolution, asked, (counts or {}).get(resolution.value)) + more
            findings.append(build_finding(code, path, message, fix=suggest_term(resolution, asked)))
    return findings


def get_code(resolution: Resolution) -> str | None:
    """The code of what is wrong with a value; None when nothing is."""
    if resolution.term is None:
        return "term-unknown"
    if resolution.is_valid:
        return "term-obsolete" if getattr(resolution.term, "is_obsolete", False) else None
    if resolution.standard is None:
        return "term-unknown"
    return _CODES[resolution.matched_by or "name"]


def suggest_term(resolution: Resolution, asked: str) -> str:
    """What to write in place of a value, or what can be done when nothing is near."""
    if resolution.is_valid:
        return "Use the term that has replaced it."
    if resolution.standard is not None:
        return f"Write {resolution.standard!r}; standardize does it for the whole column."
    if resolution.proposals:
        return f"Did you mean {' or '.join(map(repr, resolution.proposals))}?"
    registry, _, field = asked.partition("|")[0].partition(".")
    prefixes = REGISTRIES[registry].prefixes
    prefix, colon, _ = resolution.value.partition(":")
    if field == "ontology_id" and colon and prefix not in prefixes:
        return f"{asked} takes ids that begin with {join_some(prefixes)}; this one begins with {prefix!r}."
    return f"Correct it, or add it to the registry {registry} when it is right."


def count_values(part: Part, name: str, dtype: Dtype) -> dict[str, int] | None:
    """How often each value of a column occurs; None for single values and lists."""
    if part.is_record or dtype.is_list:
        return None
    factors = part.factorize(name)
    return {str(value): int(count) for value, count in zip(factors.uniques, factors.counts, strict=True)}


def check_texts(others: Sequence[Any], part: Part, name: str, asked: str) -> list[Finding]:
    """Values that are no texts, where terms are asked for."""
    if not others:
        return []
    kinds = sorted({type(value).__name__ for value in others})
    message = f"{name!r} holds {join_some(others, 5)} ({', '.join(kinds)}); {asked} is text."
    fix = "Convert the column to text, or set coerce=True on the feature."
    return [build_finding("dtype-differs", build_path(part.slot, name), message, fix=fix)]


def _tell(resolution: Resolution, asked: str, count: int | None) -> str:
    rows = f" ({count:,} row{'s' * (count != 1)})" if count else ""
    value = f"{resolution.value!r}{rows}"
    if resolution.term is None:
        return f"{value} is not a known {asked}."
    if resolution.is_valid:
        return f"{value} is a term that its ontology has withdrawn: {resolution.term.name}."
    if resolution.standard is None:
        return f"{value} means {resolution.term.name!r}, which has no {asked}."
    what = {"synonym": "a synonym of", "case": "another case of", "name": "the name of", "identifier": "the id of"}
    return f"{value} is {what[resolution.matched_by or 'name']} {resolution.standard!r}, which {asked} asks for."
