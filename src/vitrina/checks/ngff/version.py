"""Versions of OME-Zarr: what the metadata states, and the rules that it is held against."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

if TYPE_CHECKING:
    from vitrina.ngff.json_value import JsonObject

type Rules = Literal["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]

type Issue = Literal["missing", "invalid", "misplaced", "unwanted", "candidate", "draft", "unknown"]

_FINAL: dict[str, Rules] = {
    "0.1": "0.1", "0.2": "0.2", "0.3": "0.3", "0.4": "0.4", "0.5": "0.5", "0.6": "0.6", "0.6rc0": "0.6",
}  # fmt: skip
_BLOCKS = ("plate", "well", "image-label", "omero")
_CANDIDATE = re.compile(r"rc\d+$")
_VERSION = re.compile(r"\d{1,4}\.\d{1,4}")
_MINOR = re.compile(r"0\.(\d{1,3})(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The version of a document.

    Attributes:
        stated: As the metadata says it, whatever type it is; None when it says nothing.
        rules: The version whose rules it is held against.
        issue: What is odd about what it states, None when nothing is.
    """

    stated: Any
    rules: Rules
    issue: Issue | None = None

    @property
    def is_final(self) -> bool:
        """Whether the rules are its own, as those of a release candidate nearly are.

        Drafts and unknown versions are held against the nearest rules, so what breaks them may be right.
        """
        return self.issue not in {"draft", "unknown"}

    @property
    def is_namespaced(self) -> bool:
        """Whether the keys lie under ``ome``, in Zarr 3."""
        return self.rules >= "0.5"


def parse_version(stated: str) -> Version | None:
    """The version with this name; None when it is no version of OME-Zarr.

    Source: https://ngff.openmicroscopy.org/0.6/#version-history
    """
    if stated in _FINAL:
        return Version(stated=stated, rules=_FINAL[stated])
    match = _MINOR.match(stated)
    if match is None:
        return None
    rules = _FINAL.get(f"0.{int(match[1])}")
    if rules is None:
        return Version(stated=stated, rules="0.6", issue="unknown")
    return Version(stated=stated, rules=rules, issue="candidate" if _CANDIDATE.match(stated, match.end()) else "draft")


def detect_version(attrs: JsonObject, above: Version | None = None) -> Version:
    """The version of a document, by what it states, else by the group above it or its structure.

    Args:
        attrs: The attributes.
        above: The version of the group that names this one, None at the root.
    """
    ome = attrs.get("ome")
    is_namespaced = isinstance(ome, Mapping)
    stated = ome.get("version", MISSING) if isinstance(ome, Mapping) else _find_stated(attrs)
    rules = _guess_new(ome) if isinstance(ome, Mapping) else _guess_old(attrs)
    if stated is MISSING:
        is_alike = above is not None and above.is_namespaced == is_namespaced
        return Version(stated=None, rules=above.rules if above and is_alike else rules, issue="missing")
    known = parse_version(stated) if is_version(stated) else None
    if known is None:
        return Version(stated=stated, rules=rules, issue="unknown" if is_version(stated) else "invalid")
    return known if known.is_namespaced == is_namespaced else Version(stated=stated, rules=rules, issue="misplaced")


def is_version(value: object) -> TypeGuard[str]:
    """Whether the value is text that starts like a version: two numbers and a dot between them."""
    return isinstance(value, str) and _VERSION.match(value) is not None


MISSING = object()
"""Stands for a version that is not stated, as null is something else."""


def _find_stated(attrs: JsonObject) -> Any:
    """The first version among the blocks of the document, where it stood before 0.5."""
    multiscales = attrs.get("multiscales")
    blocks = [*(multiscales[:1] if isinstance(multiscales, list) else ()), *(attrs.get(key) for key in _BLOCKS), attrs]
    return next((block["version"] for block in blocks if isinstance(block, Mapping) and "version" in block), MISSING)


def _guess_new(ome: JsonObject) -> Rules:
    multiscale = _get_first(ome)
    return "0.6" if "scene" in ome or ("coordinateSystems" in multiscale and "axes" not in multiscale) else "0.5"


def _guess_old(attrs: JsonObject) -> Rules:
    multiscale = _get_first(attrs)
    axes, datasets = multiscale.get("axes"), multiscale.get("datasets")
    if isinstance(axes, list) and axes and all(isinstance(axis, str) for axis in axes):
        return "0.3"
    has_transforms = isinstance(datasets, list) and any(
        isinstance(dataset, Mapping) and "coordinateTransformations" in dataset for dataset in datasets
    )
    return "0.4" if axes is not None or has_transforms or not multiscale else "0.1"


def _get_first(block: JsonObject) -> JsonObject:
    multiscales = block.get("multiscales")
    first = multiscales[0] if isinstance(multiscales, list) and multiscales else None
    return first if isinstance(first, Mapping) else {}
