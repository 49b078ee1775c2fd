"""The journal of a run, on disk. Records of the test's own follow the format that the module documents."""

import random
import struct
from concurrent.futures import ThreadPoolExecutor

import google_crc32c
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitrina.pyramid.journal import Journal, Stored
from vitrina.pyramid.writer import Encoded, Place

IN_FOLDER = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def make_block(number):
    """Chunks with their offsets: none, one or two, of which the second has no data."""
    chunks = [
        Encoded(place=Place(level=1, t=number, c=2, z=3, y=4, x=x), data=None if x else bytes([number]) * 5)
        for x in range(number % 3)
    ]
    return [(chunk, 100 * number + i) for i, chunk in enumerate(chunks)]


def list_stored(number):
    return tuple(
        Stored(
            place=chunk.place,
            offset=offset,
            size_bytes=None if chunk.data is None else 5,
            checksum=google_crc32c.value(chunk.data or b""),
        )
        for chunk, offset in make_block(number)
    )


def build_record(number):
    """By the format in the docstring of the module."""
    record = struct.pack("<QI", number, len(make_block(number)))
    for chunk, offset in make_block(number):
        place = chunk.place
        record += struct.pack("<6I", place.level, place.t, place.c, place.z, place.y, place.x)
        record += struct.pack(
            "<QQI", offset, 2**64 - 1 if chunk.data is None else 5, google_crc32c.value(chunk.data or b"")
        )
    return record + struct.pack("<I", google_crc32c.value(record))


def read(path):
    journal = Journal(path)
    journal.close()
    return journal.done


def test_a_new_journal_knows_nothing(tmp_path):
    assert read(tmp_path / "journal") == []
    assert (tmp_path / "journal").read_bytes() == b""


def test_records_have_the_documented_format(tmp_path):
    journal = Journal(tmp_path / "journal")
    for number in range(5):
        journal.append(number, make_block(number))
    assert (tmp_path / "journal").read_bytes() == b"".join(map(build_record, range(5)))
    journal.close()


@IN_FOLDER
@given(numbers=st.lists(st.integers(0, 12)))
def test_the_first_blocks_without_a_gap_count_in_whatever_order_and_number_they_came(tmp_path, numbers):
    path = tmp_path / "journal"
    path.write_bytes(b"".join(map(build_record, numbers)))
    n_first = next(number for number in range(14) if number not in numbers)
    assert read(path) == [list_stored(number) for number in range(n_first)]
    assert path.read_bytes() == b"".join(map(build_record, range(n_first)))
    assert [entry.name for entry in tmp_path.iterdir()] == ["journal"]


def test_of_a_block_that_was_recorded_twice_the_later_record_counts(tmp_path):
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.append(0, make_block(1))
    journal.append(0, make_block(4))
    journal.close()
    assert read(path) == [list_stored(4)]


@IN_FOLDER
@given(n=st.integers(1, 6), data=st.data())
def test_a_journal_that_was_cut_off_ends_with_its_last_whole_record(tmp_path, n, data):
    path = tmp_path / "journal"
    whole = b"".join(map(build_record, range(n)))
    size = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:size])
    n_whole = max(k for k in range(n + 1) if len(b"".join(map(build_record, range(k)))) <= size)
    assert read(path) == [list_stored(number) for number in range(n_whole)]


@IN_FOLDER
@given(n=st.integers(1, 6), data=st.data(), flip=st.integers(1, 255))
def test_a_damaged_record_ends_the_journal(tmp_path, n, data, flip):
    path = tmp_path / "journal"
    damaged = bytearray(b"".join(map(build_record, range(n))))
    at = data.draw(st.integers(0, len(damaged) - 1))
    damaged[at] ^= flip
    path.write_bytes(damaged)
    n_whole = max(k for k in range(n + 1) if len(b"".join(map(build_record, range(k)))) <= at)
    assert read(path) == [list_stored(number) for number in range(n_whole)]


def test_what_is_no_journal_counts_for_nothing(tmp_path):
    (tmp_path / "journal").write_bytes(random.Random(0).randbytes(10_000))  # noqa: S311 any bytes will do
    assert read(tmp_path / "journal") == []


def test_many_threads_append_whole_records(tmp_path):
    journal = Journal(tmp_path / "journal")
    numbers = list(range(200))
    random.Random(0).shuffle(numbers)  # noqa: S311 any order will do
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: journal.append(number, make_block(number)), numbers))
    journal.close()
    assert read(tmp_path / "journal") == [list_stored(number) for number in range(200)]


def test_a_journal_goes_on_after_each_restart(tmp_path):
    path = tmp_path / "journal"
    for start in range(0, 9, 3):
        journal = Journal(path)
        assert journal.done == [list_stored(number) for number in range(start)]
        for number in (start, start + 1, start + 2):
            journal.append(number, make_block(number))
        journal.close()
        with path.open("ab") as file:
            file.write(build_record(start + 3)[:-1])
    assert read(path) == [list_stored(number) for number in range(9)]


@pytest.mark.parametrize(("data", "expected"), [(b"abc", True), (b"abd", False), (b"ab", False), (b"", False)])
def test_bytes_are_the_same_by_length_and_checksum(data, expected):
    place = Place(level=0, t=0, c=0, z=0, y=0, x=0)
    stored = Stored(place=place, offset=0, size_bytes=3, checksum=google_crc32c.value(b"abc"))
    assert stored.is_same(data) == expected
