"""Lists of records in memory."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from vitrina.api.lookup import build_attribute, build_lookup
from vitrina.api.record_list import RecordList
from vitrina.errors import InputError, NotFoundError


@dataclass(frozen=True)
class One:
    uid: str
    name: str
    unit: str | None = None
    size: int = 0


@pytest.fixture
def records():
    found = [One("1", "area", "um2", 3), One("2", "age", None, 5), One("3", "cell area", "um2", 8)]
    return RecordList(found, ("uid", "name", "unit", "size"))


@pytest.mark.parametrize(
    ("where", "uids"),
    [
        ({}, "123"),
        ({"name": "age"}, "2"),
        ({"name__in": ["age", "area"]}, "12"),
        ({"name__contains": "area"}, "13"),
        ({"name__startswith": "a"}, "12"),
        ({"name__endswith": "area"}, "13"),
        ({"name__icontains": "AREA"}, "13"),
        ({"unit": "um2", "size__gt": 3}, "3"),
        ({"size__lte": 5}, "12"),
        ({"unit__isnull": True}, "2"),
        ({"unit__contains": "m"}, "13"),
    ],
)
def test_fields_and_lookups_filter(records, where, uids):
    assert "".join(records.filter(**where).to_list("uid")) == uids


def test_an_unknown_field_is_told_with_those_that_there_are(records):
    with pytest.raises(InputError) as caught:
        records.filter(nam="age")
    assert "uid, name, unit, size" in caught.value.hint


def test_one_of_several_is_refused(records):
    assert records.filter(name="age").one() == records.filter(name="age").first() == records[1]
    with pytest.raises(NotFoundError) as several:
        records.one()
    with pytest.raises(NotFoundError) as none:
        records.filter(name="x").one()
    assert (several.value.code, none.value.code) == ("several-match", "nothing-matches")
    assert records.filter(name="x").first() is None
    assert records.all().count() == 3


def test_it_is_a_table_by_uid(records):
    frame = records.to_dataframe(limit=2)
    assert frame.index.tolist() == ["1", "2"]
    assert frame.columns.tolist() == ["name", "unit", "size"]


@pytest.mark.parametrize(
    ("name", "attribute"),
    [("T cell", "t_cell"), ("10x 3' v2", "_10x_3_v2"), ("class", "_class"), ("β cell", "β_cell"), ("---", "_")],
)
def test_names_become_attributes(name, attribute):
    assert build_attribute(name) == attribute


def test_the_first_of_names_that_become_one_attribute_is_kept():
    assert vars(build_lookup({"T cell": 1, "t-cell": 2})) == {"t_cell": 1}
