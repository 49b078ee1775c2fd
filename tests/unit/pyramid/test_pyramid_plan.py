"""The order in which blocks are made. Expected values are the definitions, worked out over lists of all blocks."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.pyramid.plan import LevelPlan, PyramidPlan, divide_up, plan_block, plan_chunk, plan_levels

SIDES = st.integers(1, 40)


@st.composite
def plans(draw):
    n_joint = draw(st.integers(1, 2))
    shape = (
        draw(st.integers(1, 2)),
        n_joint * draw(st.integers(1, 2)),
        draw(st.integers(1, 5)),
        draw(SIDES),
        draw(SIDES),
    )
    shrinks_z = draw(st.booleans())
    chunk = draw(st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)))
    source_chunk = draw(st.tuples(st.just(1), SIDES, SIDES))
    block = plan_block(shape, chunk, source_chunk, bytes_per_voxel=1, shrinks_z=shrinks_z, max_bytes=draw(SIDES) * 20)
    levels = plan_levels(shape, n_levels=draw(st.integers(1, 4)), shrinks_z=shrinks_z)
    first_level = draw(st.integers(0, 2))
    return PyramidPlan(
        levels=levels, chunk_zyx=chunk, block_zyx=block, n_joint_channels=n_joint, first_level=first_level
    )


def list_blocks(plan, level):
    """All blocks of a level, slowest axis first."""
    return list(
        product(*(range(-(-n // by)) for n, by in zip(plan.levels[level].shape_tczyx[2:], plan.block_zyx, strict=True)))
    )


def find_parent(plan, level, block):
    return tuple(at // by for at, by in zip(block, plan.levels[level + 1].factor_zyx, strict=True))


def list_all(plan):
    """Level, t, c, block of every block: each after those it is made of, found by looking through all of them."""

    def descend(level, block):
        if level:
            for child in list_blocks(plan, level - 1):
                if find_parent(plan, level - 1, child) == block:
                    yield from descend(level - 1, child)
        yield level, block

    top = len(plan.levels) - 1
    n_t, n_c = plan.levels[0].shape_tczyx[:2]
    return [
        (level, t, c, block)
        for t in range(n_t)
        for c in range(0, n_c, plan.n_joint_channels)
        for root in list_blocks(plan, top)
        for level, block in descend(top, root)
    ]


@given(plan=plans())
def test_every_block_comes_once_and_after_its_children(plan):
    nodes = list(plan.iterate_nodes())
    assert [(node.level, node.t, node.c, node.block_zyx) for node in nodes] == list_all(plan)
    assert [node.number for node in nodes] == list(range(plan.n_nodes))
    by_place = {(node.level, node.t, node.c, node.block_zyx): node for node in nodes}
    for node in nodes:
        children = plan.list_children(node)
        assert children == [by_place[child.level, child.t, child.c, child.block_zyx] for child in children]
        assert all(plan.get_parent_zyx(child) == node.block_zyx for child in children)
        if node.level:
            assert plan.count_children(node) == len(children) > 0
            assert children[-1].number == node.number - 1
        else:
            assert children == []
    assert sum(len(plan.list_children(node)) for node in nodes) == sum(
        node.level + 1 < len(plan.levels) for node in nodes
    )


@given(plan=plans())
def test_after_an_interruption_only_what_is_missing_and_what_it_is_made_of_comes(plan):
    nodes = list(plan.iterate_nodes())
    top = len(plan.levels) - 1
    numbers = {(node.level, node.t, node.c, node.block_zyx): node.number for node in nodes}

    def has_missing_parent(node, n_done):
        if node.level == top:
            return False
        return numbers[node.level + 1, node.t, node.c, find_parent(plan, node.level, node.block_zyx)] >= n_done

    for n_done in range(len(nodes) + 1):
        expected = [
            node for node in nodes if (node.level == 0 if node.number >= n_done else has_missing_parent(node, n_done))
        ]
        assert list(plan.iterate_first(n_done)) == expected


@given(plan=plans())
def test_chunks_of_the_blocks_cover_every_level_once(plan):
    chunk = plan.chunk_zyx
    pixels = [np.zeros(level.shape_tczyx, np.uint8) for level in plan.levels]
    places = set()
    for node in plan.iterate_nodes():
        start, valid = plan.get_start_zyx(node), plan.get_valid_zyx(node)
        assert all(0 < size <= whole for size, whole in zip(valid, plan.block_zyx, strict=True))
        for place, inside in plan.list_chunks(node):
            assert (place.level, place.t, place.c) == (node.level + plan.first_level, node.t, node.c)
            assert place not in places
            places.add(place)
            first = tuple(at * size for at, size in zip((place.z, place.y, place.x), chunk, strict=True))
            assert first == tuple(at + by for at, by in zip(start, inside, strict=True))
            assert all(by + size <= whole for by, size, whole in zip(inside, chunk, plan.block_zyx, strict=True))
            window = tuple(slice(at, at + size) for at, size in zip(first, chunk, strict=True))
            covered = pixels[node.level][node.t, node.c : node.c + plan.n_joint_channels, *window]
            assert covered.size, "a chunk has at least one pixel of the image"
            covered += 1
    assert all((level == 1).all() for level in pixels)


@given(plan=plans())
def test_the_part_above_of_a_block_lies_inside_the_block_above(plan):
    for node in plan.iterate_nodes():
        if node.level + 1 == len(plan.levels):
            continue
        above = plan.levels[node.level + 1]
        halves = [size // by for size, by in zip(plan.block_zyx, above.factor_zyx, strict=True)]
        starts = [at * half for at, half in zip(node.block_zyx, halves, strict=True)]
        parent = plan.get_parent_zyx(node)
        for start, half, block, at in zip(starts, halves, plan.block_zyx, parent, strict=True):
            assert at * block <= start
            assert start + half <= (at + 1) * block
        exact = [at / by for at, by in zip(plan.get_start_zyx(node), above.factor_zyx, strict=True)]
        assert exact == starts


@given(
    shape=st.tuples(
        st.integers(1, 3), st.integers(1, 3), st.integers(1, 300), st.integers(1, 5000), st.integers(1, 5000)
    ),
    n_levels=st.none() | st.integers(1, 15),
    min_size=st.integers(1, 600),
    shrinks_z=st.booleans(),
)
def test_levels_halve_and_round_up(shape, n_levels, min_size, shrinks_z):
    levels = plan_levels(shape, n_levels=n_levels, min_size_px=min_size, shrinks_z=shrinks_z)
    t, c, z, y, x = shape
    for number, level in enumerate(levels):
        by = 2**number
        assert level.shape_tczyx == (t, c, -(-z // by) if shrinks_z else z, -(-y // by), -(-x // by))
    assert levels[0].factor_zyx == (1, 1, 1)
    for before, level in pairwise(levels):
        assert level.shape_tczyx[2:] == divide_up(before.shape_tczyx[2:], level.factor_zyx)
        assert set(level.factor_zyx) == {1, 2} or level.factor_zyx == (2, 2, 2)
    sides = [max(level.shape_tczyx[3:]) for level in levels]
    if n_levels is None:
        assert sides[-1] <= min_size
        assert all(side > min_size for side in sides[:-1])
    else:
        largest = max(y, x, z if shrinks_z else 1)
        assert len(levels) == min(n_levels, 1 + math.ceil(math.log2(largest)))


def test_levels_of_known_images():
    """By hand: 2048 to 256 takes three halvings, 257 one, and 5 planes are 3, 2 and 1."""
    assert [level.shape_tczyx[3:] for level in plan_levels((1, 1, 1, 2048, 100))] == [
        (2048, 100), (1024, 50), (512, 25), (256, 13),
    ]  # fmt: skip
    assert len(plan_levels((1, 1, 1, 257, 1))) == 2
    assert len(plan_levels((1, 1, 1, 256, 256))) == 1
    assert plan_levels((1, 1, 5, 1, 1), n_levels=9) == (LevelPlan(shape_tczyx=(1, 1, 5, 1, 1)),)
    depths = [level.shape_tczyx[2] for level in plan_levels((1, 1, 5, 1, 1), n_levels=9, shrinks_z=True)]
    assert depths == [5, 3, 2, 1]


@given(
    shape=st.tuples(st.just(1), st.just(1), st.integers(1, 9), st.integers(1, 5000), st.integers(1, 5000)),
    chunk=st.tuples(st.integers(1, 9), st.integers(1, 700), st.integers(1, 700)),
    source_chunk=st.tuples(st.integers(1, 9), st.integers(1, 5000), st.integers(1, 5000)),
    pixel=st.tuples(st.sampled_from([1, 2, 6, 8]), st.booleans()),
    max_bytes=st.integers(0, 2**24),
)
def test_blocks_are_even_hold_what_is_decoded_and_stay_small(shape, chunk, source_chunk, pixel, max_bytes):
    bytes_per_voxel, shrinks_z = pixel
    given_ = {"bytes_per_voxel": bytes_per_voxel, "shrinks_z": shrinks_z}
    block = plan_block(shape, chunk, source_chunk, **given_, max_bytes=max_bytes)
    smallest = plan_block(shape, chunk, source_chunk, **given_, max_bytes=0)
    assert all(size % by == 0 for size, by in zip(block, chunk, strict=True))
    assert block[1] % 2 == block[2] % 2 == 0
    assert block[0] == (2 * chunk[0] if shrinks_z and chunk[0] % 2 else chunk[0])
    assert block[2] >= min(source_chunk[2], shape[4])
    is_strip = source_chunk[2] >= shape[4] > chunk[2] * (1 + chunk[2] % 2)
    assert is_strip or block[1] >= min(source_chunk[1], shape[3])
    assert math.prod(block) * bytes_per_voxel <= max(max_bytes, math.prod(smallest) * bytes_per_voxel)


@pytest.mark.parametrize(
    ("shape", "chunk", "source_chunk", "expected"),
    [
        ((1, 1, 1, 9000, 9000), (1, 512, 512), (1, 1, 1), (1, 1024, 1024)),  # 1024^2 x 2 B: sides are not grown beyond
        ((1, 1, 1, 9000, 9000), (1, 512, 512), (1, 1, 9000), (1, 512, 9216)),  # strips: 18 chunks wide
        ((1, 1, 1, 9000, 9000), (1, 512, 512), (1, 2000, 2000), (1, 2048, 2048)),  # doubled until a tile fits
        ((1, 1, 64, 9000, 9000), (64, 128, 128), (1, 1, 1), (64, 128, 512)),  # 8 MiB, as wide as can be
        ((1, 1, 64, 9000, 9000), (64, 128, 128), (2, 1, 1), (64, 256, 256)),  # 64 x 256^2 x 2 B are 8 MiB
        ((1, 1, 1, 100, 100), (1, 101, 33), (1, 1, 1), (1, 1616, 1056)),  # 66 grows sixteenfold, then 202 eightfold
        ((1, 1, 1, 100, 100), (1, 101, 33), (1, 2, 1), (1, 1616, 528)),  # 202 x 66 grow eightfold
    ],
)
def test_blocks_of_known_images(shape, chunk, source_chunk, expected):
    """By hand, for 2 bytes per pixel and at most 8 MiB."""
    assert plan_block(shape, chunk, source_chunk, bytes_per_voxel=2) == expected


def test_chunks_are_cut_to_small_images_in_multiples_of_sixteen():
    assert plan_chunk((1, 1, 1, 5000, 5000), (1, 512, 512)) == (1, 512, 512)
    assert plan_chunk((1, 1, 3, 100, 17), (8, 512, 512)) == (3, 112, 32)
    assert plan_chunk((1, 1, 1, 1, 600), (1, 512, 512)) == (1, 16, 512)
