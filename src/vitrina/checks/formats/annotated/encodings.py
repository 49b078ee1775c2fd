"""Which encodings there are, in which versions, and whether they are groups or arrays.

Source: https://anndata.readthedocs.io/en/latest/fileformat-prose.html
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Encoding(NamedTuple):
    """One encoding: its current version first."""

    kind: Literal["group", "array", "either"]
    versions: tuple[str, ...]


ENCODINGS: Final[Mapping[str, Encoding]] = MappingProxyType(
    {
        "anndata": Encoding("group", ("0.1.0",)),
        "MuData": Encoding("group", ("0.1.0",)),
        "array": Encoding("array", ("0.2.0",)),
        "string-array": Encoding("array", ("0.2.0",)),
        "rec-array": Encoding("array", ("0.2.0",)),
        "numeric-scalar": Encoding("array", ("0.2.0",)),
        "string": Encoding("array", ("0.2.0",)),
        "bytes": Encoding("array", ("0.2.0",)),
        "null": Encoding("either", ("0.1.0",)),
        "csr_matrix": Encoding("group", ("0.1.0",)),
        "csc_matrix": Encoding("group", ("0.1.0",)),
        "dataframe": Encoding("group", ("0.2.0", "0.1.0")),
        "categorical": Encoding("group", ("0.2.0",)),
        "nullable-integer": Encoding("group", ("0.1.0",)),
        "nullable-boolean": Encoding("group", ("0.1.0",)),
        "nullable-string-array": Encoding("group", ("0.1.0",)),
        "awkward-array": Encoding("group", ("0.1.0",)),
        "dict": Encoding("group", ("0.1.0",)),
        "raw": Encoding("group", ("0.1.0",)),
    }
)

SPARSE: Final = ("csr_matrix", "csc_matrix")

DENSE: Final = ("array", "string-array", "rec-array")

NULLABLE: Final = ("nullable-integer", "nullable-boolean", "nullable-string-array")
