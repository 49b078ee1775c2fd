from __future__ import annotations

import threading

import pytest

from vitrina.storage.threads import Meter, StoppedError, run_on_each


def test_results_come_in_the_order_of_the_items():
    assert run_on_each(lambda number: number * 2, range(1000)) == [number * 2 for number in range(1000)]


def test_no_items_have_no_results():
    assert run_on_each(lambda number: number, []) == []


def test_the_first_failure_is_raised_and_stops_the_rest():
    seen = []

    def fail_at_three(number):
        seen.append(number)
        if number == 3:
            raise ValueError("three")

    with pytest.raises(ValueError, match="three"):
        run_on_each(fail_at_three, range(100_000))
    assert len(seen) < 100_000


def test_progress_counts_every_byte_once_over_threads():
    calls = []
    meter = Meter(10_000, lambda done, total: calls.append((done, total)))
    threads = [threading.Thread(target=lambda: [meter.advance(1) for _ in range(1000)]) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [(done, 10_000) for done in range(1, 10_001)]


def test_a_stopped_meter_stops_the_work():
    meter = Meter(1)
    meter.stop()
    with pytest.raises(StoppedError):
        meter.advance(1)
