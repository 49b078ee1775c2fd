"""Which registry of ours a registry of LaminDB becomes, and what that makes of its dtypes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import InputError, UnsupportedError
from vitrina.model.dtype import parse_dtype, parse_registry_field
from vitrina.model.registry import REGISTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vitrina.lamindb.records import LaminTerm

LABELS = "ULabel"
"""Takes the terms of registries that we do not have, such as pathways and records."""

_SEX_IDS = frozenset({"PATO:0000383", "PATO:0000384", "PATO:0001340"})
"""female, male and hermaphroditic organism.

Source: https://github.com/chanzuckerberg/single-cell-curation/blob/main/schema/7.0.0/schema.md#sex_ontology_term_id
"""


def map_registries(terms: Mapping[str, Iterable[LaminTerm]]) -> dict[str, str]:
    """Our registry for each of LaminDB's, given its terms.

    LaminDB has no registry of sexes: its users take ``bionty.Phenotype``, which therefore becomes ``Sex`` when there is
    nothing else in it.
    """
    mapped = {}
    for name, registered in terms.items():
        own = name.removeprefix("bionty.")
        mapped[name] = own if own in REGISTRIES else LABELS
        if name == "bionty.Phenotype":
            ids = {term.ontology_id for term in registered}
            mapped[name] = "Sex" if ids and ids <= _SEX_IDS else LABELS
    return mapped


def translate_dtype(text: str, registries: Mapping[str, str]) -> str | None:
    """A dtype of LaminDB in our words; None for what we have no such dtype for, such as ``cat[User]``.

    Filters on the terms of a registry (``cat[ULabel[1a2b]]``) are left out.
    """
    inner = _strip(text.strip(), "list")
    fields = _strip((inner or text).strip(), "cat")
    item = (inner or text).strip()
    if fields is not None:
        parts = [_translate_field(field, registries) for field in _split(fields)]
        if None in parts or not parts:
            return None
        item = f"cat[{'|'.join(part for part in parts if part)}]"
    try:
        return str(parse_dtype(item if inner is None else f"list[{item}]"))
    except (InputError, UnsupportedError):
        return None


def translate_itype(text: str, registries: Mapping[str, str]) -> str | None:
    """What members of a schema are, in our words; None for what we have no registry or field for."""
    field = _translate_field(text, registries)
    try:
        return None if field is None else str(parse_registry_field(field))
    except (InputError, UnsupportedError):
        return None


def _translate_field(text: str, registries: Mapping[str, str]) -> str | None:
    """``bionty.Tissue.ontology_id`` becomes ``Tissue.ontology_id``, ``Record.name`` becomes ``ULabel``."""
    before, bracket, rest = text.partition("[")  # a filter on the terms, with the field behind it or before it
    plain = before.strip() + (rest.rpartition("]")[2].strip() if bracket else "")
    for name, own in registries.items():
        if plain == name or plain.startswith(f"{name}."):
            field = plain[len(name) + 1 :]
            known = REGISTRIES[own].key_fields
            return f"{own}.{field}" if field in known else own
    return None


def _split(text: str) -> list[str]:
    """The parts between bars that stand outside of brackets."""
    parts, depth = [""], 0
    for char in text:
        depth += (char == "[") - (char == "]")
        if char == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _strip(text: str, word: str) -> str | None:
    """What stands in ``word[...]``, None when the text is something else."""
    return text[len(word) + 1 : -1] if text.startswith(f"{word}[") and text.endswith("]") else None
