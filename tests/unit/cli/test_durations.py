from datetime import timedelta

import pytest

from vitrina.cli.gc import parse_duration
from vitrina.errors import InputError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30d", timedelta(days=30)),
        ("12h", timedelta(hours=12)),
        ("90m", timedelta(minutes=90)),
        ("2w", timedelta(days=14)),
        ("0d", timedelta(0)),
        (None, None),
    ],
)
def test_a_duration_is_a_number_with_a_unit(text, expected):
    assert parse_duration(None, None, text) == expected


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1.5d", "30 d", "1y", "1000000d", "٣d"])
def test_anything_else_is_refused(text):
    with pytest.raises(InputError, match="is not a duration"):
        parse_duration(None, None, text)
