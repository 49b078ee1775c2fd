"""Blocks that come in any order get their places in one. Expected is the order of their numbers."""

import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyramids import KeepingWriter

from vitrina.pyramid.in_order import InOrder
from vitrina.pyramid.writer import Encoded, Place


class Journal:
    """Remembers what was recorded, and that it was stored by then."""

    def __init__(self, writer):
        self.writer = writer
        self.numbers = []

    def append(self, number, placed):
        for encoded, offset in placed:
            assert self.writer.chunks[encoded.place] == encoded.data
            assert offset == self.writer.offsets[encoded.place]
        self.numbers.append(number)


def make_block(number):
    """A block of one to three chunks."""
    return [
        Encoded(place=Place(level=0, t=number, c=0, z=0, y=0, x=x), data=bytes([number % 256, x]))
        for x in range(1 + number % 3)
    ]


def run_all(*tasks):
    errors = []

    def run(task):
        try:
            task()
        except BaseException as err:  # noqa: BLE001 the test raises it
            errors.append(err)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@settings(max_examples=60)
@given(n_done=st.integers(0, 5), n=st.integers(0, 40), seed=st.integers(0, 2**31), n_threads=st.integers(1, 4))
def test_places_are_given_in_order_whichever_block_comes_first(n_done, n, seed, n_threads):
    writer = KeepingWriter()
    journal = Journal(writer)
    order = InOrder(writer, journal, n_done=n_done, max_waiting=1)
    numbers = list(range(n_done, n_done + n))
    random.Random(seed).shuffle(numbers)  # noqa: S311 any order will do
    shares = [numbers[i::n_threads] for i in range(n_threads)]
    run_all(*(lambda share=share: [order.put(number, make_block(number)) for number in share] for share in shares))
    expected = [chunk.place for number in sorted(numbers) for chunk in make_block(number)]
    assert writer.reserved == expected
    assert writer.chunks == {chunk.place: chunk.data for number in numbers for chunk in make_block(number)}
    assert sorted(journal.numbers) == sorted(numbers)
    assert order.n_reserved == n_done + n


def test_nothing_is_stored_before_its_turn():
    writer = KeepingWriter()
    order = InOrder(writer, None, n_done=0, max_waiting=9)
    for number in (2, 3, 1):
        order.put(number, make_block(number))
    assert (writer.chunks, order.n_reserved) == ({}, 0)
    order.put(0, make_block(0))
    assert order.n_reserved == 4
    assert len(writer.chunks) == sum(len(make_block(number)) for number in range(4))


def test_it_is_full_while_too_many_blocks_wait():
    order = InOrder(KeepingWriter(), None, n_done=0, max_waiting=2)
    for number in (1, 2):
        order.put(number, make_block(number))
    assert not order.is_full
    order.put(3, make_block(3))
    assert order.is_full
    told = threading.Event()

    def wait():
        with order.changed:
            order.changed.wait_for(lambda: not order.is_full)
        told.set()

    thread = threading.Thread(target=wait)
    thread.start()
    while not order.changed._waiters:
        pass
    assert not told.is_set()
    order.put(0, make_block(0))
    thread.join()
    assert told.is_set()


def test_one_that_cannot_be_stored_is_not_recorded():
    writer = KeepingWriter(fails_at=1)
    journal = Journal(writer)
    order = InOrder(writer, journal, n_done=0, max_waiting=9)
    order.put(0, make_block(0))
    with pytest.raises(OSError, match="full"):
        order.put(1, make_block(1))
    assert journal.numbers == [0]
