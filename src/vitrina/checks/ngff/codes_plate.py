"""Codes about plates, wells and collections of images."""

from vitrina.checks.ngff.code import Code

_PLATE = "plate-md"
_WELL = "well-md"
_SERIES = "bf2raw"
_LAYOUT = "hcs-layout"

PLATE = {
    "plate-invalid": Code("error", "plate is no object.", _PLATE),
    "plate-name-missing": Code("warning", "A plate has no name.", _PLATE),
    "plate-name-invalid": Code("error", "The name of a plate is no text.", _PLATE),
    "plate-field-count-missing": Code("info", "A plate has no field_count.", _PLATE, is_fixable=True),
    "plate-field-count-invalid": Code("error", "field_count is no whole number above zero.", _PLATE, is_fixable=True),
    "plate-field-count-exceeded": Code(
        "warning", "A well has more fields than field_count says.", _PLATE, is_fixable=True
    ),
    "plate-rows-missing": Code("error", "A plate has no list of rows.", _PLATE),
    "plate-columns-missing": Code("error", "A plate has no list of columns.", _PLATE),
    "plate-wells-missing": Code("error", "A plate has no list of wells.", _PLATE),
    "plate-names-by-case": Code("warning", "Two rows or columns differ in case alone.", _PLATE),
    "row-name-missing": Code("error", "A row has no name.", _PLATE),
    "row-name-invalid": Code("error", "The name of a row has other characters than letters and digits.", _PLATE),
    "row-name-repeated": Code("error", "Two rows have the same name.", _PLATE),
    "column-name-missing": Code("error", "A column has no name.", _PLATE),
    "column-name-invalid": Code("error", "The name of a column has other characters than letters and digits.", _PLATE),
    "column-name-repeated": Code("error", "Two columns have the same name.", _PLATE),
    "well-invalid": Code("error", "A well of a plate is no object.", _PLATE),
    "well-path-missing": Code("error", "A well has no path.", _PLATE),
    "well-path-invalid": Code("error", "The path of a well is not a row, a slash and a column.", _PLATE),
    "well-path-unknown": Code(
        "error", "The path of a well names a row or column that the plate does not have.", _PLATE
    ),
    "well-path-repeated": Code("error", "Two wells have the same path.", _PLATE, holds_for_drafts=True),
    "well-index-missing": Code("error", "A well has no rowIndex or columnIndex.", _PLATE, is_fixable=True),
    "well-index-invalid": Code(
        "error", "rowIndex or columnIndex is no whole number from 0 on.", _PLATE, is_fixable=True
    ),
    "well-index-differs": Code("error", "rowIndex or columnIndex is not that of the path.", _PLATE, is_fixable=True),
    "acquisitions-invalid": Code("error", "acquisitions is no list of objects.", _PLATE),
    "acquisition-id-missing": Code("error", "An acquisition has no id.", _PLATE),
    "acquisition-id-invalid": Code("error", "The id of an acquisition is no whole number from 0 on.", _PLATE),
    "acquisition-id-repeated": Code("error", "Two acquisitions have the same id.", _PLATE),
    "acquisition-field-missing": Code("warning", "An acquisition has no name or maximumfieldcount.", _PLATE),
    "acquisition-field-invalid": Code("error", "A text, count or time of an acquisition is none.", _PLATE),
    "acquisition-times-reversed": Code("warning", "An acquisition ends before it starts.", _PLATE),
    "row-missing": Code(
        "error", "The group of a row is not in the store.", _LAYOUT, is_fixable=True, holds_for_drafts=True
    ),
    "well-missing": Code("error", "The group of a well is not in the store.", _LAYOUT, holds_for_drafts=True),
    "well-unmarked": Code("error", "The group of a well has no well metadata.", _LAYOUT, holds_for_drafts=True),
    "well-block-invalid": Code("error", "well is no object.", _WELL),
    "well-images-missing": Code("error", "A well has no list of fields of view.", _WELL),
    "field-invalid": Code("error", "A field of view is no object.", _WELL),
    "field-path-missing": Code("error", "A field of view has no path.", _WELL),
    "field-path-invalid": Code("error", "The path of a field has other characters than are allowed.", _WELL),
    "field-path-repeated": Code("error", "Two fields have the same path.", _WELL, holds_for_drafts=True),
    "field-acquisition-invalid": Code("error", "The acquisition of a field is no whole number.", _WELL),
    "field-acquisition-missing": Code(
        "error", "A field of a plate with several acquisitions does not say which.", _WELL
    ),
    "field-acquisition-unknown": Code("error", "A field names an acquisition that the plate does not have.", _WELL),
    "field-missing": Code(
        "error", "A field of view is not in the store, or is no image.", _WELL, holds_for_drafts=True
    ),
    "bioformats2raw-layout-invalid": Code("error", "bioformats2raw.layout is not 3.", _SERIES, is_fixable=True),
    "series-invalid": Code("error", "series is no list of paths.", _SERIES),
    "series-repeated": Code("error", "An image of a collection is listed twice.", _SERIES),
    "series-image-missing": Code(
        "error", "An image of a collection is not in the store, or is no image.", _SERIES, holds_for_drafts=True
    ),
    "series-empty": Code("error", "A collection has no images.", _SERIES, holds_for_drafts=True),
    "ome-xml-missing": Code("warning", "A collection has no OME/METADATA.ome.xml.", _SERIES),
    "ome-xml-invalid": Code("error", "OME/METADATA.ome.xml is no OME-XML.", _SERIES),
    "ome-xml-pixels": Code("error", "OME-XML has other elements than MetadataOnly for its pixels.", _SERIES),
    "ome-xml-count": Code("error", "OME-XML describes more or fewer images than there are.", _SERIES),
}
