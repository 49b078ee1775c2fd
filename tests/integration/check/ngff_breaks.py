"""Ways to break one MUST of the specification in an otherwise valid store, and the code that names each.

A break is ``(kind of store, name, what is done to it, code)``. The store is a ``Store`` of ``ngff_stores``.
"""

import math


def put(path, value):
    """Set a value in the OME-Zarr block of the root; ``DELETE`` removes it."""
    return lambda store: _put(store.block(), path, value)


def put_in(node, path, value):
    return lambda store: _put(store.block(node), path, value)


def put_array(node, path, value):
    return lambda store: _put(store.array(node), path, value)


def drop(node):
    return lambda store: store.delete(node)


DELETE = object()
MS = "multiscales/0"
TR = f"{MS}/datasets/0/coordinateTransformations"
SCALE = {"type": "scale", "scale": [1.0] * 5}
SHIFT = {"type": "translation", "translation": [0.0] * 5}


def _put(target, path, value):
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split("/")]
    for part in parents:
        target = target[part]
    if value is DELETE:
        del target[last]
    elif callable(value):
        target[last] = value(target[last])
    else:
        target[last] = value


def _swap(i, j):
    def swap(values):
        values = list(values)
        values[i], values[j] = values[j], values[i]
        return values

    return swap


def _retype(node, v2, v3):
    return lambda store: store.array(node).update({"data_type": v3} if store.is_v3 else {"dtype": v2})


def _flatten(node):
    """One dimension less."""

    def flatten(store):
        array = store.array(node)
        array["shape"] = array["shape"][1:]
        if store.is_v3:
            grid = array["chunk_grid"]["configuration"]
            grid["chunk_shape"] = grid["chunk_shape"][1:]
            array["dimension_names"] = array["dimension_names"][1:]
        else:
            array["chunks"] = array["chunks"][1:]

    return flatten


def _without_multiscales(store):
    del store.block("labels/cells")["multiscales"]


def _add_channel_type(type_):
    def change(store):
        store.multiscale()["axes"][1]["type"] = type_

    return change


IMAGE = [
    ("axes missing", put(f"{MS}/axes", DELETE), "axes-missing"),
    ("axes an object", put(f"{MS}/axes", {"name": "x"}), "axes-invalid"),
    ("axes of names", put(f"{MS}/axes", ["t", "c", "z", "y", "x"]), "axes-invalid"),
    ("axis without a name", put(f"{MS}/axes/4/name", DELETE), "axis-name-missing"),
    ("axis named by a number", put(f"{MS}/axes/4/name", 4), "axis-name-missing"),
    ("axis names alike", put(f"{MS}/axes/4/name", "y"), "axis-name-repeated"),
    (
        "one axis of space",
        put(f"{MS}/axes", lambda axes: [*axes[:1], {"name": "q", "type": "channel"}, axes[4]]),
        "axes-space-count",
    ),
    ("four axes of space", put(f"{MS}/axes/1/type", "space"), "axes-space-count"),
    ("two axes of time", put(f"{MS}/axes/1/type", "time"), "axes-type-repeated"),
    ("channel before time", put(f"{MS}/axes", _swap(0, 1)), "axes-order"),
    ("space before channel", put(f"{MS}/axes", _swap(1, 2)), "axes-order"),
    ("axis type a number", put(f"{MS}/axes/0/type", 3), "axis-type-invalid"),
    ("one axis", put(f"{MS}/axes", lambda axes: axes[:1]), "axes-count"),
    ("six axes", put(f"{MS}/axes", lambda axes: [*axes, {"name": "w", "type": "space"}]), "axes-count"),
    ("no multiscales", put("multiscales", []), "multiscales-invalid"),
    ("multiscales an object", put("multiscales", {}), "multiscales-invalid"),
    ("datasets missing", put(f"{MS}/datasets", DELETE), "datasets-missing"),
    ("datasets empty", put(f"{MS}/datasets", []), "datasets-missing"),
    ("path missing", put(f"{MS}/datasets/0/path", DELETE), "dataset-path-missing"),
    ("path a number", put(f"{MS}/datasets/0/path", 0), "dataset-path-missing"),
    ("paths alike", put(f"{MS}/datasets/1/path", "s0"), "dataset-path-repeated"),
    ("path out of the group", put(f"{MS}/datasets/0/path", "../s0"), "path-illegal"),
    ("absolute path", put(f"{MS}/datasets/0/path", "/s0"), "path-illegal"),
    ("no transformations", put(TR, DELETE), "transforms-missing"),
    ("empty transformations", put(TR, []), "scale-missing"),
    ("only a translation", put(TR, [SHIFT]), "scale-missing"),
    ("two scales", put(TR, [SCALE, SCALE]), "scale-repeated"),
    ("two translations", put(TR, [SCALE, SHIFT, SHIFT]), "translation-repeated"),
    ("translation first", put(TR, [SHIFT, SCALE]), "transforms-order"),
    ("rotation", put(f"{TR}/0", {"type": "rotation", "rotation": [[1]]}), "transform-type-wrong"),
    ("transformation without a type", put(f"{TR}/0/type", DELETE), "transform-type-wrong"),
    ("scale without numbers", put(f"{TR}/0/scale", DELETE), "transform-value-missing"),
    ("scale of text", put(f"{TR}/0/scale", ["1"] * 5), "transform-value-invalid"),
    ("scale too short", put(f"{TR}/0/scale", [1.0, 1.0]), "transform-length"),
    ("translation too long", put(TR, [SCALE, {"type": "translation", "translation": [0.0] * 6}]), "transform-length"),
    (
        "scale of the whole too short",
        put(f"{MS}/coordinateTransformations", [{"type": "scale", "scale": [1.0]}]),
        "transform-length",
    ),
    ("scale not finite", put(f"{TR}/0/scale", [1.0, math.inf, 1.0, 1.0, 1.0]), "json-not-finite"),
    ("omero a list", put("omero", []), "omero-invalid"),
    ("omero without channels", put("omero/channels", DELETE), "omero-channels-missing"),
    ("channel without a color", put("omero/channels/0/color", DELETE), "omero-color-missing"),
    ("color with a hash", put("omero/channels/0/color", "#00FF00"), "omero-color-invalid"),
    ("color a number", put("omero/channels/0/color", 255), "omero-color-invalid"),
    ("channel without a window", put("omero/channels/0/window", DELETE), "omero-window-missing"),
    ("window without max", put("omero/channels/0/window/max", DELETE), "omero-window-incomplete"),
    ("window of text", put("omero/channels/0/window/start", "0"), "omero-window-invalid"),
    ("array missing", drop("s1"), "array-missing"),
    ("types differ", _retype("s1", "<f4", "float32"), "array-dtype-differs"),
    ("dimensions differ", _flatten("s1"), "array-dimensions"),
    ("levels in the wrong order", put(f"{MS}/datasets", _swap(0, 1)), "levels-order"),
    ("array without a shape", put_array("s0", "shape", DELETE), "zarr-array-invalid"),
    ("array with a negative size", put_array("s0", "shape/4", -1), "zarr-array-invalid"),
    ("wrong zarr_format", put_array("s0", "zarr_format", 1), "zarr-format-invalid"),
    ("level is a group", lambda store: (store.delete("s1"), store.add_group("s1", {})), "zarr-node-type"),
    ("labels no list", put_in("labels", "labels", "cells"), "labels-invalid"),
    ("label of a number", put_in("labels", "labels", [3]), "labels-invalid"),
    ("label image missing", put_in("labels", "labels", ["cells", "nuclei"]), "label-image-missing"),
    ("label path out of the group", put_in("labels", "labels", ["../cells"]), "path-illegal"),
    (
        "float labels",
        lambda store: [_retype(f"labels/cells/{level}", "<f4", "float32")(store) for level in ("s0", "s1")],
        "labels-dtype",
    ),
    (
        "boolean labels",
        lambda store: [_retype(f"labels/cells/{level}", "|b1", "bool")(store) for level in ("s0", "s1")],
        "labels-dtype",
    ),
    ("labels with a level less", put_in("labels/cells", f"{MS}/datasets/1", DELETE), "labels-level-count"),
    ("labels without multiscales", _without_multiscales, "labels-multiscales-missing"),
    ("label array missing", drop("labels/cells/s1"), "array-missing"),
    ("image-label a list", put_in("labels/cells", "image-label", []), "image-label-invalid"),
    ("colors empty", put_in("labels/cells", "image-label/colors", []), "label-colors-invalid"),
    (
        "color without a value",
        put_in("labels/cells", "image-label/colors/0/label-value", DELETE),
        "label-value-missing",
    ),
    ("label value a fraction", put_in("labels/cells", "image-label/colors/0/label-value", 1.5), "label-value-invalid"),
    (
        "label values alike",
        put_in(
            "labels/cells", "image-label/colors", lambda colors: [*colors, {"label-value": 1, "rgba": [1, 2, 3, 4]}]
        ),
        "label-value-repeated",
    ),
    ("rgba of three", put_in("labels/cells", "image-label/colors/0/rgba", [0, 0, 0]), "label-rgba-invalid"),
    ("rgba beyond 255", put_in("labels/cells", "image-label/colors/0/rgba", [0, 0, 0, 256]), "label-rgba-invalid"),
    ("properties empty", put_in("labels/cells", "image-label/properties", []), "label-properties-invalid"),
    (
        "property without a value",
        put_in("labels/cells", "image-label/properties", [{"area": 3}]),
        "label-value-missing",
    ),
    ("source a text", put_in("labels/cells", "image-label/source", "../.."), "label-source-invalid"),
    ("source image a number", put_in("labels/cells", "image-label/source", {"image": 3}), "label-source-invalid"),
]

IMAGE_04 = [
    ("another version", put(f"{MS}/version", "0.5"), "version-misplaced"),
    ("omero of another version", put("omero/version", 4), None),
    ("image-label of another version", put_in("labels/cells", "image-label/version", "0.3"), "version-differs"),
    ("no .zgroup", drop(".zgroup"), "zarr-group-missing"),
    ("array without a compressor", put_array("s0", "compressor", DELETE), "zarr-array-invalid"),
]

IMAGE_05 = [
    ("no version", put("version", DELETE), "version-missing"),
    ("version a number", put("version", 0.5), "version-invalid"),
    ("another version", put("version", "0.4"), "version-misplaced"),
    ("labels of another version", put_in("labels/cells", "version", "0.6"), "version-differs"),
    ("no dimension_names", put_array("s0", "dimension_names", DELETE), "dimension-names-missing"),
    ("other dimension_names", put_array("s0", "dimension_names", list("abcde")), "dimension-names-differ"),
    ("dimension_names too short", put_array("s0", "dimension_names", list("yx")), "zarr-array-invalid"),
    ("no node_type", put_array("s0", "node_type", DELETE), "zarr-node-type"),
    ("no codecs", put_array("s0", "codecs", []), "zarr-array-invalid"),
    ("labels without a list", put_in("labels", "labels", DELETE), "labels-without-list"),
    ("ome a list", lambda store: store.documents["zarr.json"]["attributes"].update(ome=[]), "ome-invalid"),
]

PLATE = [
    ("plate a list", put("plate", []), "plate-invalid"),
    ("name a number", put("plate/name", 3), "plate-name-invalid"),
    ("no rows", put("plate/rows", DELETE), "plate-rows-missing"),
    ("no columns", put("plate/columns", []), "plate-columns-missing"),
    ("no wells", put("plate/wells", DELETE), "plate-wells-missing"),
    ("row without a name", put("plate/rows/0/name", DELETE), "row-name-missing"),
    ("row with a dash", put("plate/rows", lambda rows: [*rows, {"name": "C-1"}]), "row-name-invalid"),
    ("rows alike", put("plate/rows", lambda rows: [*rows, {"name": "A"}]), "row-name-repeated"),
    ("column a number", put("plate/columns/0/name", 1), "column-name-missing"),
    ("columns alike", put("plate/columns", lambda columns: [*columns, {"name": "1"}]), "column-name-repeated"),
    ("well without a path", put("plate/wells/0/path", DELETE), "well-path-missing"),
    ("well path of three", put("plate/wells/0/path", "x/A/1"), "well-path-invalid"),
    ("well path column first", put("plate/wells/0/path", "1/A"), "well-path-unknown"),
    ("wells alike", put("plate/wells", lambda wells: [*wells, wells[0]]), "well-path-repeated"),
    ("well without a row index", put("plate/wells/0/rowIndex", DELETE), "well-index-missing"),
    ("well index negative", put("plate/wells/0/columnIndex", -1), "well-index-invalid"),
    ("well index of another", put("plate/wells/0/rowIndex", 1), "well-index-differs"),
    ("acquisitions an object", put("plate/acquisitions", {}), "acquisitions-invalid"),
    ("acquisition without an id", put("plate/acquisitions/0/id", DELETE), "acquisition-id-missing"),
    ("acquisition id negative", put("plate/acquisitions/0/id", -1), "acquisition-id-invalid"),
    ("acquisition ids alike", put("plate/acquisitions/0/id", 1), "acquisition-id-repeated"),
    ("maximumfieldcount zero", put("plate/acquisitions/0/maximumfieldcount", 0), "acquisition-field-invalid"),
    ("starttime a text", put("plate/acquisitions/0/starttime", "now"), "acquisition-field-invalid"),
    ("field_count zero", put("plate/field_count", 0), "plate-field-count-invalid"),
    ("well missing", drop("B/2"), "well-missing"),
    (
        "row missing",
        lambda store: [store.documents.pop(f"A/{name}", None) for name in (".zattrs", ".zgroup", "zarr.json")],
        "row-missing",
    ),
    ("well without metadata", put_in("A/1", "well", DELETE), "well-unmarked"),
    ("well a list", put_in("A/1", "well", []), "well-block-invalid"),
    ("well without images", put_in("A/1", "well/images", []), "well-images-missing"),
    ("field without a path", put_in("A/1", "well/images/0/path", DELETE), "field-path-missing"),
    ("field path with a slash", put_in("A/1", "well/images/0/path", "a/b"), "field-path-invalid"),
    ("fields alike", put_in("A/1", "well/images/1/path", "0"), "field-path-repeated"),
    ("acquisition a text", put_in("A/1", "well/images/0/acquisition", "0"), "field-acquisition-invalid"),
    ("acquisition missing", put_in("A/1", "well/images/0/acquisition", DELETE), "field-acquisition-missing"),
    ("acquisition unknown", put_in("A/1", "well/images/0/acquisition", 7), "field-acquisition-unknown"),
    ("field missing", drop("A/1/1"), "field-missing"),
    ("field no image", put_in("A/1/1", "multiscales", DELETE), "field-missing"),
    ("array of a field missing", drop("B/2/1/s0"), "array-missing"),
    ("axes of a field missing", put_in("B/2/1", f"{MS}/axes", DELETE), "axes-missing"),
]

COLLECTION = [
    ("layout 2", put("bioformats2raw.layout", 2), "bioformats2raw-layout-invalid"),
    ("layout a text", put("bioformats2raw.layout", "3"), "bioformats2raw-layout-invalid"),
    ("series a text", put_in("OME", "series", "0"), "series-invalid"),
    ("series of numbers", put_in("OME", "series", [0, 1]), "series-invalid"),
    ("image of the series missing", drop("1"), "series-image-missing"),
    ("image of the series no image", put_in("1", "multiscales", DELETE), "series-image-missing"),
    ("no OME-XML", lambda store: store.documents.update({"OME/METADATA.ome.xml": b"<OME"}), "ome-xml-invalid"),
    ("OME-XML with TiffData", lambda store: store.documents.update({
        "OME/METADATA.ome.xml": store.documents["OME/METADATA.ome.xml"].replace(b"MetadataOnly", b"TiffData")
    }), "ome-xml-pixels"),
    ("OME-XML of one image", lambda store: store.documents.update({
        "OME/METADATA.ome.xml": b'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image/></OME>'
    }), "ome-xml-count"),
]  # fmt: skip

NUMBERED = [
    (
        "gap in the numbers",
        lambda store: (store.move_in("3", _take(store, "1")), store.delete("1")),
        "series-image-missing",
    ),
    ("no images", lambda store: (store.delete("0"), store.delete("1")), "series-empty"),
]


def _take(store, node):
    taken = store.copy()
    prefix = f"{node}/"
    taken.documents = {key[len(prefix) :]: value for key, value in store.documents.items() if key.startswith(prefix)}
    return taken


def _with_system(*transforms):
    """A second coordinate system, and transformations to it."""

    def add(store):
        multiscale = store.multiscale()
        axes = multiscale["coordinateSystems"][0]["axes"]
        multiscale["coordinateSystems"].append({"name": "other", "axes": axes})
        ends = {"input": {"name": "intrinsic"}, "output": {"name": "other"}}
        multiscale["coordinateTransformations"] = [{**ends, **transform} for transform in transforms]

    return add


TURN = [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
IMAGE_06 = [
    ("no systems", put(f"{MS}/coordinateSystems", DELETE), "systems-missing"),
    ("system without a name", put(f"{MS}/coordinateSystems/0/name", DELETE), "system-name-missing"),
    ("system without axes", put(f"{MS}/coordinateSystems/0/axes", DELETE), "axes-missing"),
    ("systems alike", put(f"{MS}/coordinateSystems", lambda systems: [*systems, systems[0]]), "system-name-repeated"),
    ("axis names alike", put(f"{MS}/coordinateSystems/0/axes/0/name", "x"), "axis-name-repeated"),
    ("discrete a text", put(f"{MS}/coordinateSystems/0/axes/0/discrete", "no"), "axis-field-invalid"),
    ("two transformations of a level", put(TR, lambda transforms: transforms * 2), "transforms-invalid"),
    ("affine of a level", put(f"{TR}/0/type", "affine"), "transform-type-wrong"),
    ("level without an input", put(f"{TR}/0/input", DELETE), "transform-reference-invalid"),
    ("input a text", put(f"{TR}/0/input", "scale0/image"), "transform-reference-invalid"),
    ("output without a name", put(f"{TR}/0/output/name", DELETE), "transform-reference-invalid"),
    ("output unknown", put(f"{TR}/0/output/name", "nowhere"), "transform-reference-unknown"),
    ("outputs differ", put(f"{TR}/0/output/name", "nowhere"), "transform-output-differs"),
    ("input of another level", put(f"{TR}/0/input/path", "scale1/image"), "transform-input-differs"),
    ("translation before the scale", put(f"{TR}/0/transformations", _swap(0, 1)), "transforms-order"),
    ("scale of zero", put(f"{TR}/0/transformations/0/scale/0", 0), "scale-not-positive"),
    ("scale too short", put(f"{TR}/0/transformations/0/scale", [1.0]), "transform-length"),
    ("system unconnected", lambda store: (_with_system()(store), store.multiscale().pop("coordinateTransformations")), "systems-unconnected"),
    ("transformation of no type", _with_system({"type": "warp"}), "transform-type-wrong"),
    ("mapAxis twice the same", _with_system({"type": "mapAxis", "mapAxis": [0, 0, 1]}), "map-axis-invalid"),
    ("mapAxis too short", _with_system({"type": "mapAxis", "mapAxis": [0, 1]}), "map-axis-invalid"),
    ("mapAxis missing", _with_system({"type": "mapAxis"}), "transform-value-missing"),
    ("affine with a row less", _with_system({"type": "affine", "affine": [[1, 0, 0, 0], [0, 1, 0, 0]]}), "transform-length"),
    ("affine with a column less", _with_system({"type": "affine", "affine": TURN}), "transform-length"),
    ("affine of text", _with_system({"type": "affine", "affine": "eye"}), "transform-value-invalid"),
    ("affine without a matrix", _with_system({"type": "affine"}), "transform-value-missing"),
    ("affine at a missing array", _with_system({"type": "affine", "path": "nothing"}), "transform-array-missing"),
    ("affine at an array of three dimensions", _with_system({"type": "affine", "path": "scale0/image"}), "transform-array-shape"),
    ("rotation that stretches", _with_system({"type": "rotation", "rotation": [[2, 0, 0], [0, 1, 0], [0, 0, 1]]}), "rotation-invalid"),
    ("rotation that mirrors", _with_system({"type": "rotation", "rotation": [[-1, 0, 0], [0, 1, 0], [0, 0, 1]]}), "rotation-invalid"),
    ("projectAxis to fewer", _with_system({"type": "projectAxis", "droppedInputs": [0]}), "transform-length"),
    ("projectAxis of nothing", _with_system({"type": "projectAxis"}), "transform-value-missing"),
    ("projectAxis beyond", _with_system({"type": "projectAxis", "droppedInputs": [7]}), "project-axis-invalid"),
    ("byDimension without axes", _with_system({"type": "byDimension", "transformations": [{"transformation": {"type": "identity"}}]}), "by-dimension-part"),
    ("byDimension with an axis less", _with_system({"type": "byDimension", "transformations": [{"transformation": {"type": "identity"}, "inputAxes": [0, 1], "outputAxes": [0, 1]}]}), "by-dimension-axes"),
    ("bijection without an inverse", _with_system({"type": "bijection", "forward": {"type": "identity"}}), "transform-value-missing"),
    ("displacements without a path", _with_system({"type": "displacements"}), "transform-value-missing"),
    ("displacements at nothing", _with_system({"type": "displacements", "path": "field"}), "transform-array-missing"),
    ("displacements at another image", lambda store: (_with_system({"type": "displacements", "path": "field"})(store), store.move_in("field", store.copy())), "transform-array-shape"),
    ("sequence of nothing", _with_system({"type": "sequence", "transformations": []}), "transform-value-missing"),
    ("output a text", _with_system({"type": "identity", "output": "other"}), "transform-reference-invalid"),
    ("output of an unknown name", _with_system({"type": "identity"}, {"type": "identity", "output": {"name": "x"}}), "transform-reference-unknown"),
    ("from other to other", _with_system({"type": "identity"}, {"type": "identity", "input": {"name": "other"}}), "transform-intrinsic-missing"),
    ("affine to labels", _with_system({"type": "identity"}, {"type": "rotation", "rotation": TURN, "output": {"name": "a", "path": "labels/a"}}), "transform-to-labels"),
    ("orientation unknown", put(f"{MS}/coordinateSystems/0/axes/0/orientation", {"type": "anatomical", "value": "up"}), "axis-orientation-invalid"),
]  # fmt: skip

SC = "scene/coordinateTransformations"
SCENE = [
    ("scene a list", put("scene", []), "scene-invalid"),
    ("no transformations", put(SC, DELETE), "scene-transforms-missing"),
    ("output a text", put(f"{SC}/0/output", "world"), "transform-reference-invalid"),
    ("input without a name", put(f"{SC}/0/input/name", DELETE), "transform-reference-invalid"),
    ("output unknown", put(f"{SC}/0/output/name", "moon"), "transform-reference-unknown"),
    ("system of the image unknown", put(f"{SC}/0/input/name", "moon"), "transform-reference-unknown"),
    ("image missing", drop("right"), "scene-image-missing"),
    ("translation too short", put(f"{SC}/0/translation", [0.0]), "transform-length"),
    ("image apart", put(f"{SC}/0/output", {"name": "intrinsic", "path": "left"}), "systems-unconnected"),
    ("array of an image missing", drop("left/scale0/image"), "array-missing"),
    ("image of another version", put_in("left", "version", "0.5"), "version-differs"),
    ("systems of no name", put("scene/coordinateSystems/0/name", ""), "system-name-missing"),
]


def list_breaks():
    """Each break with the kind of store that it is for."""
    kinds = {
        ("image", "0.4"): IMAGE + IMAGE_04,
        ("image", "0.5"): IMAGE + IMAGE_05,
        ("plate", "0.4"): PLATE,
        ("plate", "0.5"): PLATE,
        ("collection", "0.4"): COLLECTION,
        ("collection", "0.5"): COLLECTION,
        ("numbered", "0.4"): NUMBERED,
        ("numbered", "0.5"): NUMBERED,
        ("stack", "0.6"): IMAGE_06,
        ("scene", "0.6"): SCENE,
    }
    return [(kind, version, *entry) for (kind, version), entries in kinds.items() for entry in entries if entry[2]]
