"""Rules for single arrays of Zarr: number types, text, codecs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from vitrina.check.viewer.codes import build_finding
from vitrina.check.viewer.limits import CODECS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.check.viewer.zarr_facts import ArrayFacts
    from vitrina.model.finding import Finding

type Use = Literal["pixels", "values"]

_SMALL = frozenset({"uint8", "uint16", "uint32", "int8", "int16", "int32", "float32", "float64"})

_GOOD_TYPES: dict[Use, frozenset[str]] = {"pixels": _SMALL, "values": _SMALL | {"int64"}}

_RECENT = "float16"
"""Read by browsers since 2024 or 2025. Source: https://caniuse.com/mdn-javascript_builtins_float16array"""


def check_dtype(facts: ArrayFacts, use: Use) -> Iterator[Finding]:
    """Whether the viewer can draw numbers of this type."""
    if facts.dtype in _GOOD_TYPES[use] or facts.is_group:
        return
    yield build_finding("zarr-dtype-unsupported", facts.path, f"{facts.path} holds {facts.dtype}.")


def check_text(facts: ArrayFacts) -> Iterator[Finding]:
    """Whether the viewer can read text stored like this."""
    if facts.text is None:
        return
    yield build_finding("zarr-string-encoding", facts.path, f"{facts.path}.")


def check_codecs(facts: ArrayFacts) -> Iterator[Finding]:
    """Whether the viewer can decompress the array."""
    unknown = [name for name in facts.codecs if name not in CODECS]
    if not unknown:
        return
    yield build_finding(
        "zarr-codec-unsupported",
        facts.path,
        f"{facts.path} is stored with {', '.join(unknown)}, which the viewer cannot decode.",
        fix="Write it again with Blosc, Zstandard, gzip or LZ4.",
    )
