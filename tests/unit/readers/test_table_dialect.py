"""Whether text is a table: rather no than a wrong yes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.readers.table_dialect import find_dialect


def find(text, *, is_named=False, is_whole=True):
    data = text if isinstance(text, bytes) else text.encode()
    return find_dialect(data, is_whole=is_whole, is_named=is_named)


@pytest.mark.parametrize(
    ("text", "delimiter", "columns"),
    [
        ("a,b\n1,x\n2,y\n3,z\n", ",", ("a", "b")),
        ("a\tb\n1\tx\n2\ty\n3\tz", "\t", ("a", "b")),
        ("a;b\n1.5;x\n2.5;y\n3;z\n", ";", ("a", "b")),
        (',"a, b"\n0,1\n1,2\n2,3\n', ",", ("Unnamed: 0", "a, b")),
        ("id x y\nc1 1 2\nc2 3 4\nc3 5 6\n", " ", ("id", "x", "y")),
        ("\ufeffa,b\r\n1,2\r\n3,4\r\n5,6\r\n", ",", ("a", "b")),
    ],
)
def test_tables_are_found_whatever_their_name(text, delimiter, columns):
    dialect = find(text)
    assert (dialect.delimiter, dialect.columns) == (delimiter, columns)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n",  # a header alone
        "one line, with a comma\nanother line, with a comma\n",  # prose
        "1,2\n3,4\n5,6\n7,8\n",  # no header
        "a,a\n1,2\n3,4\n5,6\n",  # ambiguous names
        "a,b\n1,2\n3\n4,5\n",  # ragged
        '{"a": 1,\n"b": 2}\n',
        "<a b='1,2'>\n<c d='3,4'>\n",
        "a\n1\n2\n3\n",  # one column
        b"a,b\n\0,1\n",
        b"a,b\n\xff\xfe,1\n2,3\n",
        'a,b\n"1,2\n',
    ],
)
def test_other_text_is_no_table(text):
    assert find(text) is None


def test_a_name_that_promises_a_table_needs_less_proof():
    assert find("sample,tissue\nA1,lung\n") is None
    assert find("sample,tissue\nA1,lung\n", is_named=True) is not None


def test_the_cut_off_last_line_of_a_sample_does_not_count():
    assert find("a,b\n1,2\n3,4\n5,6\n7", is_whole=False) is not None


@given(st.binary(max_size=300), st.booleans(), st.booleans())
def test_no_bytes_are_an_error(data, is_whole, is_named):
    find_dialect(data, is_whole=is_whole, is_named=is_named)
