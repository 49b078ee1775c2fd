"""Texts of LaminDB's rows, as Django writes them to SQLite."""

from __future__ import annotations

from datetime import UTC, datetime

from vitrina.lamindb.database import parse_json, parse_moment, split_synonyms


def test_moments_are_utc_with_and_without_a_fraction():
    assert parse_moment("2025-03-01 09:30:00") == datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
    assert parse_moment("2026-11-21 04:16:09.306") == datetime(2026, 11, 21, 4, 16, 9, 306_000, tzinfo=UTC)


def test_a_moment_with_an_offset_becomes_utc():
    assert parse_moment("2025-03-01 09:30:00+02:00") == datetime(2025, 3, 1, 7, 30, tzinfo=UTC)


def test_bars_separate_synonyms_and_repeated_and_empty_ones_are_dropped():
    assert split_synonyms("pulmo| lungs||pulmo") == ("pulmo", "lungs")
    assert split_synonyms(None) == ()


def test_null_is_none_and_json_null_too():
    assert parse_json(None) is None
    assert parse_json("null") is None
    assert parse_json('"2024-02-29"') == "2024-02-29"
