"""Whether splits leak is judged by painting the tiles of one part and looking under those of the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cohorts import MARGIN_PX, build_tiles
from hypothesis import given, settings
from hypothesis import strategies as st

from vitrina.errors import InputError, NotFoundError
from vitrina.ml.columns import Column


def paint(tiles, extra_px=0):
    """Per slide which pixels some tile covers, a margin around the slide included."""
    places = tiles.places
    painted = []
    for number, slide in enumerate(tiles.slides):
        covered = np.zeros([side + 2 * MARGIN_PX for side in slide.image.shape_yx], bool)
        for i in np.flatnonzero(places.slide_of == number):
            y, x = places.y0[i] + MARGIN_PX, places.x0[i] + MARGIN_PX
            covered[y - extra_px : y + places.size_px + extra_px, x - extra_px : x + places.size_px + extra_px] = True
        painted.append(covered)
    return painted


@settings(max_examples=25)
@given(
    seed=st.integers(0, 1000),
    block_px=st.integers(100, 400),
    gap_px=st.integers(0, 36),
    cohort=st.integers(0, 3),
)
def test_no_pixel_of_a_test_tile_occurs_in_a_training_tile_when_blocks_are_split(seed, block_px, gap_px, cohort):
    tiles = build_tiles(shapes=((400, 500, 128), (350, 350, 128)), n=100, seed=cohort)
    train, test = tiles.split_blocks((0.7, 0.3), block_px=block_px, gap_px=gap_px, seed=seed)
    for trained, tested in zip(paint(train), paint(test), strict=True):
        assert not (trained & tested).any()
    for trained, tested in zip(paint(train, extra_px=gap_px), paint(test), strict=True):
        assert not (trained & tested).any()  # nor one that is nearer than the gap


def test_a_split_dealt_out_cell_by_cell_would_leak():
    tiles = build_tiles(shapes=((500, 600, 128),), n=150)
    is_test = np.arange(len(tiles)) % 5 == 0
    (trained,), (tested,) = paint(tiles.subset(~is_test)), paint(tiles.subset(is_test))
    assert (trained & tested).sum() > 0.7 * tested.sum()


def test_blocks_hold_about_the_wanted_fractions():
    tiles = build_tiles(shapes=((4000, 4000, 512),), n=4000, size_px=32)
    parts = tiles.split_blocks((0.6, 0.2, 0.2), block_px=256, gap_px=0)
    kept = np.array([len(part) for part in parts])
    np.testing.assert_allclose(kept / kept.sum(), (0.6, 0.2, 0.2), atol=0.05)


@pytest.mark.parametrize("by", ["slide", "donor", "section"])
def test_whole_samples_are_split(by):
    tiles = build_tiles(shapes=((200, 200, 64),) * 9, n=20)
    donors = tuple(f"D{number}" for number in range(3))
    donor_of = tiles.places.slide_of // 3
    slides = tuple(replace(slide, labels={"section": slide.name[-1]}) for slide in tiles.slides)
    tiles = replace(tiles, slides=slides, columns={"donor": Column(data=donor_of, categories=donors)})
    parts = tiles.split((0.4, 0.3, 0.3), by=by, seed=3)
    assert sum(len(part) for part in parts) == len(tiles)
    used = [set(np.unique(part.places.slide_of)) for part in parts]
    assert all(used)
    assert sum(map(len, used)) == len(set().union(*used)) == 9
    if by == "donor":
        assert all(
            {number // 3 for number in own} == set(donor_of[part.rows].tolist())
            for own, part in zip(used, parts, strict=True)
        )


def test_slides_with_the_same_bytes_come_into_the_same_part():
    tiles = build_tiles(shapes=((200, 200, 64),) * 4, n=20)
    slides = tuple(
        replace(slide, hash="same" if number in {0, 3} else slide.hash) for number, slide in enumerate(tiles.slides)
    )
    for seed in range(10):
        parts = replace(tiles, slides=slides).split((0.5, 0.5), seed=seed)
        assert any({0, 3} <= set(np.unique(part.places.slide_of)) for part in parts)


def test_a_column_that_varies_within_a_slide_is_refused():
    with pytest.raises(InputError, match="share pixels"):
        build_tiles().split((0.5, 0.5), by="kind")


def test_what_nothing_is_called_is_not_found():
    with pytest.raises(NotFoundError, match="batch"):
        build_tiles().split((0.5, 0.5), by="batch")


@pytest.mark.parametrize("fractions", [(), (0.5, 0.6), (1, -0.1), (0.5, float("nan"))])
def test_fractions_that_make_no_sense_are_refused(fractions):
    with pytest.raises(InputError, match="fractions"):
        build_tiles(n=5).split(fractions)


def test_more_parts_than_samples_are_refused():
    with pytest.raises(InputError, match="cannot be dealt out"):
        build_tiles(n=5).split((0.25,) * 4)


def test_squares_without_room_for_a_tile_are_refused():
    with pytest.raises(InputError, match="no room"):
        build_tiles(n=5).split_blocks((0.5, 0.5), block_px=100)


def test_what_was_chosen_is_remembered():
    train, test = build_tiles().split((0.7, 0.3), seed=9)
    assert train.describe()["history"][0]["seed"] == 9
    assert {*train.describe()["history"][0]["values"], *test.describe()["history"][0]["values"]} == {
        "slide-0",
        "slide-1",
        "slide-2",
    }
    assert train.hash != test.hash
