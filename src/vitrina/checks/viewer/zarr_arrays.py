"""Rules for single arrays of Zarr: number types, text, codecs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from vitrina.checks.viewer.codes import HEALED, build_finding
from vitrina.checks.viewer.limits import CODECS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.viewer.zarr_facts import ArrayFacts
    from vitrina.model.finding import Finding

type Use = Literal["pixels", "genes", "positions"]

_SMALL = frozenset({"uint8", "uint16", "uint32", "int8", "int16", "int32", "float32", "float64"})

_DRAWN: dict[Use, frozenset[str]] = {"pixels": _SMALL, "genes": _SMALL | {"int64"}, "positions": _SMALL}

_SERVED_AS_OTHERS = frozenset({"bool", "int64", "uint64", "float16"})
"""Types of pixels for which the viewer has no texture, and which the gateway casts."""

_RECENT = "float16"
"""Read by browsers since 2024 or 2025. Source: https://caniuse.com/mdn-javascript_builtins_float16array"""


def check_dtype(facts: ArrayFacts, use: Use) -> Iterator[Finding]:
    """Whether the viewer can draw numbers of this type."""
    if facts.is_group or facts.dtype in _DRAWN[use]:
        return
    if facts.dtype == _RECENT and use != "pixels":
        yield build_finding(
            "zarr-dtype-unsupported",
            facts.path,
            f"{facts.path} holds {facts.dtype}, which browsers read since 2025 only.",
            fix="Store it as float32.",
            severity="warning",
        )
        return
    said = f"{facts.path} holds {facts.dtype}, which the viewer cannot draw as {use}."
    if use == "pixels" and facts.dtype in _SERVED_AS_OTHERS:
        yield build_finding("zarr-dtype-unsupported", facts.path, f"{said} {HEALED}", severity="info")
        return
    yield build_finding(
        "zarr-dtype-unsupported",
        facts.path,
        said,
        fix=f"Store it as {'uint16 or float32' if use == 'pixels' else 'float32'}.",
    )


def check_text(facts: ArrayFacts) -> Iterator[Finding]:
    """Whether the viewer can read text stored like this: not as Python objects, nor with a type that has settings."""
    if facts.text is None or not (facts.text == "object" or facts.is_extension):
        return
    how = "Python objects" if facts.text == "object" else f"{facts.text} of a fixed length in Zarr 3"
    yield build_finding(
        "zarr-string-encoding",
        facts.path,
        f"The text of {facts.path} is stored as {how}, which the viewer cannot read.",
        fix="Write the table again with a current anndata, which stores text as variable-length UTF-8.",
    )


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
