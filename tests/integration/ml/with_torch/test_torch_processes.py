"""Trainings in processes of their own: two ranks that train together, and one that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import torch

SCRIPT = Path(__file__).with_name("train_process.py")
N_TILES, BATCH = 900, 30


def start(folder, sections, n_devices, *arguments, **variables):
    folder.mkdir()
    environment = {**os.environ, "SECTIONS": os.pathsep.join(map(str, sections)), "GLOO_SOCKET_IFNAME": "lo"}
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder), str(n_devices), *map(str, arguments)],
        env=environment | variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process):
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output


def read_seen(folder, rank=0):
    return [json.loads(line) for line in (folder / f"seen-{rank}.jsonl").read_text().splitlines()]


def test_two_ranks_in_two_processes_see_disjoint_complete_data_and_end_with_equal_weights(sections, tmp_path):
    folder = tmp_path / "two"
    finish(start(folder, sections, 2))
    seen = [read_seen(folder, rank) for rank in range(2)]
    for epoch in range(2):
        by_rank = [[tile for step in steps if step["epoch"] == epoch for tile in step["ids"]] for steps in seen]
        assert sorted(by_rank[0] + by_rank[1]) == list(range(N_TILES))
        assert len(by_rank[0]) == len(by_rank[1]) == N_TILES // 2
    assert seen[0][0]["ids"] != seen[0][N_TILES // 2 // BATCH]["ids"]  # another epoch, another order
    weights = [torch.load(folder / f"weights-{rank}.pt") for rank in range(2)]
    for name, one in weights[0].items():
        torch.testing.assert_close(weights[1][name], one, rtol=0, atol=0)


def test_a_killed_training_is_resumed_with_the_same_remaining_batches(sections, tmp_path):
    whole, cut, rest = tmp_path / "whole", tmp_path / "cut", tmp_path / "rest"
    finish(start(whole, sections, 1))
    killed = start(cut, sections, 1, WAIT_TO_BE_KILLED="yes")
    assert any(line == "waiting\n" for line in killed.stdout)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    n_done = len(read_seen(cut)) - 1  # the step in which it was killed did not count
    assert n_done > 0
    finish(start(rest, sections, 1, cut / "checkpoints" / f"step={n_done}.ckpt"))
    assert read_seen(cut)[:n_done] + read_seen(rest) == read_seen(whole)
    weights = [torch.load(folder / "weights-0.pt") for folder in (whole, rest)]
    for name, one in weights[0].items():
        torch.testing.assert_close(weights[1][name], one)
