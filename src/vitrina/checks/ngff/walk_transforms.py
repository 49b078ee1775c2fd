"""What the transformations of an image of 0.6 refer to: arrays of numbers, fields, coordinate systems of labels.

Source: https://ngff.openmicroscopy.org/0.6/#trafo-types-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.document import get_block
from vitrina.checks.ngff.image_parts import find_system, list_multiscales
from vitrina.checks.ngff.multiscales import MAX_LEVELS, check_path
from vitrina.checks.ngff.paths import explain_illegal, join
from vitrina.checks.ngff.v06.references import get_reference
from vitrina.checks.ngff.v06.sizes import Sizes
from vitrina.checks.ngff.v06.systems import count_axes
from vitrina.checks.ngff.v06.transforms import MAX_DEPTH, MAX_PARTS
from vitrina.checks.ngff.value import is_text, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.nodes import Node, Nodes
    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject

_KEY = "coordinateTransformations"
_IN_ARRAYS = ("affine", "rotation")
_FIELDS = {"displacements": "displacement", "coordinates": "coordinate"}


def walk_transforms(nodes: Nodes, node: Node, place: Place) -> Iterator[Finding]:
    """What the transformations of an image name that is not there."""
    if place.version.rules < "0.6":
        return
    for i, multiscale in enumerate(list_multiscales(node.attrs)):
        systems = count_axes(multiscale.get("coordinateSystems"))
        value = multiscale.get(_KEY)
        for j, transform in enumerate(value[:MAX_LEVELS] if isinstance(value, list) else []):
            at = f"{get_block(node.attrs)[1]}/multiscales/{i}/{_KEY}/{j}"
            yield from check_targets(nodes, transform, place, find_sizes(transform, systems), at)
            yield from check_systems_of_others(nodes, transform, place, at)


def find_sizes(transform: Any, systems: dict[str, int | None]) -> Sizes:
    """The numbers of dimensions of the systems that a transformation leads from and to, of one document."""
    ends = [get_reference(transform, key) if isinstance(transform, Mapping) else None for key in ("input", "output")]
    counts = [systems.get(end.name) if end is not None and end.path is None else None for end in ends]
    return Sizes(counts[0], counts[1])


def check_targets(
    nodes: Nodes, transform: Any, place: Place, sizes: Sizes, pointer: str, *, depth: int = 0
) -> Iterator[Finding]:
    """Whether the arrays and images that hold the numbers of a transformation are there and fit."""
    if not isinstance(transform, Mapping) or depth >= MAX_DEPTH or nodes.is_exhausted:
        return
    type_, path = transform.get("type"), transform.get("path")
    if is_text(path) and type_ in (*_IN_ARRAYS, *_FIELDS):
        wrong = list(check_path(place, path, f"{pointer}/path"))
        yield from wrong
        if not wrong:
            target = nodes.read(join(place.node, path))
            rule = _check_matrix if type_ in _IN_ARRAYS else _check_field
            yield from rule(target, transform, place, sizes, pointer)
    parts = transform.get("transformations")
    inner = (
        [(f"transformations/{i}", part) for i, part in enumerate(parts[:MAX_PARTS])] if isinstance(parts, list) else []
    )
    for name, part in [*inner, ("forward", transform.get("forward")), ("inverse", transform.get("inverse"))]:
        is_wrapped = isinstance(part, Mapping) and "transformation" in part
        following = part.get("transformation") if is_wrapped else part
        where = f"{pointer}/{name}/transformation" if is_wrapped else f"{pointer}/{name}"
        yield from check_targets(nodes, following, place, Sizes(None, None), where, depth=depth + 1)


def check_systems_of_others(nodes: Nodes, transform: Any, place: Place, pointer: str) -> Iterator[Finding]:
    """Whether the images whose coordinate systems a transformation names are there and have them."""
    for key in ("input", "output"):
        reference = get_reference(transform, key) if isinstance(transform, Mapping) else None
        if reference is None or reference.path is None or explain_illegal(reference.path) is not None:
            continue
        found = nodes.read(join(place.node, reference.path))
        if found.kind != "group" or "multiscales" not in get_block(found.attrs)[0]:
            message = f"There is no image at {found.path!r}, which {pointer}/{key} names; one is expected there."
            yield place.find("scene-image-missing", f"{pointer}/{key}/path", message)
        elif find_system(found.attrs, reference.name) is None:
            message = (
                f"The image at {found.path!r} has no coordinate system {show(reference.name)}, which {pointer}/{key} "
                "names; it is expected there."
            )
            yield place.find("transform-reference-unknown", f"{pointer}/{key}/name", message)


def _check_matrix(target: Node, transform: JsonObject, place: Place, sizes: Sizes, pointer: str) -> Iterator[Finding]:
    if target.kind != "array" or target.facts is None:
        message = f"There is no array at {target.path!r}, which {pointer}/path names; the matrix is expected there."
        yield place.find("transform-array-missing", f"{pointer}/path", message)
        return
    shape = target.facts.shape
    if shape is None:
        return
    extra = 1 if transform.get("type") == "affine" else 0
    n_rows, n_columns = sizes.output, None if sizes.input is None else sizes.input + extra
    fits = len(shape) == 2 and n_rows in {None, shape[0]} and n_columns in {None, shape[1]}
    if not fits:
        wanted = f"{n_rows} rows of {n_columns}" if n_rows and n_columns else "rows and columns"
        message = (
            f"The array {target.path!r}, which {pointer}/path names as a matrix, has the shape {show(list(shape))}; "
            f"{wanted} are expected."
        )
        yield place.find("transform-array-shape", f"{pointer}/path", message)


def _check_field(target: Node, transform: JsonObject, place: Place, sizes: Sizes, pointer: str) -> Iterator[Finding]:
    """Source: https://ngff.openmicroscopy.org/0.6/#coordinates-displacements-md."""
    multiscales = list_multiscales(target.attrs) if target.kind == "group" else []
    if not multiscales:
        message = (
            f"There is no image at {target.path!r}, which {pointer}/path names; the field of vectors is expected there."
        )
        yield place.find("transform-array-missing", f"{pointer}/path", message)
        return
    wanted = _FIELDS[str(transform["type"])]
    systems = multiscales[0].get("coordinateSystems")
    first = systems[0] if isinstance(systems, list) and systems and isinstance(systems[0], Mapping) else {}
    axes = first.get("axes")
    axes = [axis for axis in axes if isinstance(axis, Mapping)] if isinstance(axes, list) else []
    types = [axis.get("type") for axis in axes]
    if wanted not in types:
        message = (
            f'The image {target.path!r}, which {pointer}/path names, has no axis of the type "{wanted}"; one is '
            "expected."
        )
        yield place.find("transform-array-shape", f"{pointer}/path", message)
    elif sizes.input is not None and len(axes) != sizes.input + 1:
        message = (
            f"The image {target.path!r}, which {pointer}/path names, has {len(axes)} axes; {sizes.input + 1} are "
            "expected."
        )
        yield place.find("transform-array-shape", f"{pointer}/path", message)
