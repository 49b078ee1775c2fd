import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.errors import InputError
from vitrina.model.uid import ALPHABET, build_family, build_version, is_uid, parse_version, split_uid


def test_the_first_version_is_0001():
    assert build_version(1) == "0001"


def test_versions_count_in_base_62():
    # 62 = 1 * 62 + 0, and the alphabet is 0-9, A-Z, a-z
    assert [build_version(n) for n in (9, 10, 35, 36, 61, 62)] == ["0009", "000A", "000Z", "000a", "000z", "0010"]


@given(st.integers(1, 62**4 - 1))
def test_a_version_is_read_back_as_its_number(number):
    assert parse_version(build_version(number)) == number


@given(st.integers(1, 62**4 - 1), st.integers(1, 62**4 - 1))
def test_text_order_is_version_order(a, b):
    assert (build_version(a) < build_version(b)) == (a < b)


@pytest.mark.parametrize("number", [0, -1, 62**4])
def test_a_version_that_does_not_fit_is_refused(number):
    with pytest.raises(InputError, match="not between"):
        build_version(number)


@pytest.mark.parametrize("text", ["", "001", "00001", "00-1", "00é1"])
def test_what_is_no_version_is_refused(text):
    with pytest.raises(InputError, match="is not a version"):
        parse_version(text)


def test_a_family_has_16_characters_of_the_alphabet_and_no_two_are_equal():
    families = {build_family() for _ in range(1000)}
    assert len(families) == 1000
    assert all(len(family) == 16 and set(family) <= set(ALPHABET) for family in families)


def test_a_uid_is_a_family_and_a_version():
    uid = build_family() + "0001"
    assert is_uid(uid)
    assert split_uid(uid) == (uid[:16], "0001")
    assert not is_uid(uid[:-1])
    assert not is_uid(uid[:-1] + "-")
