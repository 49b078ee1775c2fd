"""Fifty processes that write at once lose nothing, on every database."""

from __future__ import annotations

import multiprocessing

from vitrina.catalog.open import open_catalog

N_PROCESSES = 50
N_UIDS = 4


def reserve(url):
    with open_catalog(url) as catalog:
        for _ in range(N_UIDS):
            catalog.reserve_uid("shared")


def test_fifty_processes_lose_nothing(url):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["vitrina.catalog.open"])
    processes = [context.Process(target=reserve, args=(url,)) for _ in range(N_PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * N_PROCESSES
    with open_catalog(url) as catalog:
        assert catalog.change_number() == N_PROCESSES * N_UIDS
        assert catalog.reserve_uid("shared").endswith("003F")  # 201 in base 62: 3 * 62 + 15
