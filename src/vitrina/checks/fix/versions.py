"""The version of OME-Zarr, stated where it belongs.

Zarr 2 holds OME-Zarr up to 0.4, with the keys at the root of the attributes and a version in each block; Zarr 3 holds
0.5, with all of them under ``ome``. Which of the two it is follows from the store, not from what it says.

Source: https://ngff.openmicroscopy.org/0.5/#metadata, https://ngff.openmicroscopy.org/0.4/#multiscale-md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.version import detect_version
from vitrina.ngff.detect import find_kind

if TYPE_CHECKING:
    from vitrina.checks.fix.draft import Draft

_KEYS = (
    "multiscales", "omero", "image-label", "labels", "plate", "well", "series", "bioformats2raw.layout",
)  # fmt: skip
_STATING = ("image-label", "plate", "well")
_KNOWN = frozenset({"0.4", "0.5"})


def repair_version(draft: Draft, zarr_format: int) -> None:
    """Move the keys of OME-Zarr to where this version of Zarr has them, and state the version there."""
    if find_kind(draft.attrs) is None:
        return
    stated = detect_version(draft.attrs).stated
    if stated is not None and str(stated) not in _KNOWN:
        draft.refuse(
            "version-misplaced", "version-invalid", reason=f"Nothing says what the version {stated!r} stands for."
        )
        return
    if zarr_format == 3:
        _repair_v3(draft)
    else:
        _repair_v2(draft)


def _repair_v3(draft: Draft) -> None:
    if not isinstance(draft.attrs.get("ome"), dict):
        moved = {key: draft.attrs.pop(key) for key in _KEYS if key in draft.attrs}
        draft.attrs.pop("version", None)
        draft.attrs["ome"] = {"version": "0.5", **moved}
        _drop_versions(draft)
        message = f"Move the OME-Zarr keys of {draft.name} under ome, as version 0.5 of OME-Zarr in Zarr 3 has them."
        draft.tell("version-misplaced", "zarr-format-mismatch", "version-missing", message=message)
        return
    version = detect_version(draft.attrs)
    if version.rules != "0.5" and version.issue != "misplaced":
        return  # coordinate systems of a later version, of which there were several drafts
    if draft.block.get("version") != "0.5":
        code = {"missing": "version-missing", "invalid": "version-invalid"}.get(
            version.issue or "", "version-misplaced"
        )
        draft.attrs["ome"] = {"version": "0.5", **{key: draft.block[key] for key in draft.block if key != "version"}}
        _drop_versions(draft)
        draft.tell(code, message=f'State the version of {draft.name} as "0.5" in ome.')


def _repair_v2(draft: Draft) -> None:
    if isinstance(draft.attrs.get("ome"), dict):
        if any(key in draft.attrs for key in _KEYS) or detect_version(draft.attrs).rules == "0.6":
            return
        ome = draft.attrs.pop("ome")
        draft.attrs.update({key: value for key, value in ome.items() if key != "version"})
        message = f"Move the OME-Zarr keys of {draft.name} out of ome, as version 0.4 of OME-Zarr in Zarr 2 has them."
        draft.tell("version-misplaced", "zarr-format-mismatch", message=message)
    version = detect_version(draft.attrs)
    is_plain = version.issue == "missing" and not draft.multiscales  # a plate or well of any version
    if is_plain or (version.rules != "0.4" and version.issue != "misplaced"):
        draft.refuse("version-missing", reason="Nothing but the version tells which of 0.1 to 0.4 it is.")
        return
    codes = set()
    for block in _list_blocks(draft):
        stated = block.get("version")
        if stated != "0.4":
            block["version"] = "0.4"
            codes.add(
                "version-missing" if stated is None else "version-misplaced" if stated == "0.5" else "version-invalid"
            )
    if codes:
        draft.tell(*sorted(codes), message=f'State the version of {draft.name} as "0.4".')


def _list_blocks(draft: Draft) -> list[dict[str, Any]]:
    """The blocks that state a version up to 0.4."""
    own = (draft.attrs.get(key) for key in _STATING)
    return [*draft.multiscales, *(block for block in own if isinstance(block, dict))]


def _drop_versions(draft: Draft) -> None:
    """Since 0.5 the version stands once."""
    own = (draft.block.get(key) for key in (*_STATING, "omero"))
    for block in (*draft.multiscales, *own):
        if isinstance(block, dict):
            block.pop("version", None)
