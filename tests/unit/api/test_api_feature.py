"""What comparing a feature gives; no catalog is asked."""

from __future__ import annotations

import pytest

from vitrina.api.feature import Feature
from vitrina.model.expression import And, Compare, Not, Or
from vitrina.model.feature import FeatureDraft


@pytest.fixture
def age():
    return build("age")


def build(name, dtype="int"):
    feature = Feature.__new__(Feature)
    feature._record = FeatureDraft(name=name, dtype=dtype, synonyms=("a", "b"))
    return feature


def test_comparing_gives_conditions(age):
    assert (age == 3) == Compare(name="age", value=3)
    assert (age != 3) == Not(part=Compare(name="age", value=3))
    assert (age < 3) == Compare(name="age", lookup="lt", value=3)
    assert (age <= 3) == Compare(name="age", lookup="lte", value=3)
    assert (age > 3) == Compare(name="age", lookup="gt", value=3)
    assert (age >= 3) == Compare(name="age", lookup="gte", value=3)
    assert age.is_null() == Compare(name="age", lookup="isnull", value=True)
    assert age.is_null(False) == Compare(name="age", lookup="isnull", value=False)  # noqa: FBT003 - as users write it
    assert age.in_((1, 2)) == Compare(name="age", lookup="in", value=[1, 2])
    assert age.contains("x") == Compare(name="age", lookup="contains", value="x")


def test_conditions_are_joined(age):
    one, other = age > 3, age.is_null()
    assert one & other == And(parts=(one, other))
    assert one | ~other == Or(parts=(one, Not(part=other)))


def test_a_feature_equals_one_of_its_name_and_dtype(age):
    assert age == build("age")
    assert age != build("height")
    assert age not in [build("height"), build("age", "float")]
    assert len({age, build("age")}) == 1


def test_synonyms_read_as_lamindb_writes_them(age):
    assert age.synonyms == "a|b"


def test_a_member_may_be_optional(age):
    assert age.with_config(optional=True) == (age, {"optional": True})
