from __future__ import annotations

import pytest

from vitrina.catalog.textindex_postgresql import (
    MAX_VECTOR_BYTES,
    MAX_WORD_BYTES,
    build_query,
    build_vector,
    fold_accents,
)
from vitrina.catalog.words import SearchText


def test_words_of_the_title_weigh_more():
    assert build_vector(SearchText(title="lung zarr", body="human lung")) == "'lung':1A 'zarr':2A 'human':3 'lung':4"


def test_no_words_are_an_empty_vector():
    assert build_vector(SearchText(title="", body="")) == ""


def test_each_word_of_a_query_is_a_beginning():
    assert build_query(["lung", "grüß"]) == "'lung':* & 'gruß':*"


@pytest.mark.parametrize(
    ("word", "folded"),
    [("grüsse", "grusse"), ("ångström", "angstrom"), ("lung", "lung"), ("άλφα", "άλφα"), ("が", "が"), ("ø", "ø")],
)
def test_accents_are_taken_off_latin_letters_only(word, folded):
    """As FTS5 does, which folds what decomposes into an ASCII letter and marks."""
    assert fold_accents(word) == folded


def test_a_word_is_cut_where_a_lexeme_ends():
    assert len(fold_accents("a" * 5000)) == MAX_WORD_BYTES
    assert len(fold_accents("が" * 5000).encode()) == MAX_WORD_BYTES // 3 * 3


def test_a_vector_is_no_larger_than_one_can_be():
    words = " ".join(f"{number:0200d}" for number in range(10_000))
    vector = build_vector(SearchText(title="first", body=words))
    assert vector.startswith("'first':1A ")
    assert vector.count(":") == 1 + (MAX_VECTOR_BYTES - 9) // 204  # 200 letters and 4 bytes each, after the first word
