"""Fields that are open at the same time, and what is known of fields before they are read. Expected values by hand."""

from dataclasses import replace

import pytest
from contents import make_image

from vitrina.gateway.plates import open_fields
from vitrina.gateway.plates.fields import complete_field, relocate
from vitrina.gateway.plates.geometry import find_halves
from vitrina.gateway.plates.open_fields import OpenFields
from vitrina.model.content import Channel, LabelsElement


class Source:
    def __init__(self, log, key):
        self.log, self.key = log, key

    def close(self):
        self.log.append(self.key)


@pytest.fixture
def opened(monkeypatch):
    monkeypatch.setattr(open_fields, "MAX_OPEN", 2)
    log = {"opened": [], "closed": []}

    def open_level(field, level):
        log["opened"].append((field, level))
        return Source(log["closed"], (field, level))

    return OpenFields(open_level), log


def test_the_fields_that_were_used_last_stay_open(opened):
    fields, log = opened
    for number in (0, 1, 0, 2, 0):
        with fields.lend(number, 0) as source:
            assert source.key == (number, 0)
    assert log == {"opened": [(0, 0), (1, 0), (2, 0)], "closed": [(1, 0)]}
    fields.close()
    assert sorted(log["closed"]) == [(0, 0), (1, 0), (2, 0)]


def test_a_field_that_is_read_is_not_closed(opened):
    fields, log = opened
    with fields.lend(0, 0):
        for number in (1, 2, 3):
            with fields.lend(number, 0):
                pass
        assert log["closed"] == [(1, 0)]
    assert log["closed"] == [(1, 0), (0, 0)]


def test_levels_that_are_half_as_large_are_found():
    sides = [(101, 80), (51, 40), (25, 20), (9, 7)]
    shapes = [(1, 2, 3, *side) for side in sides]
    assert {step: number for step, (number, _) in find_halves(shapes).items()} == {1: 0, 2: 1, 4: 2}
    assert find_halves([(1, 1, 8, 64, 64), (1, 1, 4, 32, 32)]).keys() == {1}
    assert find_halves([(1, 1, 1, 64, 64), (1, 1, 1, 16, 16)]).keys() == {1, 4}
    assert find_halves([(1, 1, 1, 64, 64), (1, 1, 1, 32, 64)]).keys() == {1}


def test_a_field_is_completed_from_the_first():
    first = make_image(path="A/1/0", channels=(Channel(name="DAPI", window=(1, 2)), Channel(name="GFP", window=(3, 4))))
    own = make_image(
        path="B/2/0", channels=(Channel(name="Hoechst", color_rgb=(1, 1, 1)), Channel(name="b", window=(5, 6)))
    )
    completed = complete_field(own, first, is_overridden=False)
    assert completed.path == "B/2/0"
    assert completed.channels == (
        Channel(name="Hoechst", color_rgb=(1, 1, 1), window=(1, 2)), Channel(name="b", window=(5, 6)),
    )  # fmt: skip
    one_channel = make_image("yx", (9, 9), n_channels=1)
    assert complete_field(one_channel, first, is_overridden=False) == one_channel


def test_what_a_person_said_of_the_first_field_holds_for_all():
    first = make_image("zyx", (3, 9, 9), n_channels=1, scale=0.25, channels=(Channel(name="DAPI"),))
    own = make_image("cyx", (3, 9, 9), n_channels=1, path="B/2/0")
    completed = complete_field(own, first, is_overridden=True)
    assert (completed.axes, completed.levels[0].scale) == (first.axes, first.levels[0].scale)
    assert completed.channels[0].name == "DAPI"
    labels = LabelsElement(name="a", path="A/1/0", axes=first.axes, dtype="uint16", levels=first.levels)
    assert complete_field(own, labels, is_overridden=True).kind == "labels"


def test_a_field_at_another_path_has_its_levels_there():
    moved = relocate(make_image(path="A/1/0"), "B/12/3", 1)
    assert (moved.path, moved.levels[1].path) == ("B/12/3", "B/12/3/1")
    flat = make_image(path="A/1/0")
    flat = replace(flat, levels=(replace(flat.levels[0], path="A/1/0"),))
    assert relocate(flat, "B/12/3", 0).levels[0].path == "B/12/3"
