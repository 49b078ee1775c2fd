import pytest

from vitrina import errors
from vitrina.sandbox.answers import MAX_TEXT, describe_error, rebuild_error

CLASSES = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.VitrinaError)]


@pytest.mark.parametrize("error", CLASSES)
def test_errors_of_every_class_come_back_as_they_were(error):
    came = rebuild_error(describe_error(error("a-code", "A message.", hint="A hint.", where="there")))
    assert type(came) is error
    assert (came.code, came.message, came.hint, came.where) == ("a-code", "A message.", "A hint.", "there")


@pytest.mark.parametrize(
    "name", ["Path", "annotations", "EXIT_INTERRUPTED", "ValueError", None, 5, "__name__", "Sequence"]
)
def test_what_is_no_error_of_ours_becomes_one(name):
    came = rebuild_error({"class": name, "code": ["x"], "message": {"a": 1}, "hint": 3})
    assert type(came) is errors.UnreadableError
    assert (came.code, came.message, came.hint, came.where) == ("reader-failed", "", None, None)


def test_texts_are_cut():
    came = rebuild_error({"class": "InputError", "code": "c", "message": "x" * 10**6, "where": "y" * 10**6})
    assert (len(came.message), len(came.where)) == (MAX_TEXT, MAX_TEXT)
