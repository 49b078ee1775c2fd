"""Ways to break plates and collections of 0.4 and 0.5."""

from ngff_changes import DELETE, MS, drop, put, put_in

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
    (
        "OME-XML with TiffData",
        lambda store: store.documents.update(
            {"OME/METADATA.ome.xml": store.documents["OME/METADATA.ome.xml"].replace(b"MetadataOnly", b"TiffData")}
        ),
        "ome-xml-pixels",
    ),
    (
        "OME-XML of one image",
        lambda store: store.documents.update(
            {"OME/METADATA.ome.xml": b'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image/></OME>'}
        ),
        "ome-xml-count",
    ),
]

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
