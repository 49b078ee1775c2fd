"""Expected tiles are cut with NumPy out of the whole image."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from cohorts import PAD, build_tiles, cut, get_image, get_mask

from vitrina.errors import ConflictError, InputError

TIGHT = 8 * 2**20
"""A budget that makes a dozen windows of the small cohort."""


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"threads": 0},
        {"memory_bytes": TIGHT},
        {"memory_bytes": TIGHT, "threads": 1, "prefetch": 1, "reuse_buffers": True},
        {"shuffle": False, "threads": 3},
    ],
    ids=["default", "no-threads", "many-windows", "reused-buffers", "in-order"],
)
def test_every_tile_comes_once_an_epoch_and_has_the_pixels_of_its_place(options):
    tiles = build_tiles()
    loader = tiles.batches(32, **options)
    for _ in range(2):
        seen = []
        for batch in loader:
            seen += batch.ids.tolist()
            for pixels, number in zip(batch.pixels, batch.ids, strict=True):
                np.testing.assert_array_equal(pixels, cut(tiles, number, get_image(tiles, number), PAD))
        assert sorted(seen) == list(range(len(tiles)))
        assert len(loader) == -(-len(tiles) // 32)


def test_masks_have_the_ids_of_the_same_pixels_and_nothing_outside():
    tiles = build_tiles(masks=True)
    for batch in tiles.batches(50, memory_bytes=2 * TIGHT):
        for mask, number in zip(batch.masks, batch.ids, strict=True):
            np.testing.assert_array_equal(mask, cut(tiles, number, get_mask(tiles, number), 0))


def test_a_tile_wholly_outside_of_its_image_is_padding():
    tiles = build_tiles(n=4)
    tiles.places.y0[0] = -500
    assert (tiles.read(0) == PAD).all()


def test_a_tile_larger_than_chunks_and_image_is_put_together():
    tiles = build_tiles(shapes=((150, 170, 32), (90, 400, 64)), n=20, size_px=200)
    for number in range(len(tiles)):
        np.testing.assert_array_equal(tiles.read(number), cut(tiles, number, get_image(tiles, number), PAD))


def test_values_and_ids_belong_to_the_tiles_after_subset_and_shuffle():
    tiles = build_tiles().subset(np.arange(10, 400))
    wanted = tiles.get_values("kind")
    for batch in tiles.batches(17):
        np.testing.assert_array_equal(batch.values["kind"], wanted[batch.ids])


@pytest.mark.parametrize("stop", [0, 1, 10, 27])
def test_a_resumed_loader_gives_exactly_the_batches_that_remained(stop):
    tiles = build_tiles()
    first = tiles.batches(32, memory_bytes=TIGHT, seed=5)
    list(first)  # an epoch before
    going = iter(first)
    for _ in range(stop):
        next(going)
    state = first.state_dict()
    rest = [(batch.ids, batch.pixels.copy()) for batch in going]
    second = tiles.batches(32, memory_bytes=TIGHT)
    second.load_state_dict(state)
    resumed = [(batch.ids, batch.pixels.copy()) for batch in second]
    assert len(rest) == len(first) - stop
    assert len(rest) == len(resumed)
    for (ids, pixels), (same_ids, same_pixels) in zip(rest, resumed, strict=True):
        np.testing.assert_array_equal(ids, same_ids)
        np.testing.assert_array_equal(pixels, same_pixels)
    assert second.epoch == 2
    assert [batch.ids.tolist() for batch in second] == [batch.ids.tolist() for batch in first]


def test_a_state_of_other_tiles_is_refused():
    tiles = build_tiles()
    state = tiles.batches(32).state_dict()
    with pytest.raises(ConflictError, match="other tiles"):
        tiles.subset(np.arange(50)).batches(32).load_state_dict(state)


@pytest.mark.parametrize("n_parts", [2, 3, 7])
def test_parts_are_disjoint_and_complete(n_parts):
    tiles = build_tiles()
    read = [
        np.concatenate([batch.ids for batch in tiles.batches(32, part=part, n_parts=n_parts, memory_bytes=TIGHT)])
        for part in range(n_parts)
    ]
    assert np.bincount(np.concatenate(read), minlength=len(tiles)).tolist() == [1] * len(tiles)
    assert max(map(len, read)) - min(map(len, read)) <= 1


def test_parts_that_drop_the_last_batch_have_equally_many_batches():
    tiles = build_tiles(n=101)
    counts = {len(tiles.batches(8, drop_last=True, part=part, n_parts=4)) for part in range(4)}
    assert len(counts) == 1
    assert all(len(batch) == 8 for batch in tiles.batches(8, drop_last=True, part=3, n_parts=4))


def test_a_loader_that_was_pickled_into_another_process_reads_the_same():
    tiles = pickle.loads(pickle.dumps(build_tiles(n=20)))  # noqa: S301 our own bytes
    np.testing.assert_array_equal(tiles.read(3), cut(tiles, 3, get_image(tiles, 3), PAD))


def test_after_a_loop_that_was_left_early_the_next_epoch_comes_whole():
    whole = build_tiles().batches(32, seed=2)
    epochs = [[batch.ids.tolist() for batch in whole] for _ in range(2)]
    loader = build_tiles().batches(32, seed=2)
    for number, _ in enumerate(loader):
        if number == 4:
            break
    assert [batch.ids.tolist() for batch in loader] == epochs[1]


def test_the_balanced_sampler_gives_each_class_equally_often():
    tiles = build_tiles(n=400)
    kinds = tiles.get_values("kind")
    few = np.flatnonzero((kinds != 2) | (np.arange(len(tiles)) % 10 == 0))
    tiles = tiles.subset(few)
    sampler = tiles.build_balanced_sampler("kind", n_drawn=900)
    drawn = np.concatenate([batch.values["kind"] for batch in tiles.batches(32, sampler=sampler)])
    assert len(drawn) == 900
    assert np.abs(np.bincount(drawn) - 300).max() <= 2  # systematic sampling rounds up or down


def test_class_weights_are_inverse_to_the_counts():
    tiles = build_tiles(n=5).subset(np.arange(10))
    kinds = tiles.get_values("kind")
    weights = tiles.count_class_weights("kind")
    counts = np.bincount(kinds, minlength=3)
    present = counts > 0
    np.testing.assert_allclose(weights[present] * counts[present], len(kinds) / present.sum())
    assert weights[kinds].mean() == pytest.approx(1)


def test_memory_below_the_chunks_of_a_block_is_refused():
    with pytest.raises(InputError, match="memory budget"):
        build_tiles().batches(32, memory_bytes=2**20)


def test_no_tiles_make_no_batches():
    loader = build_tiles().subset([]).batches(32)
    assert list(loader) == []
    assert len(loader) == 0


def test_the_order_differs_between_epochs_and_seeds():
    tiles = build_tiles()
    loader = tiles.batches(900)
    first, second = (next(iter(loader)).ids.tolist() for _ in range(2))
    other = next(iter(tiles.batches(900, seed=1))).ids.tolist()
    assert first != second
    assert first != other


def test_chunks_are_decoded_once_when_all_fit_into_the_budget():
    tiles = build_tiles(n=2000)
    loader = tiles.batches(64)
    list(loader)
    # by hand: 4 x 6 chunks of 256, 6 x 8 of 128 and 2 x 2 of 512 pixels; 2000 tiles a slide touch them all
    assert loader.n_decoded == 24 + 48 + 4
