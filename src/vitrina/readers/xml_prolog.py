"""What stands before the root element of XML: a document type is refused, since entities are declared there alone.

Entities name other files (XXE) or inflate to any size, and no format that is read here declares any. The parser itself
is asked, so that no encoding, comment or length hides the declaration.

Source: https://www.w3.org/TR/xml/#sec-prolog-dtd
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PIECE_BYTES = 2**16


class _RootError(Exception):
    """The root element begins: nothing is declared any more."""


class _DoctypeError(Exception):
    """A document type is declared."""


def check_prolog(text: str | bytes) -> None:
    """Refuse XML that declares a document type; what is no XML passes, and is for the parser to tell.

    Raises:
        UnreadableError: It declares one.
    """
    _check((text[start : start + _PIECE_BYTES] for start in range(0, len(text), _PIECE_BYTES)), None)


def check_prolog_of_file(path: Path) -> None:
    """The same for a file, of which no more is read than is needed.

    Raises:
        UnreadableError: See ``check_prolog``.
    """
    _check(_iterate_pieces(path), str(path))


def _iterate_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _check(pieces: Iterable[str | bytes], where: str | None) -> None:
    from xml.parsers import expat

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = _stop
    try:
        for piece in pieces:
            parser.Parse(piece, False)  # noqa: FBT003 positional in the standard library
    except (_RootError, expat.ExpatError, LookupError):  # the last one: of an unknown encoding
        return
    except _DoctypeError as err:
        raise UnreadableError(
            "xml-doctype-refused",
            f"The XML{f' in {where}' if where else ''} declares a document type, which could name other files or fill "
            "the memory, and which no such file does.",
            where=where,
        ) from err


def _refuse(*_: object) -> None:
    raise _DoctypeError


def _stop(*_: object) -> None:
    raise _RootError
