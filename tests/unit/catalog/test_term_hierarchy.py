import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.catalog.term_hierarchy import close_hierarchy
from vitrina.errors import ConflictError


def test_everything_above_is_reached_and_the_key_itself():
    closed = close_hierarchy({"c": ["b"], "b": ["a"], "a": []}, {})
    assert closed == {"a": {"a"}, "b": {"a", "b"}, "c": {"a", "b", "c"}}


def test_what_is_above_closed_keys_is_taken_over():
    assert close_hierarchy({"c": ["b", "x"]}, {"b": ["a", "b"]}) == {"c": {"a", "b", "c", "x"}}


@pytest.mark.parametrize(
    ("parents", "above"),
    [({"a": ["a"]}, {}), ({"a": ["b"], "b": ["a"]}, {}), ({"a": ["b"]}, {"b": ["b", "a"]})],
)
def test_a_key_cannot_be_above_itself(parents, above):
    with pytest.raises(ConflictError) as caught:
        close_hierarchy(parents, above)
    assert caught.value.code == "hierarchy-cycle"


@given(st.lists(st.sets(st.integers(0, 20), max_size=4), max_size=20))
def test_it_is_what_following_every_parent_gives(graph):
    parents = {str(n): [str(parent) for parent in wanted if parent < n] for n, wanted in enumerate(graph)}

    def follow(key):
        return {key}.union(*(follow(parent) for parent in parents[key]))

    assert close_hierarchy(parents, {}) == {key: follow(key) for key in parents}
