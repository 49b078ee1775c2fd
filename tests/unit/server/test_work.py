"""Work on a few threads; events say when a thread may go on, so that nothing depends on time."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from functools import partial

import pytest

from vitrina.server.work import BusyError, GoneError, Work, count_threads

pytestmark = pytest.mark.anyio


class Maker:
    """Makes values when it is allowed to, and remembers what it made."""

    def __init__(self):
        self.begun = []
        self.may_end = threading.Event()

    def __call__(self, name):
        def make():
            self.begun.append(name)
            assert self.may_end.wait(10)
            if name == "bad":
                raise ValueError(name)
            return name.upper()

        return make


async def stay():
    await asyncio.Event().wait()


async def settle():
    """Let everything happen that waits for nothing but its turn."""
    for _ in range(10):
        await asyncio.sleep(0)


async def wait_until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - it is a thread that is waited for
            await asyncio.sleep(0.001)


@pytest.fixture
def maker():
    return Maker()


@pytest.fixture
def work():
    work = Work(1, 2)
    yield work
    work.close()


async def test_what_two_ask_for_at_once_is_made_once(work, maker):
    tasks = [asyncio.create_task(work.do("a", maker("a"), stay)) for _ in range(3)]
    await wait_until(lambda: maker.begun)
    maker.may_end.set()
    assert await asyncio.gather(*tasks) == ["A", "A", "A"]
    assert maker.begun == ["a"]
    assert await work.do("a", maker("a"), stay) == "A"
    assert maker.begun == ["a", "a"], "nothing is kept"


async def test_a_failure_is_told_to_all_who_wait(work, maker):
    tasks = [asyncio.create_task(work.do("bad", maker("bad"), stay)) for _ in range(2)]
    maker.may_end.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [ValueError, ValueError]
    assert await work.do("a", maker("a"), stay) == "A"


async def test_more_than_may_wait_is_refused_and_later_taken(work, maker):
    tasks = [asyncio.create_task(work.do(name, maker(name), stay)) for name in "abc"]
    await settle()
    with pytest.raises(BusyError):
        await work.do("d", maker("d"), stay)
    joined = asyncio.create_task(work.do("c", maker("c"), stay))  # this one waits already
    maker.may_end.set()
    assert await asyncio.gather(*tasks, joined) == ["A", "B", "C", "C"]
    assert await work.do("d", maker("d"), stay) == "D"
    assert maker.begun == ["a", "b", "c", "d"]


async def test_what_has_not_begun_is_dropped_when_its_client_leaves(work, maker):
    left = asyncio.Event()
    first = asyncio.create_task(work.do("a", maker("a"), stay))
    await wait_until(lambda: maker.begun)
    second = asyncio.create_task(work.do("b", maker("b"), left.wait))
    third = asyncio.create_task(work.do("c", maker("c"), stay))
    await settle()
    left.set()
    with pytest.raises(GoneError):
        await second
    fourth = asyncio.create_task(work.do("d", maker("d"), stay))  # the place in the queue is free again
    await settle()
    maker.may_end.set()
    assert await asyncio.gather(first, third, fourth) == ["A", "C", "D"]
    assert maker.begun == ["a", "c", "d"]


async def test_what_another_client_waits_for_is_not_dropped(work, maker):
    left = asyncio.Event()
    first = asyncio.create_task(work.do("a", maker("a"), stay))
    await wait_until(lambda: maker.begun)
    leaves = asyncio.create_task(work.do("b", maker("b"), left.wait))
    stays = asyncio.create_task(work.do("b", maker("b"), stay))
    await settle()
    left.set()
    with pytest.raises(GoneError):
        await leaves
    maker.may_end.set()
    assert await asyncio.gather(first, stays) == ["A", "B"]


async def test_what_was_dropped_is_made_for_who_asks_again(work, maker):
    left = asyncio.Event()
    first = asyncio.create_task(work.do("a", maker("a"), stay))
    await wait_until(lambda: maker.begun)
    leaves = asyncio.create_task(work.do("b", maker("b"), left.wait))
    await settle()
    left.set()
    with pytest.raises(GoneError):
        await leaves
    again = asyncio.create_task(work.do("b", maker("b"), stay))
    await settle()
    maker.may_end.set()
    assert await asyncio.gather(first, again) == ["A", "B"]


async def test_a_request_that_is_cancelled_while_its_work_goes_on_leaves_no_error_behind(work, maker, caplog):
    leaves = asyncio.create_task(work.do("bad", maker("bad"), stay))
    await wait_until(lambda: maker.begun)
    leaves.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaves
    maker.may_end.set()
    assert await work.do("a", maker("a"), stay) == "A"
    assert not caplog.records, "asyncio reports exceptions that nobody looked at"


async def test_a_request_that_is_cancelled_drops_its_work(work, maker):
    first = asyncio.create_task(work.do("a", maker("a"), stay))
    await wait_until(lambda: maker.begun)
    second = asyncio.create_task(work.do("b", maker("b"), stay))
    await settle()
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    maker.may_end.set()
    assert await first == "A"
    await work.do("c", maker("c"), stay)
    assert maker.begun == ["a", "c"]


async def test_so_many_threads_work_at_once_and_no_more():
    work, maker = Work(3, 10), Maker()
    tasks = [asyncio.create_task(work.do(number, maker(str(number)), stay)) for number in range(8)]
    await wait_until(lambda: len(maker.begun) == 3)
    await settle()
    assert len(maker.begun) == 3
    maker.may_end.set()
    await asyncio.gather(*tasks)
    work.close()


async def test_what_waits_when_work_is_closed_is_not_begun_and_the_threads_end(maker):
    before = set(threading.enumerate())
    work = Work(2, 2)
    tasks = [asyncio.create_task(work.do(name, maker(name), stay)) for name in "abc"]
    await wait_until(lambda: len(maker.begun) == 2)
    threads = set(threading.enumerate()) - before
    assert len(threads) == 2
    assert all(thread.daemon for thread in threads), "a server that stops does not wait for them"
    work.close()
    maker.may_end.set()
    assert await asyncio.gather(*tasks[:2]) == ["A", "B"]
    with pytest.raises(asyncio.CancelledError):
        await tasks[2]
    with pytest.raises(BusyError):
        await work.do("d", maker("d"), stay)
    await wait_until(lambda: not any(thread.is_alive() for thread in threads))
    assert maker.begun == ["a", "b"]


async def test_a_thread_that_waits_keeps_nothing_in_memory(work):
    class Value:
        pass

    value = Value()
    kept = weakref.ref(value)
    assert await work.do("a", partial(type, value), stay) is Value
    del value
    await wait_until(lambda: kept() is None)


async def test_a_client_that_leaves_when_its_work_is_done_leaves_no_error_behind(work, maker, caplog):
    maker.may_end.set()
    leaves = asyncio.create_task(work.do("bad", maker("bad"), stay))
    await wait_until(lambda: not work._pieces if maker.begun else False)
    leaves.cancel()
    with pytest.raises((asyncio.CancelledError, ValueError)):
        await leaves
    del leaves
    gc.collect()
    assert not caplog.records, "asyncio reports exceptions that nobody looked at"


def test_what_ends_after_its_event_loop_harms_nothing(maker, capsys):
    work = Work(1, 1)

    async def leave():
        task = asyncio.create_task(work.do("a", maker("a"), stay))
        await wait_until(lambda: maker.begun)
        task.cancel()

    asyncio.run(leave())
    maker.may_end.set()

    async def ask():
        return await work.do("b", maker("b"), stay)

    assert asyncio.run(ask()) == "B"
    work.close()
    assert not capsys.readouterr().err, "a thread that fails says so"


def test_there_are_at_least_two_threads():
    assert count_threads() >= 2
