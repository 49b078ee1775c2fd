"""The error tree is a contract for scripts: classes, HTTP status, exit codes."""

import pytest

from vitrina import errors

# From the contract: exit codes 1 findings, 2 unreadable or wrong usage, 3 absent or ambiguous, 4 conflict, 5 denied,
# 6 unsupported or an extra is missing, 7 storage.
CONTRACT = [
    (errors.InputError, ValueError, 400, 2),
    (errors.NotFoundError, LookupError, 404, 3),
    (errors.ConflictError, errors.VitrinaError, 409, 4),
    (errors.DeniedError, PermissionError, 403, 5),
    (errors.DataError, ValueError, 422, 1),
    (errors.ValidationError, errors.DataError, 422, 1),
    (errors.UnreadableError, errors.DataError, 422, 2),
    (errors.UnsupportedError, errors.VitrinaError, 501, 6),
    (errors.StorageError, OSError, 502, 7),
    (errors.MissingExtraError, ImportError, 501, 6),
]


@pytest.mark.parametrize(("error", "also", "status", "exit_code"), CONTRACT)
def test_an_error_class_keeps_its_kin_status_and_exit_code(error, also, status, exit_code):
    assert issubclass(error, errors.VitrinaError)
    assert issubclass(error, also)
    assert (error.http_status, error.exit_code) == (status, exit_code)


@pytest.mark.parametrize("error", [entry[0] for entry in CONTRACT])
def test_an_error_says_what_and_the_next_step(error):
    raised = error("some-code", "It is broken.", hint="Mend it.", where="here")
    assert (raised.code, raised.message, raised.hint, raised.where) == (
        "some-code",
        "It is broken.",
        "Mend it.",
        "here",
    )
    assert str(raised) == "It is broken. Mend it."
