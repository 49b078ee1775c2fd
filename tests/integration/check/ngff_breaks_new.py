"""Ways to break images and scenes of 0.6."""

from ngff_changes import DELETE, MS, TR, drop, put, put_in, swap_entries


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
    ("translation before the scale", put(f"{TR}/0/transformations", swap_entries(0, 1)), "transforms-order"),
    ("scale of zero", put(f"{TR}/0/transformations/0/scale/0", 0), "scale-not-positive"),
    ("scale too short", put(f"{TR}/0/transformations/0/scale", [1.0]), "transform-length"),
    (
        "system unconnected",
        lambda store: (_with_system()(store), store.multiscale().pop("coordinateTransformations")),
        "systems-unconnected",
    ),
    ("transformation of no type", _with_system({"type": "warp"}), "transform-type-wrong"),
    ("mapAxis twice the same", _with_system({"type": "mapAxis", "mapAxis": [0, 0, 1]}), "map-axis-invalid"),
    ("mapAxis too short", _with_system({"type": "mapAxis", "mapAxis": [0, 1]}), "map-axis-invalid"),
    ("mapAxis missing", _with_system({"type": "mapAxis"}), "transform-value-missing"),
    (
        "affine with a row less",
        _with_system({"type": "affine", "affine": [[1, 0, 0, 0], [0, 1, 0, 0]]}),
        "transform-length",
    ),
    ("affine with a column less", _with_system({"type": "affine", "affine": TURN}), "transform-length"),
    ("affine of text", _with_system({"type": "affine", "affine": "eye"}), "transform-value-invalid"),
    ("affine without a matrix", _with_system({"type": "affine"}), "transform-value-missing"),
    ("affine at a missing array", _with_system({"type": "affine", "path": "nothing"}), "transform-array-missing"),
    (
        "affine at an array of three dimensions",
        _with_system({"type": "affine", "path": "scale0/image"}),
        "transform-array-shape",
    ),
    (
        "rotation that stretches",
        _with_system({"type": "rotation", "rotation": [[2, 0, 0], [0, 1, 0], [0, 0, 1]]}),
        "rotation-invalid",
    ),
    (
        "rotation that mirrors",
        _with_system({"type": "rotation", "rotation": [[-1, 0, 0], [0, 1, 0], [0, 0, 1]]}),
        "rotation-invalid",
    ),
    ("projectAxis to fewer", _with_system({"type": "projectAxis", "droppedInputs": [0]}), "transform-length"),
    ("projectAxis of nothing", _with_system({"type": "projectAxis"}), "transform-value-missing"),
    ("projectAxis beyond", _with_system({"type": "projectAxis", "droppedInputs": [7]}), "project-axis-invalid"),
    (
        "byDimension without axes",
        _with_system({"type": "byDimension", "transformations": [{"transformation": {"type": "identity"}}]}),
        "by-dimension-part",
    ),
    (
        "byDimension with an axis less",
        _with_system(
            {
                "type": "byDimension",
                "transformations": [
                    {"transformation": {"type": "identity"}, "inputAxes": [0, 1], "outputAxes": [0, 1]}
                ],
            }
        ),
        "by-dimension-axes",
    ),
    (
        "bijection without an inverse",
        _with_system({"type": "bijection", "forward": {"type": "identity"}}),
        "transform-value-missing",
    ),
    ("displacements without a path", _with_system({"type": "displacements"}), "transform-value-missing"),
    ("displacements at nothing", _with_system({"type": "displacements", "path": "field"}), "transform-array-missing"),
    (
        "displacements at another image",
        lambda store: (
            _with_system({"type": "displacements", "path": "field"})(store),
            store.move_in("field", store.copy()),
        ),
        "transform-array-shape",
    ),
    ("sequence of nothing", _with_system({"type": "sequence", "transformations": []}), "transform-value-missing"),
    ("output a text", _with_system({"type": "identity", "output": "other"}), "transform-reference-invalid"),
    (
        "output of an unknown name",
        _with_system({"type": "identity"}, {"type": "identity", "output": {"name": "x"}}),
        "transform-reference-unknown",
    ),
    (
        "from other to other",
        _with_system({"type": "identity"}, {"type": "identity", "input": {"name": "other"}}),
        "transform-intrinsic-missing",
    ),
    (
        "affine to labels",
        _with_system(
            {"type": "identity"}, {"type": "rotation", "rotation": TURN, "output": {"name": "a", "path": "labels/a"}}
        ),
        "transform-to-labels",
    ),
    (
        "orientation unknown",
        put(f"{MS}/coordinateSystems/0/axes/0/orientation", {"type": "anatomical", "value": "up"}),
        "axis-orientation-invalid",
    ),
]

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
