import pytest

from vitrina.curate.slots import Slot, build_path, parse_slot


@pytest.mark.parametrize(
    ("text", "steps", "is_transposed"),
    [
        ("", (), False),
        ("obs", ("obs",), False),
        ("var.T", ("var",), True),
        ("attrs:bio:donor", ("attrs", "bio", "donor"), False),
        ("tables:table:var.T", ("tables", "table", "var"), True),
        ("rna:obs", ("rna", "obs"), False),
    ],
)
def test_a_slot_is_its_steps_and_back(text, steps, is_transposed):
    assert parse_slot(text) == Slot(steps=steps, is_transposed=is_transposed)
    assert str(parse_slot(text)) == text


def test_only_the_whole_suffix_is_taken_off():
    # LaminDB strips the characters of ".T" instead, so that a table "T" loses its name
    assert parse_slot("tables:T:var.T").steps == ("tables", "T", "var")
    assert parse_slot("attrs:siteT").steps == ("attrs", "siteT")


def test_a_path_is_a_node_and_a_json_pointer():
    # RFC 6901, section 3: ~ and / are written ~0 and ~1
    assert build_path("tables:table:obs", "a/b~c") == "tables/table/obs#/a~1b~0c"
    assert build_path("", "x") == "#/x"
    assert build_path("var.T") == "var#"
