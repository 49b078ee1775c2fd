"""The version that a document states.

Source: https://ngff.openmicroscopy.org/0.5/#metadata, https://ngff.openmicroscopy.org/0.4/#multiscale-md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.ngff.value import show
from vitrina.checks.ngff.version import is_version
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Severity
    from vitrina.ngff.json_value import JsonObject


def check_stated_version(place: Place, pointer: str, *, is_label_list: bool) -> Iterator[Finding]:
    """Whether the version is stated, text, known, and one whose keys lie where these do.

    Args:
        place: The document.
        pointer: Of the object that holds the keys.
        is_label_list: Whether it is the list of a ``labels`` group, for which 0.5 has no schema that wants a version.
    """
    version = place.version
    where = f"{pointer}/version"
    shown, rules = show(version.stated), version.rules
    match version.issue:
        case "missing" if version.is_namespaced:
            message = f"There is no version at {where}; the version of OME-Zarr is expected there."
            severity: Severity = "warning" if is_label_list and rules == "0.5" else "error"
            yield _find(place, "version-missing", severity, where, message, fix=f'Add "{rules}" as {where}.')
        case "invalid" if version.is_namespaced:
            message = f'The version at {where} is {shown}; a version such as "{rules}" is expected.'
            yield _find(place, "version-invalid", "error", where, message)
        case "unwanted":
            message = f"The metadata states the version {shown} and was held against {rules}; that is expected."
            yield _find(place, "version-differs", "error", where, message)
        case "misplaced":
            layout = 'under the key "ome"' if version.is_namespaced else "at the root of the attributes"
            message = f"The metadata lies {layout} and states the version {shown}; {_NAMESPACE} is expected."
            yield _find(place, "version-misplaced", "error", where, message)
        case "draft":
            message = f"The version {shown} is a draft; it was held against {rules}, and what breaks that is a warning."
            fix = f"Write it again as {rules} when the tool that made it can."
            yield _find(place, "version-draft", "warning", where, message, fix=fix)
        case "candidate":
            message = f"The version {shown} is a release candidate; it was held against {rules}, which is expected."
            yield _find(place, "version-draft", "warning", where, message)
        case "unknown":
            message = (
                f"The version {shown} is not known; it was held against {rules}, and what breaks that is a warning."
            )
            yield _find(place, "version-unknown", "warning", where, message)


_NAMESPACE = 'since 0.5 the key "ome", and none before,'


def _find(
    place: Place, code: str, severity: Severity, pointer: str, message: str, *, fix: str | None = None
) -> Finding:
    """A finding about the version itself, as bad for a draft as for any other."""
    return Finding(code=code, severity=severity, path=f"{place.node}#{pointer}", message=message, fix=fix)


def check_block_version(place: Place, block: JsonObject, pointer: str) -> Iterator[Finding]:
    """Whether a block of 0.4 or earlier states the version of the document."""
    where = f"{pointer}/version"
    if "version" not in block:
        message = f'There is no version at {where}; "{place.version.rules}" is recommended.'
        yield place.find("version-missing", where, message, fix=f'Add "{place.version.rules}" as {where}.')
    elif not is_version(block["version"]):
        message = (
            f'The version at {where} is {show(block["version"])}; a version such as "{place.version.rules}" is '
            "expected."
        )
        yield _find(place, "version-invalid", "error", where, message)
    elif block["version"] != place.version.stated:
        message = (
            f"The version at {where} is {show(block['version'])} and elsewhere {show(place.version.stated)}; "
            "one version is expected throughout."
        )
        yield place.find("version-differs", where, message)
