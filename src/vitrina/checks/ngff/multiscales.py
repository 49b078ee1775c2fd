"""The ``multiscales`` of any version: a list of images, each with its levels.

Source: https://ngff.openmicroscopy.org/0.5/#multiscale-md, https://ngff.openmicroscopy.org/0.2/#multiscale-md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.paths import explain_illegal
from vitrina.checks.ngff.stated_version import check_block_version
from vitrina.checks.ngff.value import find_repeated, is_text, list_words, show
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Severity
    from vitrina.ngff.json_value import JsonObject

type MultiscaleRule = Callable[[Place, JsonObject, str], Iterator[Finding]]

_RECOMMENDED = ("name", "type", "metadata")
MAX_LEVELS = 256
"""Further levels of an image are not looked at; a pyramid has a dozen."""


def check_multiscales(place: Place, block: JsonObject, pointer: str, rule: MultiscaleRule) -> Iterator[Finding]:
    """What is wrong with the ``multiscales`` of a block.

    Args:
        place: The document.
        block: The object that holds them.
        pointer: Where the block lies.
        rule: What must hold for one of them in the version of the document.
    """
    where = f"{pointer}/multiscales"
    value = block.get("multiscales")
    if not isinstance(value, list) or not value:
        message = f"multiscales at {where} is {show(value)}; a list of at least one image is expected."
        yield place.find("multiscales-invalid", where, message)
        return
    for i, multiscale in enumerate(value[:MAX_LEVELS]):
        at = f"{where}/{i}"
        if not isinstance(multiscale, Mapping):
            yield place.find(
                "multiscales-invalid", at, f"The image at {at} is {show(multiscale)}; an object is expected."
            )
            continue
        if multiscale in value[:i]:
            yield place.find("multiscales-repeated", at, f"The image at {at} is listed before; each is expected once.")
        if not place.version.is_namespaced:
            yield from check_block_version(place, multiscale, at)
        yield from rule(place, multiscale, at)
        yield from _check_fields(place, multiscale, at)


def check_datasets(place: Place, multiscale: JsonObject, pointer: str) -> Iterator[Finding]:
    """What is wrong with the list of levels and their paths."""
    where = f"{pointer}/datasets"
    value = multiscale.get("datasets")
    if not isinstance(value, list) or not value:
        found = "has no datasets" if "datasets" not in multiscale else f"has the datasets {show(value)}"
        message = f"The image at {pointer} {found}; a list of at least one level is expected."
        yield place.find("datasets-missing", where, message)
        return
    for i, dataset in enumerate(value[:MAX_LEVELS]):
        at = f"{where}/{i}"
        if not isinstance(dataset, Mapping):
            yield place.find("dataset-invalid", at, f"The level at {at} is {show(dataset)}; an object is expected.")
        elif not isinstance(dataset.get("path"), str):
            found = "has no path" if "path" not in dataset else f"has the path {show(dataset['path'])}"
            message = f"The level at {at} {found}; text that names an array is expected."
            yield place.find("dataset-path-missing", f"{at}/path", message)
        else:
            yield from check_path(place, dataset["path"], f"{at}/path")
    paths = [dataset.get("path") if isinstance(dataset, Mapping) else None for dataset in value[:MAX_LEVELS]]
    for i in find_repeated(paths):
        message = (
            f"The level at {where}/{i} has the path {show(paths[i])} of an earlier one; paths are expected to differ."
        )
        yield place.find("dataset-path-repeated", f"{where}/{i}/path", message)


def list_datasets(multiscale: JsonObject) -> list[tuple[int, JsonObject]]:
    """The levels that are objects, with their positions."""
    value = multiscale.get("datasets")
    datasets = value[:MAX_LEVELS] if isinstance(value, list) else []
    return [(i, dataset) for i, dataset in enumerate(datasets) if isinstance(dataset, Mapping)]


def check_path(place: Place, path: str, pointer: str) -> Iterator[Finding]:
    """Whether a path below the group can be followed."""
    reason = explain_illegal(path)
    if reason is not None:
        message = f"The path at {pointer} is {show(path)}, which {reason}; a path below the group is expected."
        yield place.find("path-illegal", pointer, message)


def _check_fields(place: Place, multiscale: JsonObject, pointer: str) -> Iterator[Finding]:
    missing = [key for key in _RECOMMENDED if key not in multiscale]
    if missing:
        message = f"The image at {pointer} has no {list_words(missing)}; name, type and metadata are recommended."
        yield place.find("multiscale-field-missing", pointer, message, fix=f"Add {list_words(missing)} to {pointer}.")
    if "name" in multiscale and not isinstance(multiscale["name"], str):
        message = f"The name at {pointer}/name is {show(multiscale['name'])}; text is expected."
        yield place.find("multiscale-field-invalid", f"{pointer}/name", message)
    if "metadata" in multiscale and not isinstance(multiscale["metadata"], Mapping):
        severity: Severity | None = None if place.version.rules == "0.1" else "warning"  # only its schema asks for it
        message = f"The metadata at {pointer}/metadata is {show(multiscale['metadata'])}; an object is expected."
        yield place.find("multiscale-field-invalid", f"{pointer}/metadata", message, severity=severity)


def find_level_path(dataset: Any) -> str | None:
    """The path of a level when it can be followed."""
    path = dataset.get("path") if isinstance(dataset, Mapping) else None
    return path if is_text(path) and explain_illegal(path) is None else None
