"""Expected values: the BLAKE3 test vectors, and lines put together by hand as the module's docstring says."""

from __future__ import annotations

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from vitrina.storage import hashing
from vitrina.storage.hashing import HashedFile, build_digest, hash_bytes


# The input repeats 0, 1, ... 250.
# Source: https://github.com/BLAKE3-team/BLAKE3/blob/master/test_vectors/test_vectors.json
@pytest.mark.parametrize(
    ("n_bytes", "expected"),
    [
        (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
        (1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"),
        (1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"),
        (102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"),
    ],
)
def test_bytes_have_the_hash_of_the_official_vectors(n_bytes, expected):
    assert hash_bytes(bytes(index % 251 for index in range(n_bytes))) == expected


def test_a_folder_has_the_hash_of_its_lines_in_the_order_of_their_bytes():
    one, two = "1" * 64, "2" * 64
    files = [
        HashedFile(name="é", size_bytes=3, hash=one),
        HashedFile(name="c/0", size_bytes=10, hash=two),
        HashedFile(name="Z", size_bytes=0, hash=one),
    ]
    expected = f"Z, 0, {one}\nc/0, 10, {two}\né, 3, {one}\n".encode()
    digest = build_digest(files, is_folder=True)
    assert digest.hash == blake3(expected).hexdigest()
    assert (digest.size_bytes, digest.n_files, digest.is_folder) == (13, 3, True)


def test_the_example_in_the_docstring_is_true():
    hello = hash_bytes(b"hello")
    digest = build_digest([HashedFile(name="a.txt", size_bytes=5, hash=hello)], is_folder=True)
    nothing = build_digest([], is_folder=True)
    for text in (f"hello                 {hello}", f"the folder            {digest.hash}", f"no files  {nothing.hash}"):
        assert text in hashing.__doc__


def test_a_file_has_its_own_hash():
    assert build_digest([HashedFile(name="", size_bytes=2, hash="ab")], is_folder=False).hash == "ab"


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), st.just(0), max_size=8))
def test_names_are_ordered_as_their_utf8_bytes(names):
    files = [HashedFile(name=name, size_bytes=0, hash="") for name in names]
    lines = b"".join(f"{name}, 0, \n".encode() for name in sorted(names, key=str.encode))
    assert build_digest(files, is_folder=True).hash == blake3(lines).hexdigest()
