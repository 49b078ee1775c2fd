"""In which form a dataset lies: as a folder, or as a file that begins in a way of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from vitrina.readers.source import Source

    type Form = Literal["folder", "zip", "hdf5", "tiff", "empty", "other"]

ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
"""Of the first entry, or of the end of an archive without any.

Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7 and 4.3.16.
"""

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
"""Source: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, section II.A."""

TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""Little and big endian, classic and BigTIFF. Source: https://www.loc.gov/preservation/digital/formats/fdd/fdd000022.shtml"""


def find_form(source: Source) -> Form:
    """The form of a source; ``other`` where a file begins in none of these ways."""
    if source.is_folder:
        return "folder"
    head = source.head
    if not head:
        return "empty"
    if head.startswith(ZIP_MAGICS):
        return "zip"
    if head.startswith(HDF5_MAGIC):
        return "hdf5"
    return "tiff" if head.startswith(TIFF_MAGICS) else "other"
