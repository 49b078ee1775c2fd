"""Every code of the findings about files, how bad it is, and what it means.

``docs/reference/findings-formats.md`` is made from this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.model.finding import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means, and how bad it is."""

    severity: Severity
    meaning: str


def build_finding(code: str, path: str, message: str, *, fix: str | None = None) -> Finding:
    """A finding with one of the codes of this table."""
    return Finding(code=code, severity=CODES[code].severity, path=path, message=message, fix=fix)


ANY = {
    "element-unreadable": Code("error", "A part of the dataset is damaged and cannot be read."),
    "library-failed": Code("error", "The library that reads the format hangs or crashes on damaged bytes."),
    "node-type-missing": Code("error", "Zarr metadata does not say whether it is of a group or an array."),
    "link-external": Code("error", "Data lies in another file; it is never followed."),
    "link-broken": Code("error", "A link inside a file leads to nothing."),
    "nested-too-deep": Code("error", "Groups lie in each other without end."),
    "consolidated-malformed": Code("error", "The copy of all metadata at the root is not in its form."),
    "consolidated-stale": Code("error", "The copy of all metadata at the root says other than the metadata."),
    "consolidated-incomplete": Code("warning", "The copy of all metadata at the root leaves some out."),
    "values-not-read": Code("info", "Values were not checked, for reading them would take too much memory."),
    "values-sampled": Code("info", "Of very many values some were checked."),
    "findings-left-out": Code("info", "There are more findings of one code than are told."),
}

ANNDATA = {
    "anndata-incomplete": Code("error", "obs or var is absent."),
    "anndata-old": Code("info", "The file was written before AnnData 0.8, when files did not say their encoding."),
    "encoding-missing": Code("error", "An element does not say its encoding."),
    "encoding-unknown": Code("error", "An element has an encoding that the specification does not have."),
    "encoding-version": Code("error", "An element has no version of its encoding, or one that there is not."),
    "encoding-old": Code("info", "An element is of an earlier version of its encoding."),
    "encoding-kind": Code("error", "An element is a group where its encoding is one of arrays, or the reverse."),
    "scalar-shape": Code("error", "A single value is stored as several."),
    "string-dtype": Code("error", "Text is stored as something else."),
    "array-dtype": Code("error", "An array of numbers holds text or records."),
    "rec-array-dtype": Code("error", "An array of records has no fields."),
    "awkward-incomplete": Code("error", "An awkward array does not say its length or form."),
    "categorical-incomplete": Code("error", "A categorical column lacks its codes or categories."),
    "categorical-ordered": Code("error", "A categorical column does not say whether it is ordered."),
    "codes-dtype": Code("error", "Category codes are not a list of whole numbers."),
    "codes-out-of-range": Code("error", "Category codes say no category."),
    "categories-repeated": Code("error", "Categories are not unique."),
    "nullable-incomplete": Code("error", "A column with missing values lacks its values or mask."),
    "nullable-mask": Code("error", "The mask of missing values is not bool, or of another shape than the values."),
    "nullable-dtype": Code("error", "The values of a column with missing values do not fit its encoding."),
    "index-attribute-missing": Code("error", "A data frame does not say where its row names are."),
    "index-missing": Code("error", "The row names of a data frame are not where it says."),
    "index-shape": Code("error", "Row names are not a list."),
    "column-order-missing": Code("error", "A data frame does not say the order of its columns."),
    "column-missing": Code("error", "A data frame names a column that is not there."),
    "columns-repeated": Code("error", "A data frame names a column more than once."),
    "column-unlisted": Code("warning", "A data frame holds a column that it does not name."),
    "column-length-differs": Code("error", "A column is longer or shorter than its data frame."),
    "names-repeated": Code("warning", "Row names are not unique."),
    "sparse-shape": Code("error", "A sparse matrix does not say its shape."),
    "sparse-incomplete": Code("error", "A sparse matrix lacks data, indices or indptr."),
    "sparse-length-differs": Code("error", "A sparse matrix has more or fewer values than indices."),
    "sparse-indptr-length": Code("error", "A sparse matrix has not one pointer more than rows or columns."),
    "sparse-index-dtype": Code("error", "Indices or pointers are not whole numbers."),
    "sparse-indptr-values": Code(
        "error", "Pointers do not begin with 0, fall, or do not end with the number of indices."
    ),
    "sparse-index-out-of-range": Code("error", "Indices lie outside of the matrix."),
    "sparse-unsorted": Code("info", "Indices of a sparse matrix are not sorted: valid, slower to read."),
    "entry-kind": Code("error", "A part of the dataset is of a kind that cannot be there."),
    "entry-axes": Code("error", "An array has fewer or more axes than its place asks for."),
    "obs-length-differs": Code("error", "Something along the observations is longer or shorter than obs."),
    "var-length-differs": Code("error", "Something along the variables is longer or shorter than var."),
    "raw-incomplete": Code("error", "raw lacks X or var."),
}

MUDATA = {
    "mudata-incomplete": Code("error", "There is no group of modalities."),
    "mudata-header-missing": Code("info", "The file does not begin with the word by which MuData is known."),
    "modality-kind": Code("error", "A modality is no AnnData."),
    "modality-order": Code("error", "The order of modalities names others than there are."),
    "modality-map-missing": Code("warning", "Nothing says which rows of the whole are which of a modality."),
    "modality-map-unknown": Code("error", "A map of rows is for a modality that is not there."),
    "modality-map-dtype": Code("error", "A map of rows is not a list of whole numbers."),
    "modality-map-out-of-range": Code("error", "A map of rows says rows that the modality does not have."),
    "modality-map-repeated": Code("error", "A map of rows says a row of a modality more than once."),
    "modality-obs-differs": Code("error", "The observations of the whole are not those of its modalities together."),
    "modality-var-differs": Code("error", "The variables of the whole are not those of its modalities together."),
    "modality-names-differ": Code("error", "A row has another name in the whole than in its modality."),
}

SPATIALDATA = {
    "spatialdata-old": Code("info", "The root does not say that it is SpatialData: written before 0.2."),
    "spatialdata-version": Code("error", "The root has no version, or one that there is not."),
    "spatialdata-zarr-format": Code("error", "The version of the root and the Zarr format do not go together."),
    "element-group-unknown": Code("info", "The root holds something that is no folder of elements."),
    "element-metadata-missing": Code("error", "An element or a folder of elements has no Zarr metadata."),
    "element-name-repeated": Code("error", "Two elements have the same name."),
    "element-type-differs": Code("error", "An element is not of the kind of the folder that it lies in."),
    "element-version": Code("error", "An element has no version of its format, or one that there is not."),
    "element-empty": Code("warning", "An element has nothing in it."),
    "axes-invalid": Code("error", "The axes of points or shapes are not x, y or x, y, z."),
    "image-label-missing": Code("error", "Labels lack the metadata by which they are known."),
    "channels-differ": Code("error", "There are more or fewer names of channels than channels."),
    "labels-dtype": Code("error", "Labels have pixels that are not whole numbers."),
    "labels-list-stale": Code("error", "The list of labels names some that are not there."),
    "labels-list-incomplete": Code("warning", "The list of labels leaves some out."),
    "coordinate-system-missing": Code("error", "An element maps to no coordinate system."),
    "coordinate-system-unnamed": Code("error", "A transformation does not name the coordinate system it leads to."),
    "coordinate-system-repeated": Code("error", "An element has two transformations to one coordinate system."),
    "transformation-malformed": Code(
        "error", "A transformation is not one of those that there are, or not in its form."
    ),
    "transformation-not-invertible": Code("error", "A transformation loses a dimension or is not finite."),
    "table-link-differs": Code("error", "A table says in two places which elements it annotates, and not the same."),
    "table-link-incomplete": Code("error", "A table annotates elements in a way that cannot be followed."),
    "region-key-missing": Code("error", "The column that says which element a row is about is not there."),
    "instance-key-missing": Code("error", "The column that says which instance a row or point is about is not there."),
    "instance-key-dtype": Code("error", "Ids of instances are neither whole numbers nor text."),
    "region-element-missing": Code("error", "A table annotates an element that the dataset does not have."),
    "region-not-annotatable": Code("error", "A table annotates an image or a table, which have no instances."),
    "region-differs": Code("error", "The elements that a table names and those of its rows are not the same."),
    "instance-repeated": Code("error", "Rows of a table have the same id in the same element."),
    "instance-missing": Code("error", "Rows of a table have ids that their shapes do not have."),
}

PARQUET = {
    "parquet-missing": Code("error", "Points or shapes have no Parquet file."),
    "parquet-unreadable": Code("error", "A Parquet file is truncated or damaged."),
    "parquet-rows-differ": Code("error", "A Parquet file has more or fewer rows than it says."),
    "parquet-outside": Code("error", "A column lies behind the end of its Parquet file."),
    "parquet-schema-differs": Code("error", "Files of one table have other columns or types."),
    "row-group-large": Code("warning", "A row group is too large to be read for a few of its rows."),
    "coordinate-missing": Code("error", "A column of positions is not there."),
    "coordinate-dtype": Code("error", "Positions are not numbers."),
    "coordinate-null": Code("error", "Positions are missing."),
    "coordinate-not-finite": Code("error", "Positions are infinite or not numbers."),
    "feature-key-missing": Code("error", "The column that says the feature of a point is not there."),
    "geoparquet-metadata": Code("error", "Shapes have no GeoParquet metadata, or it is not in its form."),
    "geometry-missing": Code("error", "The geometry of shapes is not where the metadata says."),
    "geometry-dtype": Code("error", "The geometry is not stored as the metadata says."),
    "geometry-type": Code("error", "Shapes are of a geometry that shapes cannot have."),
    "geometry-null": Code("error", "Shapes have no geometry."),
    "geometry-length-differs": Code("error", "Positions, names and radii of circles are not as many."),
    "radius-missing": Code("error", "Circles have no column of radii."),
    "radius-invalid": Code("error", "Radii are missing, not numbers, or not above 0."),
}

TIFF = {
    "bigtiff-header": Code("error", "The header of a BigTIFF does not say that offsets have 8 bytes."),
    "tiff-no-directory": Code("error", "The file has no image."),
    "tiff-directory-outside": Code("error", "A directory does not lie inside the file."),
    "tiff-directory-loop": Code("error", "The chain of directories comes back to where it was, or does not end."),
    "tiff-directory-odd": Code("warning", "A directory begins at an odd byte."),
    "tiff-directory-empty": Code("error", "A directory has no entries."),
    "tiff-tag-missing": Code("error", "A directory lacks a field that every image must have."),
    "tiff-tag-repeated": Code("warning", "A directory has a field more than once."),
    "tiff-tags-unsorted": Code("error", "Fields of a directory do not ascend."),
    "tiff-tag-outside": Code("error", "Values of a field lie behind the end of the file."),
    "tiff-size-invalid": Code("error", "An image has no pixels."),
    "tiff-samples-differ": Code("error", "A field has not one value for each sample of a pixel."),
    "tiff-samples-mixed": Code("info", "Samples of a pixel are of several types."),
    "tiff-tile-size": Code("error", "Tiles have no size, or one that is no multiple of 16."),
    "tiff-segment-count": Code("error", "There are more or fewer tiles or strips than the size of the image asks for."),
    "tiff-segment-outside": Code("error", "Tiles or strips reach behind the end of the file."),
    "tiff-segment-empty": Code("info", "Tiles or strips have no bytes."),
    "tiff-segment-short": Code("error", "Tiles or strips are shorter than their pixels."),
    "tiff-level-not-smaller": Code("error", "A lower resolution is not smaller than the one before."),
    "tiff-level-type": Code("error", "A lower resolution has other samples than its page."),
    "tiff-levels-differ": Code("error", "Pages of one image have different numbers of lower resolutions."),
}

OME = {
    "ome-xml-missing": Code("error", "The file is called OME-TIFF and has no OME-XML."),
    "ome-xml-refused": Code("error", "The OME-XML declares a document type, or is too long to be parsed."),
    "ome-xml-encoding": Code("error", "The OME-XML is not UTF-8."),
    "ome-xml-malformed": Code("error", "The OME-XML is not well-formed."),
    "ome-xml-root": Code("error", "The root of the OME-XML is not OME."),
    "ome-xml-namespace": Code("error", "The OME-XML is in no namespace of OME."),
    "ome-xml-schema": Code("info", "The OME-XML is of an earlier schema."),
    "ome-binary-only": Code("info", "The images are described in another file."),
    "ome-other-files": Code("info", "Planes of an image lie in other files."),
    "ome-file-renamed": Code("info", "The OME-XML calls the file by another name."),
    "ome-image-missing": Code("error", "The OME-XML describes no image."),
    "ome-pixels-missing": Code("error", "An image has no Pixels, or several."),
    "ome-attribute-missing": Code("error", "An attribute that must be there is not."),
    "ome-id-invalid": Code("error", "An ID is not in its form."),
    "ome-id-repeated": Code("error", "Two elements have the same ID."),
    "ome-size-invalid": Code("error", "A size is not a whole number above 0."),
    "ome-dimension-order": Code("error", "The order of dimensions is none of the six."),
    "ome-type": Code("error", "The type of pixels is none of OME's."),
    "ome-physical-size": Code("error", "A physical size or time increment is no number, or not above 0."),
    "ome-unit": Code("error", "A unit is none of OME's."),
    "ome-samples-invalid": Code("error", "The samples of a channel are not a whole number above 0."),
    "ome-channel-count": Code("error", "Channels do not have as many samples together as SizeC says."),
    "ome-tiffdata-missing": Code("error", "Nothing says on which pages the planes of an image are."),
    "ome-tiffdata-invalid": Code("error", "An attribute of TiffData is not a whole number of 0 or more."),
    "ome-tiffdata-range": Code("error", "TiffData speaks of planes that the image does not have."),
    "ome-planes-missing": Code("error", "The sizes of an image ask for more planes than TiffData names."),
    "ome-plane-repeated": Code("error", "TiffData says twice where a plane is."),
    "ome-page-missing": Code("error", "TiffData names a page that the file does not have."),
    "ome-pages-unused": Code("info", "The OME-XML does not speak of all pages."),
    "ome-size-differs": Code("error", "A page has another size than its image."),
    "ome-type-differs": Code("error", "A page has pixels of another type than its image."),
    "ome-samples-differ": Code("error", "A page has other samples per pixel than its channel."),
}

CODES: Mapping[str, Code] = MappingProxyType({**ANY, **ANNDATA, **MUDATA, **SPATIALDATA, **PARQUET, **TIFF, **OME})
"""All codes."""
