"""Every code of curation's findings, how bad it is, and what it means.

``docs/reference/findings-curate.md`` is made from this table.
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
    """What a code means, and how bad it is unless the rule that gives it says otherwise."""

    severity: Severity
    meaning: str


def build_finding(
    code: str, path: str, message: str, *, fix: str | None = None, severity: Severity | None = None
) -> Finding:
    """A finding with one of the codes of this table; it is as bad as the table says unless ``severity`` is given."""
    return Finding(code=code, severity=severity or CODES[code].severity, path=path, message=message, fix=fix)


_SCHEMA = {
    "object-type-differs": Code("error", "The schema is for another class of objects."),
    "slots-needed": Code("error", "The schema has features of its own, but such an object has them in slots."),
    "slot-missing": Code("error", "The dataset has no such slot."),
    "column-missing": Code("error", "A required column or key is absent."),
    "column-synonym": Code("error", "A column goes by a synonym of its feature, or in another case."),
    "column-unexpected": Code("error", "A column is there that the schema does not have, and it allows no others."),
    "column-forbidden": Code("error", "A column or key is there that the schema keeps out."),
    "columns-out-of-order": Code("error", "Columns do not come in the order of the schema."),
    "columns-repeated": Code("error", "Several columns have the same name."),
    "dtype-differs": Code("error", "Values are of another data type than the feature."),
    "value-missing": Code("error", "Values are missing where none may be."),
    "value-mismatch": Code("error", "A value is not of the feature's data type."),
    "value-not-allowed": Code("error", "A value is not among those that the schema allows."),
    "value-not-unique": Code("error", "Values repeat that must be unique."),
    "term-unknown": Code("error", "Neither the registry nor its ontology knows the value."),
    "term-synonym": Code("error", "The value is a synonym of a term; the standard name is told."),
    "term-case": Code("error", "The value is a term's name in another case; the standard name is told."),
    "term-identifier": Code("error", "The value identifies a term, but by another field than the feature asks for."),
    "term-name": Code("error", "The value is a term's name, but the feature asks for an identifier."),
    "term-not-allowed": Code("error", "The schema does not allow the term here."),
    "term-not-checked": Code("info", "The term is of an ontology that is not at hand; only its form was checked."),
    "term-obsolete": Code("warning", "The ontology has withdrawn the term."),
    "terms-out-of-order": Code("error", "Several terms in one value do not ascend, or repeat."),
}

_TABLE = {
    "obs-length-differs": Code("error", "Something along the observations is longer or shorter than obs."),
    "var-length-differs": Code("error", "Something along the variables is longer or shorter than var."),
    "obs-names-repeated": Code("warning", "Names of observations are not unique."),
    "var-names-repeated": Code("warning", "Names of variables are not unique."),
    "values-not-finite": Code("error", "Values are NaN or infinite where numbers are needed."),
    "counts-not-integral": Code("error", "Counts are not whole numbers, or negative."),
    "sparse-invalid": Code("error", "A sparse matrix contradicts itself: indices out of range, or pointers that fall."),
    "sparse-unsorted": Code("info", "Indices of a sparse matrix are not sorted: valid, slower to read."),
    "categories-unused": Code("info", "Categories occur in no row."),
    "embedding-not-finite": Code("warning", "An embedding has NaN or infinite values."),
    "counts-missing": Code("error", "Raw counts are needed, and absent."),
    "observation-empty": Code("warning", "Observations have no counts at all."),
    "matrix-should-be-sparse": Code("warning", "A matrix of mostly zeros is stored dense."),
    "embedding-missing": Code("error", "An embedding is needed, and absent."),
    "filter-flag-wrong": Code("error", "Variables are marked as filtered but have values, or the reverse."),
    "raw-differs": Code("error", "raw has other observations or variables than the dataset."),
    "embedding-invalid": Code("error", "An embedding has a key, a shape, a type or values that the schema refuses."),
    "genes-filtered": Code("warning", "There are fewer genes than a reference has."),
    "genes-of-other-organism": Code("error", "Genes are of another organism than the dataset."),
    "normalized-missing": Code("warning", "There are raw counts, and no normalised values."),
    "reference-missing": Code("error", "A name refers to something that is not there."),
    "colors-invalid": Code("error", "Colours do not fit their column, or are none."),
    "spatial-missing": Code("error", "What a spatial assay needs in uns is absent."),
    "modality-obs-differs": Code("error", "The dataset's observations are not those of its modalities together."),
}

_SPATIAL = {
    "spatialdata-invalid": Code("error", "The spatialdata library refuses the element."),
    "region-missing": Code("error", "A table says which elements it annotates in a way that cannot be followed."),
    "region-element-missing": Code("error", "A table annotates an element that the dataset does not have."),
    "region-differs": Code("error", "The table's region and the values of its region column are not the same."),
    "region-not-annotatable": Code("error", "A table annotates an image or a table, which have no instances."),
    "instance-missing": Code("error", "Rows of a table have ids that their element does not have."),
    "instance-repeated": Code("error", "Rows of a table have the same id in the same element."),
    "instance-not-annotated": Code("info", "Instances of an element have no row in the table that annotates it."),
    "instance-dtype-differs": Code("error", "Ids in the table and in the element are of types that never meet."),
    "labels-not-scanned": Code("warning", "Label ids were not all read, for the image is too large."),
    "transformation-not-invertible": Code("error", "An element's transformation loses a dimension or is not finite."),
    "transformation-unreadable": Code("error", "An element's transformation cannot be put as a matrix."),
    "coordinate-systems": Code("info", "Coordinate systems, and the elements that map to each."),
    "coordinate-system-missing": Code("error", "An element maps to no coordinate system."),
    "image-dims-invalid": Code("error", "Dimensions of an image are not named and ordered as the format says."),
    "image-dtype-unusual": Code("warning", "Pixels are of a type that viewers and many tools do not read."),
    "image-empty": Code("error", "An image has no pixels."),
    "labels-not-integer": Code("error", "A label image has pixels that are not whole numbers."),
    "channels-repeated": Code("error", "Channels have the same name."),
    "channels-unnamed": Code("warning", "Channels have no names, only numbers."),
    "channels-differ": Code("error", "There are more or fewer channel names than channels."),
    "levels-not-descending": Code("error", "A resolution level is not smaller than the one before, or other in kind."),
    "pixel-size-invalid": Code("error", "A pixel size is zero, negative or not finite."),
    "geometry-invalid": Code("error", "Shapes are empty, missing or not finite."),
    "geometry-self-crossing": Code("warning", "Outlines cross themselves."),
    "radius-invalid": Code("error", "Circles have radii that are not positive and finite."),
    "points-invalid": Code("error", "Points have coordinates that are missing or not finite."),
    "element-empty": Code("warning", "An element has nothing in it."),
}

CODES: Mapping[str, Code] = MappingProxyType(_SCHEMA | _TABLE | _SPATIAL)
"""By code."""
