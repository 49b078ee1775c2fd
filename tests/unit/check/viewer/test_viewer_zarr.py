import pytest
from viewer_records import list_codes, list_severities

from vitrina.checks.viewer.zarr_arrays import check_codecs, check_dtype, check_text
from vitrina.checks.viewer.zarr_facts import ArrayFacts, parse_v2_facts, parse_v3_facts


def parse_v2(dtype, filters=None, compressor=None):
    document = {"shape": [4, 6], "chunks": [2, 3], "dtype": dtype, "filters": filters, "compressor": compressor}
    return parse_v2_facts(document, "a")


def parse_v3(data_type, codecs=({"name": "bytes"},)):
    grid = {"name": "regular", "configuration": {"chunk_shape": [2, 3]}}
    document = {"node_type": "array", "shape": [4, 6], "chunk_grid": grid, "data_type": data_type, "codecs": codecs}
    return parse_v3_facts(document, "a")


@pytest.mark.parametrize(
    ("dtype", "name", "text"),
    [
        ("<u2", "uint16", None),
        (">f8", "float64", None),
        ("|b1", "bool", None),
        ("<M8[ns]", "datetime64", None),
        ("<U5", "text", "utf32"),
        ("|S5", "text", "bytes"),
        ("|O", "text", "object"),
        ([["a", "<i4"]], "structured", None),
    ],
)
def test_types_of_zarr_2(dtype, name, text):
    facts = parse_v2(dtype)
    assert (facts.dtype, facts.text) == (name, text)


def test_objects_with_a_text_filter_are_text():
    assert parse_v2("|O", filters=[{"id": "vlen-utf8"}]).text == "utf8"


def test_filters_and_compressor_are_all_told():
    assert parse_v2("<u2", [{"id": "delta"}], {"id": "blosc"}).codecs == ("delta", "blosc")


def test_the_inner_chunk_and_codecs_of_a_shard_count():
    inner = {"chunk_shape": [1, 3], "codecs": [{"name": "bytes"}, {"name": "numcodecs.bz2"}]}
    facts = parse_v3("uint8", [{"name": "sharding_indexed", "configuration": inner}])
    assert facts.chunk_shape == (1, 3)
    assert facts.codecs == ("sharding_indexed", "bytes", "bz2")


@pytest.mark.parametrize(
    ("data_type", "text", "is_extension"),
    [
        ("string", "utf8", False),
        ({"name": "fixed_length_utf32", "configuration": {"length_bytes": 20}}, "utf32", True),
        ({"name": "null_terminated_bytes", "configuration": {"length_bytes": 5}}, "bytes", True),
        ("float32", None, False),
    ],
)
def test_types_of_zarr_3(data_type, text, is_extension):
    facts = parse_v3(data_type)
    assert (facts.text, facts.is_extension) == (text, is_extension)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "int8", "int16", "int32", "float32", "float64"])
@pytest.mark.parametrize("use", ["pixels", "genes", "positions"])
def test_numbers_that_are_always_drawn(dtype, use):
    assert list(check_dtype(ArrayFacts(path="a", dtype=dtype), use)) == []


@pytest.mark.parametrize(
    ("dtype", "use", "severity"),
    [
        ("uint64", "genes", "error"),
        ("bool", "genes", "error"),
        ("int64", "genes", None),
        ("int64", "positions", "error"),
        ("int64", "pixels", "info"),
        ("float16", "pixels", "info"),
        ("float16", "genes", "warning"),
        ("complex64", "pixels", "error"),
    ],
)
def test_numbers_that_are_drawn_as_some_things_only(dtype, use, severity):
    found = list_severities(check_dtype(ArrayFacts(path="a", dtype=dtype), use))
    assert found == ([("zarr-dtype-unsupported", severity)] if severity else [])


def test_a_group_has_no_type():
    assert list(check_dtype(ArrayFacts(path="a", is_group=True), "genes")) == []


@pytest.mark.parametrize(
    ("facts", "is_told"),
    [
        (parse_v2("<U5"), False),
        (parse_v2("|S5"), False),
        (parse_v2("|O"), True),
        (parse_v2("|O", filters=[{"id": "vlen-utf8"}]), False),
        (parse_v2("<i4"), False),
        (parse_v3("string"), False),
        (parse_v3({"name": "fixed_length_utf32", "configuration": {"length_bytes": 20}}), True),
    ],
)
def test_text_that_the_viewer_cannot_read(facts, is_told):
    assert list_codes(check_text(facts)) == (["zarr-string-encoding"] if is_told else [])


def test_codecs_that_it_cannot_undo_are_named():
    assert list(check_codecs(parse_v2("<u2", [{"id": "delta"}], {"id": "blosc"}))) == []
    (finding,) = check_codecs(parse_v2("<u2", None, {"id": "bz2"}))
    assert (finding.code, finding.severity) == ("zarr-codec-unsupported", "error")
    assert "bz2" in finding.message
