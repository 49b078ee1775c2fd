"""One element of any encoding, and those below it.

Source: https://anndata.readthedocs.io/en/latest/fileformat-prose.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from vitrina.checks.formats.annotated.columns import check_categorical, check_nullable
from vitrina.checks.formats.annotated.encodings import ENCODINGS, NULLABLE, SPARSE
from vitrina.checks.formats.annotated.frame import check_frame
from vitrina.checks.formats.annotated.sparse import check_sparse, find_legacy_encoding
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going, shorten
from vitrina.checks.formats.nodes.node import MAX_DEPTH, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.model.finding import Finding


_PARTS: Final = ({"data", "indices", "indptr"}, {"codes", "categories"}, {"values", "mask"})
"""What groups hold that are one element, whose parts need not say their encoding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """How elements are checked.

    Attributes:
        is_metadata_only: Values are not read.
        is_legacy: The file was written before elements said their encoding, which was 2021.
        depth: How many groups the element lies in.
    """

    is_metadata_only: bool = False
    is_legacy: bool = False
    depth: int = 0

    def descend(self) -> Scope:
        """The scope of elements below."""
        return Scope(is_metadata_only=self.is_metadata_only, is_legacy=self.is_legacy, depth=self.depth + 1)


def check_child(parent: Node, name: str, scope: Scope) -> Iterator[Finding]:
    """An element by its name, with everything below it; nothing when it is absent."""
    path = join(parent.path, name)

    def check() -> Iterator[Finding]:
        node = parent.find(name)
        if node is not None:
            yield from check_element(node, scope)

    yield from keep_going(path, check())


def check_children(parent: Node, scope: Scope) -> Iterator[Finding]:
    """Everything below a group."""
    if scope.depth > MAX_DEPTH:
        message = f"{parent.path} lies in {MAX_DEPTH} groups or contains itself; it was not followed further."
        yield build_finding("nested-too-deep", f"{parent.path}#", message)
        return
    for name in parent.list_names():
        yield from check_child(parent, name, scope.descend())


def check_element(node: Node, scope: Scope) -> Iterator[Finding]:
    """An element: whether it says what it is, and is what it says."""
    encoding = node.attrs.get("encoding-type")
    if encoding in (None, ""):
        if not scope.is_legacy:
            yield _build_missing(node)
        encoding = _guess_encoding(node)
    elif not isinstance(encoding, str) or encoding not in ENCODINGS:
        message = f"{node.path} has the encoding-type {str(encoding)[:60]!r}, which the specification does not have."
        fix = f"It has {shorten(ENCODINGS, 30)}."
        yield build_finding("encoding-unknown", f"{node.path}#/encoding-type", message, fix=fix)
        return
    else:
        expected = ENCODINGS[encoding].kind
        if expected != "either" and (expected == "group") != node.is_group:
            found = "a group" if node.is_group else "an array"
            message = f"{node.path} is {found}, but its encoding-type {encoding!r} is one of {expected}s."
            yield build_finding("encoding-kind", f"{node.path}#/encoding-type", message)
            return
        finding = _check_version(node, encoding)
        if finding is not None:
            yield finding
    yield from _check_content(node, encoding, scope)


def _check_content(node: Node, encoding: str, scope: Scope) -> Iterator[Finding]:
    deep = not scope.is_metadata_only
    if encoding in SPARSE:
        yield from check_sparse(node, encoding, is_deep=deep)
    elif encoding == "categorical":
        yield from check_categorical(node, is_deep=deep)
    elif encoding in NULLABLE:
        yield from check_nullable(node, encoding)
    elif encoding == "dataframe":
        yield from check_frame(node, is_deep=deep, is_legacy=scope.is_legacy)
        for name in node.list_names():
            if name != "__categories":
                yield from check_child(node, name, scope.descend())
    elif encoding == "awkward-array":
        yield from _check_awkward(node)
    elif encoding in {"dict", "raw", "anndata"}:
        yield from check_children(node, scope)
    elif not node.is_group:
        yield from _check_array(node, encoding)


def _guess_encoding(node: Node) -> str:
    """What an element that does not say its encoding is read as."""
    names = set(node.list_names())
    is_known = any(
        names >= parts for parts in ({"data", "indices", "indptr"}, {"codes", "categories"}, {"values", "mask"})
    )
    if not node.is_group or (is_known and find_legacy_encoding(node) is None):
        return ""
    return find_legacy_encoding(node) or ("dataframe" if "column-order" in node.attrs else "dict")


def _build_missing(node: Node) -> Finding:
    message = f"{node.path} does not say its encoding-type, which every element must."
    fix = "Read the dataset with anndata and write it again."
    return build_finding("encoding-missing", f"{node.path}#/encoding-type", message, fix=fix)


def _check_version(node: Node, encoding: str) -> Finding | None:
    known = ENCODINGS[encoding].versions
    version = node.attrs.get("encoding-version")
    if version == known[0]:
        return None
    where = f"{node.path}#/encoding-version"
    if version in known:
        message = f"{node.path} is a {encoding} of the version {version}, which came before {known[0]}."
        return build_finding("encoding-old", where, message, fix="Read the dataset with anndata and write it again.")
    said = "does not say its encoding-version" if version is None else f"has the encoding-version {str(version)[:40]!r}"
    message = f"{node.path} {said}; a {encoding} must have {' or '.join(known)}."
    return build_finding("encoding-version", where, message)


def _check_array(node: Node, encoding: str) -> Iterator[Finding]:
    where = f"{node.path}#"
    n_axes = len(node.shape)
    if encoding in {"string", "numeric-scalar", "bytes"} and n_axes and node.shape != (1,):
        message = f"{node.path} is a {encoding}, which is one value, but it has the shape {node.shape}."
        yield build_finding("scalar-shape", where, message)
    if encoding in {"string-array", "string"} and node.dtype not in {"string", "object"}:
        message = f"{node.path} is a {encoding}, but its values are {node.dtype}, not text."
        yield build_finding("string-dtype", where, message)
    if encoding == "rec-array" and node.dtype not in {"compound", "object", "struct", "structured"}:
        message = f"{node.path} is a rec-array, whose values have fields, but its values are {node.dtype}."
        yield build_finding("rec-array-dtype", where, message)
    if encoding in {"array", "numeric-scalar"} and node.dtype in {"string", "compound"}:
        message = f"{node.path} is a {encoding}, whose values are numbers, but its values are {node.dtype}."
        yield build_finding("array-dtype", where, message)


def _check_awkward(node: Node) -> Iterator[Finding]:
    """Source: https://anndata.readthedocs.io/en/latest/fileformat-prose.html#awkwardarrays."""
    length, form = node.attrs.get("length"), node.attrs.get("form")
    if isinstance(length, bool) or not isinstance(length, int) or length < 0:
        message = f"{node.path} is an awkward array, whose length must be a whole number, but it is {length!r}."
        yield build_finding("awkward-incomplete", f"{node.path}#/length", message)
    if not isinstance(form, str | dict) or not form:
        message = f"{node.path} is an awkward array, but it has no form that says how its buffers fit together."
        yield build_finding("awkward-incomplete", f"{node.path}#/form", message)
