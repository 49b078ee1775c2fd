from vitrina.ontology.hierarchy import Hierarchy

# a diamond: d is b and c, both are a; e is d
DIAMOND = {"b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ("d",)}


def test_what_is_above_comes_nearest_first_and_once():
    assert Hierarchy(DIAMOND).list_above("e") == ("d", "b", "c", "a")


def test_what_is_below_comes_nearest_first_and_once():
    assert Hierarchy(DIAMOND).list_below("a") == ("b", "c", "d", "e")


def test_parents_and_children_are_the_direct_ones():
    assert Hierarchy(DIAMOND).list_parents("d") == ("b", "c")
    assert Hierarchy(DIAMOND).list_children("a") == ("b", "c")


def test_a_term_without_relations_has_none():
    assert Hierarchy(DIAMOND).list_above("x") == ()
    assert Hierarchy(DIAMOND).list_below("x") == ()


def test_a_cycle_ends_and_leaves_the_term_itself_out():
    assert Hierarchy({"a": ("b",), "b": ("a",)}).list_above("a") == ("b",)
