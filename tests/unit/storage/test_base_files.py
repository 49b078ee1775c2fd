import pytest

from vitrina.storage.hashing import HashedFile, build_lines, parse_lines
from vitrina.storage.sharing import BaseFiles
from vitrina.storage.walk import SourceFile


def hashed(name, size_bytes=3, hash_="aa"):
    return HashedFile(name=name, size_bytes=size_bytes, hash=hash_)


def test_a_file_is_found_by_its_bytes_and_its_own_name_comes_first():
    base = BaseFiles([("/s/x", hashed("x")), ("/s/y", hashed("y")), ("/s/z", hashed("z", hash_="bb"))])
    assert base.find(hashed("y")) == "/s/y"
    assert base.find(hashed("elsewhere")) == "/s/x"
    assert base.find(hashed("z")) == "/s/x"
    assert base.find(hashed("x", hash_="cc")) is None
    assert base.find(hashed("x", size_bytes=4)) is None


def test_of_several_bases_the_first_wins():
    base = BaseFiles([("/first/x", hashed("x")), ("/second/x", hashed("x"))])
    assert base.find(hashed("x")) == "/first/x"


def test_only_sizes_that_are_there_are_worth_a_hash():
    base = BaseFiles([("/s/x", hashed("x"))], [SourceFile(name="y", path="/s/y", size_bytes=5)])
    assert [base.has_size(n) for n in (0, 3, 4, 5)] == [False, True, False, True]
    assert not BaseFiles().has_size(3)


def test_a_file_without_a_known_hash_is_found_by_name_and_size():
    base = BaseFiles(unknown=[SourceFile(name="y", path="/s/y", size_bytes=5)])
    assert base.find(hashed("y", 5)) == "/s/y"
    assert base.find(hashed("x", 5)) is None


def test_empty_files_have_nothing_to_share():
    base = BaseFiles([("/s/x", hashed("x", 0))], [SourceFile(name="y", path="/s/y", size_bytes=0)])
    assert not base.has_size(0)


def test_lines_lead_back_to_the_files_that_they_list():
    files = (hashed("a, b", 10, "0" * 64), hashed("c/0", 0, "1" * 64))
    assert build_lines(reversed(files)) == f"a, b, 10, {'0' * 64}\nc/0, 0, {'1' * 64}\n"
    assert parse_lines(build_lines(files)) == files
    assert parse_lines("") == ()


@pytest.mark.parametrize("text", ["nonsense\n", "a, b\n", "a, many, 00\n"])
def test_other_lines_are_refused(text):
    with pytest.raises(ValueError, match=r"not enough values|invalid literal"):
        parse_lines(text)
