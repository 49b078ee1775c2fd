"""Codes about the store: JSON, Zarr documents, versions, what is where."""

from vitrina.checks.ngff.code import Code

_V2 = "Zarr v2"
_V3 = "Zarr v3"
_BOTH = "Zarr v2, v3"

STORE = {
    "json-invalid": Code("error", "A metadata document is not JSON.", "RFC 8259"),
    "json-not-utf8": Code("error", "A metadata document is not UTF-8.", "RFC 8259"),
    "json-not-finite": Code("error", "A metadata document has NaN or Infinity, which JSON does not know.", "RFC 8259"),
    "json-too-deep": Code("error", "A metadata document is nested deeper than can be read.", "RFC 8259"),
    "json-not-object": Code("error", "A metadata document holds something else than an object.", _BOTH),
    "json-key-repeated": Code(
        "warning", "An object of a metadata document has a key twice; the last one counts.", "RFC 8259"
    ),
    "metadata-unreadable": Code("error", "A metadata document cannot be read, or is larger than any real one.", _BOTH),
    "metadata-missing": Code("error", "A group has none of the keys of OME-Zarr.", "metadata", holds_for_drafts=True),
    "ome-invalid": Code("error", "The value of the key ome is no object.", "metadata"),
    "version-missing": Code("warning", "No version is stated; an error since 0.5.", "metadata", is_fixable=True),
    "version-invalid": Code("error", "The version is no text.", "metadata", is_fixable=True),
    "version-misplaced": Code(
        "error", "The keys lie under ome in a version before 0.5, or beside it in a later one.", "metadata"
    ),
    "version-draft": Code("warning", "The version is a draft.", "metadata"),
    "version-unknown": Code("warning", "The version is not known.", "metadata"),
    "version-differs": Code("error", "Two parts of a document or a hierarchy state different versions.", "metadata"),
    "zarr-format-mismatch": Code(
        "error", "The version of OME-Zarr asks for another version of Zarr.", "storage-format"
    ),
    "zarr-format-invalid": Code("error", "zarr_format is not that of the document.", _BOTH, is_fixable=True),
    "zarr-formats-mixed": Code("warning", "A node has metadata of both versions of Zarr.", _BOTH),
    "zarr-node-type": Code(
        "error",
        "A node is an array where a group is expected, or the reverse, or says neither.",
        _BOTH,
        holds_for_drafts=True,
    ),
    "zarr-group-missing": Code("error", "A group has attributes but no group document.", _V2, is_fixable=True),
    "zarr-attributes-invalid": Code("error", "The attributes of a node are no object.", _V3),
    "zarr-array-invalid": Code("error", "An array document lacks a field, or has a wrong value in it.", _BOTH),
    "zarr-consolidated-stale": Code(
        "warning", "Consolidated metadata differs from the documents.", _BOTH, is_fixable=True
    ),
    "path-illegal": Code(
        "error", "A path is absolute, leads out of the group, or is none.", "multiscale-md", holds_for_drafts=True
    ),
    "findings-left-out": Code("info", "Further findings of one code were left out.", "-"),
    "nodes-left-out": Code("info", "Further nodes of the store were not looked at.", "-"),
    "ro-crate-invalid": Code("error", "ro-crate-metadata.json is no RO-Crate.", "RO-Crate 1.1"),
    "ro-crate-descriptor": Code("error", "The crate has no proper description of itself.", "RO-Crate 1.1"),
    "ro-crate-root": Code("error", "The crate has no proper root dataset.", "RO-Crate 1.1"),
    "ro-crate-entity": Code(
        "error", "An entity of the crate has no @id or @type, or one that is taken.", "RO-Crate 1.1"
    ),
    "ro-crate-field-missing": Code(
        "warning", "The root dataset lacks a name, description, license or date.", "RO-Crate 1.1"
    ),
    "ro-crate-part-missing": Code("warning", "A part of the crate is not in the store.", "RO-Crate 1.1"),
}
