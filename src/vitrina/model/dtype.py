"""Data types of features: the text that users write, such as ``cat[Tissue.ontology_id]``, and what it means. Pure.

    dtype  = kind | cat | "list[" (kind | cat) "]"
    kind   = "str" | "int" | "float" | "num" | "bool" | "date" | "datetime" | "url" | "path" | "dict" | "object"
    cat    = "cat[" field ("|" field)* "]"
    field  = ["bionty."] registry ["." name]

A field without a name is the registry's ``name``, and one that says ``name`` is written without it.

Source: https://docs.lamin.ai/lamindb.feature (the same words, so that schemas written for LaminDB hold here)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vitrina.errors import InputError, UnsupportedError
from vitrina.model.registry import REGISTRIES, find_registry

KINDS: Final = ("str", "int", "float", "num", "bool", "date", "datetime", "url", "path", "dict", "object")
"""Kinds of values that are not terms: ``num`` is int or float, ``dict`` JSON, ``object`` anything."""

CATEGORY: Final = "cat"

_ALIASES = {
    "datetime64[ns, UTC]": "datetime",
    "datetime64[ns]": "datetime",
    "string": "str",
    "text": "str",
    "integer": "int",
    "boolean": "bool",
    "number": "num",
}
_NAME = "name"
_N_SUGGESTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryField:
    """What identifies the terms of a registry in data: ``Tissue`` by its name, ``Gene.ensembl_gene_id`` by that.

    Attributes:
        registry: Class name, see ``registry.REGISTRIES``.
        name: ``name``, or one of the registry's key fields.
    """

    registry: str
    name: str = _NAME

    def __str__(self) -> str:
        return self.registry if self.name == _NAME else f"{self.registry}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dtype:
    """The data type of a feature; ``str()`` of it is its canonical text.

    Attributes:
        kind: One of KINDS, or ``cat`` for terms.
        registries: Class names, of which one must know the term; empty for other kinds.
        field: What values are of their term: ``name``, ``ontology_id``, ...; None for other kinds.
        is_list: Whether a value is a list of such values.
    """

    kind: str
    registries: tuple[str, ...] = ()
    field: str | None = None
    is_list: bool = False

    @property
    def is_category(self) -> bool:
        """Whether values are terms of registries."""
        return self.kind == CATEGORY

    def __str__(self) -> str:
        text = self.kind
        if self.is_category:
            fields = (str(RegistryField(registry=registry, name=self.field or _NAME)) for registry in self.registries)
            text = f"{CATEGORY}[{'|'.join(fields)}]"
        return f"list[{text}]" if self.is_list else text


def parse_dtype(text: str) -> Dtype:
    """The data type that a text names.

    Example:
        >>> str(parse_dtype("list[cat[bionty.Tissue.ontology_id]]"))
        'list[cat[Tissue.ontology_id]]'

    Raises:
        InputError: ``dtype-unknown`` or ``registry-unknown``, with the nearest names.
        UnsupportedError: A filter on the terms (``cat[CellType[source__uid='x']]``), or a list of lists.
    """
    text = text.strip()
    inner = _strip_brackets(text, "list")
    if inner is None:
        return _parse_item(text, text, is_list=False)
    if inner.strip().startswith("list["):
        raise UnsupportedError(
            "dtype-nested-list", f"The dtype {text!r} is a list of lists, which features cannot have.", where=text
        )
    return _parse_item(inner.strip(), text, is_list=True)


def parse_registry_field(text: str) -> RegistryField:
    """The field that a text names: ``Gene.ensembl_gene_id``, ``bionty.Gene.symbol``, ``Tissue``.

    Raises:
        InputError: ``registry-unknown`` or ``registry-field-unknown``, with the names that there are.
        UnsupportedError: A filter on the terms.
    """
    text = text.strip()
    if "[" in text:
        raise UnsupportedError(
            "dtype-filter-unsupported",
            f"{text!r} filters the terms of a registry, which is not built.",
            hint=f"Write it without the brackets: {text.partition('[')[0]}.",
            where=text,
        )
    word, _, name = text.removeprefix("bionty.").partition(".")
    registry = REGISTRIES.get(word) or find_registry(word)
    if registry is None:
        raise InputError(
            "registry-unknown", f"{word!r} in {text!r} is not a registry.", hint=_suggest(word, REGISTRIES), where=text
        )
    names = (_NAME, *registry.key_fields)
    if name and name not in names:
        raise InputError(
            "registry-field-unknown",
            f"{registry.name} has no field {name!r} that identifies its terms.",
            hint=_suggest(name, names),
            where=text,
        )
    return RegistryField(registry=registry.name, name=name or _NAME)


def _parse_item(item: str, whole: str, *, is_list: bool) -> Dtype:
    fields = _strip_brackets(item, CATEGORY)
    if fields is not None:
        return _parse_category(fields, whole, is_list=is_list)
    kind = _ALIASES.get(item, item)
    if kind in KINDS:
        return Dtype(kind=kind, is_list=is_list)
    raise InputError("dtype-unknown", f"{whole!r} is not a dtype.", hint=_suggest_dtype(item), where=whole)


def _parse_category(text: str, whole: str, *, is_list: bool) -> Dtype:
    if not text.strip():
        raise InputError(
            "dtype-unknown", f"{whole!r} names no registry.", hint="Write one, such as cat[ULabel].", where=whole
        )
    fields = [parse_registry_field(part) for part in text.split("|")]
    names = {field.name for field in fields}
    if len(names) > 1:
        raise InputError(
            "dtype-mixed-fields",
            f"{whole!r} asks for different fields ({', '.join(sorted(names))}); a value has one.",
            hint="Use the same field for each registry.",
            where=whole,
        )
    registries = tuple(dict.fromkeys(field.registry for field in fields))
    return Dtype(kind=CATEGORY, registries=registries, field=fields[0].name, is_list=is_list)


def _strip_brackets(text: str, word: str) -> str | None:
    """What stands in ``word[...]``, None when the text is something else."""
    return text[len(word) + 1 : -1] if text.startswith(f"{word}[") and text.endswith("]") else None


def _suggest_dtype(item: str) -> str:
    registry = find_registry(item)
    if registry is not None:
        return f"Did you mean cat[{registry.name}]?"
    if item in (CATEGORY, "category", "categorical"):
        return "Say what the categories are: cat[ULabel], or cat[Tissue] and such for an ontology; str for any text."
    nearest = difflib.get_close_matches(item, KINDS, n=1)
    return f"Did you mean {nearest[0]!r}?" if nearest else f"Use {', '.join(KINDS)}, cat[Registry] or list[...]."


def _suggest(word: str, names: Iterable[str]) -> str:
    lowered = {name.lower(): name for name in names}
    nearest = [lowered[name] for name in difflib.get_close_matches(word.lower(), lowered, n=_N_SUGGESTED)]
    return f"Did you mean {' or '.join(nearest)}?" if nearest else f"There are: {', '.join(lowered.values())}."
