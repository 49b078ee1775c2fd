from __future__ import annotations

import asyncio
import os
import signal
import threading

import pytest

from vitrina.storage.run import run


async def double(number):
    await asyncio.sleep(0)
    return number * 2


async def fail():
    raise KeyError("inside")


def test_the_result_comes_back():
    assert run(double(2)) == 4


def test_an_error_comes_back():
    with pytest.raises(KeyError, match="inside"):
        run(fail())


@pytest.mark.anyio
async def test_it_works_inside_a_running_loop():
    assert run(double(3)) == 6


def test_many_threads_can_wait_at_once():
    results = []
    threads = [threading.Thread(target=lambda n=n: results.append(run(double(n)))) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [n * 2 for n in range(20)]


def test_waiting_for_itself_is_refused():
    async def outer():
        return run(double(1))

    with pytest.raises(RuntimeError, match="await"):
        run(outer())


def test_an_interrupt_waits_until_the_coroutine_has_cleaned_up():
    events = []

    async def work():
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(0.05)
            events.append("clean")

    with pytest.raises(KeyboardInterrupt):
        run(work())
    assert events == ["clean"]
