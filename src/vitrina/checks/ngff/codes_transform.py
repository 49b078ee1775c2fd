"""Codes about coordinate transformations, coordinate systems and scenes."""

from vitrina.checks.ngff.code import Code

_OLD = "multiscale-md"
_NEW = "0.6 coord-trafo-md"
_SYSTEMS = "0.6 coordinate-systems-md"
_SCENE = "0.6 scene-md"
_TYPES = "0.6 trafo-types-md"

TRANSFORM = {
    "transforms-missing": Code("error", "A level has no coordinateTransformations.", _OLD, is_fixable=True),
    "transforms-invalid": Code("error", "coordinateTransformations is no list of objects of the right length.", _OLD),
    "transforms-order": Code("error", "A translation comes before the scale.", _OLD),
    "transforms-too-deep": Code("error", "Transformations are nested too deeply.", _TYPES),
    "transform-type-wrong": Code("error", "A transformation has no type, or one that is not allowed there.", _OLD),
    "transform-value-missing": Code("error", "A transformation lacks what its type asks for.", _TYPES),
    "transform-value-invalid": Code("error", "A transformation has something else than finite numbers.", _TYPES),
    "transform-value-twice": Code("error", "A matrix is both in place and in an array.", _TYPES),
    "transform-length": Code(
        "error", "A transformation has more or fewer numbers or dimensions than there are axes.", _OLD
    ),
    "transform-path": Code("warning", "The numbers of a transformation lie in an array.", "trafo-md"),
    "transform-field-invalid": Code("error", "The name of a transformation is no text.", _NEW),
    "transform-interpolation-unknown": Code("error", "The interpolation of a field is not known.", _TYPES),
    "scale-missing": Code("error", "There is no scale where exactly one is expected.", _OLD),
    "scale-repeated": Code("error", "There are several scales.", _OLD),
    "scale-not-positive": Code("warning", "A scale is zero or negative; an error since 0.6.", _OLD),
    "translation-repeated": Code("error", "There are several translations.", _OLD),
    "map-axis-invalid": Code("error", "mapAxis does not have each axis number once.", _TYPES),
    "project-axis-invalid": Code("error", "projectAxis names axes that are not there, twice, or too many.", _TYPES),
    "rotation-invalid": Code("error", "A matrix is no rotation.", _TYPES),
    "by-dimension-part": Code("error", "A part of byDimension lacks its transformation or its axes.", _TYPES),
    "by-dimension-axes": Code(
        "error", "byDimension gives an output axis not at all, twice, or one that is not there.", _TYPES
    ),
    "transform-reference-invalid": Code("error", "An input or output is no object with what is asked for there.", _NEW),
    "transform-reference-unknown": Code("error", "A transformation names a coordinate system that is not there.", _NEW),
    "transform-input-differs": Code(
        "error", "The input of a level is another path than its own.", "0.6 multiscales-md"
    ),
    "transform-output-differs": Code("error", "Levels map to different coordinate systems.", "0.6 multiscales-md"),
    "transform-intrinsic-missing": Code(
        "error", "A transformation of an image does not touch its intrinsic system.", _NEW
    ),
    "transform-to-labels": Code("error", "A transformation to labels is of a type that is not allowed there.", _NEW),
    "transform-array-missing": Code(
        "error",
        "The array or image that a transformation refers to is not in the store.",
        _TYPES,
        holds_for_drafts=True,
    ),
    "transform-array-shape": Code(
        "error", "The array or image that a transformation refers to has the wrong shape.", _TYPES
    ),
    "systems-missing": Code("error", "There are no coordinate systems.", _SYSTEMS),
    "system-invalid": Code("error", "A coordinate system is no object.", _SYSTEMS),
    "system-name-missing": Code("error", "A coordinate system has no name.", _SYSTEMS),
    "system-name-repeated": Code("error", "Two coordinate systems have the same name.", _SYSTEMS),
    "systems-unconnected": Code("error", "No transformations connect two coordinate systems.", _NEW),
    "scene-invalid": Code("error", "scene is no object.", _SCENE),
    "scene-transforms-missing": Code("error", "A scene has no transformations.", _SCENE),
    "scene-image-missing": Code(
        "error", "An image that a scene refers to is not in the store, or is no image.", _SCENE, holds_for_drafts=True
    ),
}
