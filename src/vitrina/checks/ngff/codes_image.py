"""Codes about images and labels."""

from vitrina.checks.ngff.code import Code

_AXES = "axes-md"
_IMAGE = "multiscale-md"
_OMERO = "omero-md"
_LABELS = "labels-md"
_LABEL = "label-md"

IMAGE = {
    "multiscales-invalid": Code(
        "error", "multiscales is no list of at least one object.", _IMAGE, holds_for_drafts=True
    ),
    "multiscales-repeated": Code("error", "An image is listed twice.", _IMAGE),
    "multiscale-field-missing": Code("warning", "An image has no name, type or metadata.", _IMAGE, is_fixable=True),
    "multiscale-field-invalid": Code("error", "The name of an image is no text, or its metadata no object.", _IMAGE),
    "axes-missing": Code("error", "An image or coordinate system has no axes.", _IMAGE),
    "axes-invalid": Code("error", "The axes are no list of objects (0.3: of names).", _AXES),
    "axes-count": Code("error", "There are fewer than two axes or more than five.", _IMAGE),
    "axes-space-count": Code("error", "There are not two or three axes of space.", _IMAGE),
    "axes-type-repeated": Code(
        "error", "There are several axes of time, or several of channels or a custom type.", _IMAGE
    ),
    "axes-order": Code("error", "Axes do not come as time, then channel or custom, then space.", _IMAGE),
    "axes-space-order": Code("warning", "Axes of space do not come as z, y, x.", _IMAGE),
    "axis-name-missing": Code("error", "An axis has no name.", _AXES),
    "axis-name-repeated": Code("error", "Two axes have the same name.", _AXES, holds_for_drafts=True),
    "axis-type-invalid": Code("error", "The type of an axis is no text.", _AXES),
    "axis-type-unknown": Code("warning", "An axis has no type, or one that the specification does not name.", _AXES),
    "axis-unit-invalid": Code("error", "The unit of an axis is no text.", _AXES),
    "axis-unit-missing": Code("warning", "An axis of space has no unit; of time, worth knowing.", _AXES),
    "axis-unit-unknown": Code("warning", "The unit of an axis is not in the list of the specification.", _AXES),
    "axis-field-invalid": Code("error", "discrete or longName of an axis is of the wrong type.", _AXES),
    "axis-orientation-invalid": Code("error", "The orientation of an axis is none of those of RFC-4.", "RFC-4"),
    "axis-orientation-repeated": Code("warning", "Two axes run along the same line of the body.", "RFC-4"),
    "datasets-missing": Code("error", "An image has no list of levels.", _IMAGE, holds_for_drafts=True),
    "dataset-invalid": Code("error", "A level is no object.", _IMAGE, holds_for_drafts=True),
    "dataset-path-missing": Code(
        "error", "A level has no path, or one that is no text.", _IMAGE, holds_for_drafts=True
    ),
    "dataset-path-repeated": Code("error", "Two levels have the same path.", _IMAGE, holds_for_drafts=True),
    "array-missing": Code("error", "The array of a level is not in the store.", _IMAGE, holds_for_drafts=True),
    "array-dimensions": Code(
        "error", "An array has another number of dimensions than there are axes.", _IMAGE, holds_for_drafts=True
    ),
    "array-dtype-differs": Code("error", "Levels have different data types.", _IMAGE, holds_for_drafts=True),
    "array-dtype-unusual": Code("warning", "Pixels are no numbers.", _IMAGE),
    "array-empty": Code("warning", "An array has no pixels.", _IMAGE),
    "levels-order": Code("error", "A level is larger than the one before.", _IMAGE, holds_for_drafts=True),
    "levels-equal": Code("warning", "A level is as large as the one before.", _IMAGE),
    "level-scale-differs": Code("warning", "The scale of a level does not fit its size.", _IMAGE),
    "dimension-names-missing": Code("error", "An array of 0.5 has no dimension_names.", _AXES, is_fixable=True),
    "dimension-names-differ": Code(
        "error", "dimension_names of an array are not the names of the axes.", _AXES, is_fixable=True
    ),
    "dimension-separator": Code(
        "warning", "Chunks are not laid out in folders, as 0.2 to 0.4 have them.", "0.2 image-layout"
    ),
    "array-dimensions-attribute": Code(
        "warning", "_ARRAY_DIMENSIONS differs from the axes, or 0.3 lacks it.", "0.3 multiscale-md"
    ),
    "omero-invalid": Code("error", "omero is no object.", _OMERO),
    "omero-channels-missing": Code("error", "omero has no list of channels.", _OMERO),
    "omero-channel-invalid": Code("error", "A channel is no object.", _OMERO),
    "omero-channel-field-invalid": Code("error", "label, family or active of a channel is of the wrong type.", _OMERO),
    "omero-color-missing": Code("error", "A channel has no color.", _OMERO, is_fixable=True),
    "omero-color-invalid": Code(
        "error", "The color of a channel is not six hexadecimal digits.", _OMERO, is_fixable=True
    ),
    "omero-window-missing": Code("error", "A channel has no window.", _OMERO, is_fixable=True),
    "omero-window-incomplete": Code("error", "A window lacks min, max, start or end.", _OMERO, is_fixable=True),
    "omero-window-invalid": Code("error", "A limit of a window is no finite number.", _OMERO),
    "omero-window-empty": Code("info", "A window ends where it starts, or before.", _OMERO),
    "omero-channel-count": Code("warning", "There are more or fewer channels in omero than in the arrays.", _OMERO),
    "labels-invalid": Code("error", "labels is no list of paths.", _LABELS),
    "labels-repeated": Code("error", "A label image is listed twice.", _LABELS, is_fixable=True),
    "label-image-missing": Code(
        "error", "A listed label image is not in the store, or is no image.", _LABELS, holds_for_drafts=True
    ),
    "labels-unlisted": Code(
        "warning", "A label image is in the group labels but not in its list.", _LABELS, is_fixable=True
    ),
    "labels-without-list": Code("error", "The group labels has no list of label images.", _LABELS, is_fixable=True),
    "labels-group-metadata": Code("error", "A group between labels and a label image has metadata.", _LABELS),
    "labels-multiscales-missing": Code("error", "A label image has no multiscales.", _LABEL),
    "labels-dtype": Code("error", "The pixels of a label image are no integers.", _LABELS, holds_for_drafts=True),
    "labels-level-count": Code(
        "error", "A label image has more or fewer levels than its image.", _LABEL, holds_for_drafts=True
    ),
    "labels-shape": Code(
        "warning", "A label image is neither as large as its image nor 1 along an axis.", "image-layout"
    ),
    "label-image-unmarked": Code("warning", "A label image has no image-label.", _LABELS, is_fixable=True),
    "image-label-invalid": Code("error", "image-label is no object.", _LABEL),
    "label-colors-missing": Code("warning", "image-label has no colors.", _LABEL),
    "label-colors-invalid": Code("error", "colors is no list of at least one object.", _LABEL),
    "label-properties-invalid": Code("error", "properties is no list of at least one object.", _LABEL),
    "label-value-missing": Code("error", "A color or property has no label-value.", _LABEL),
    "label-value-invalid": Code("error", "A label-value is no whole number.", _LABEL),
    "label-value-repeated": Code("error", "Two colors or properties have the same label-value.", _LABEL),
    "label-rgba-invalid": Code("error", "rgba is not four whole numbers from 0 to 255.", _LABEL),
    "label-source-invalid": Code("error", "source is no object, or its image no text.", _LABEL),
    "label-source-missing": Code("warning", "The source of a label image is no image of the store.", _LABEL),
}
