"""What the root of an AnnData or MuData hierarchy says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.formats.annotated.encodings import ENCODINGS
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going
from vitrina.checks.formats.nodes.node import BrokenNodeError, describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.model.finding import Finding


def find_version(root: Node) -> str | None:
    """The version that the root states; None where it states none."""
    try:
        version = root.attrs.get("encoding-version")
    except BrokenNodeError:
        return None
    return version if isinstance(version, str) else None


def check_root(root: Node, encoding: str) -> Iterator[Finding]:
    """Whether the root is of the encoding, in a version that there is; one that says nothing is old."""
    yield from keep_going(root.path, _check_root(root, encoding))


def _check_root(root: Node, encoding: str) -> Iterator[Finding]:
    if not root.is_group:
        message = f"{describe(root)} is an array, but a dataset is a group."
        yield build_finding("encoding-kind", f"{root.path}#", message)
    stated, version = root.attrs.get("encoding-type"), root.attrs.get("encoding-version")
    if stated is None:
        return
    if stated != encoding:
        message = f"The encoding-type of {describe(root)} is {str(stated)[:60]!r}, and must be {encoding!r}."
        yield build_finding("encoding-unknown", f"{root.path}#/encoding-type", message)
    elif version not in ENCODINGS[encoding].versions:
        said = "absent" if version is None else repr(version)[:60]
        message = (
            f"The encoding-version of {describe(root)} is {said}, and must be "
            f"{' or '.join(ENCODINGS[encoding].versions)}."
        )
        yield build_finding("encoding-version", f"{root.path}#/encoding-version", message)
