from vitrina.ontology.typos import MIN_SCORE, find_near, rank_similar, score_similar

TEXTS = ("lung", "pair of lungs", "liver", "kidney", "tongue")


def test_a_letter_too_many_finds_the_word():
    assert find_near("luing", TEXTS)[0] == "lung"


def test_the_likest_text_comes_first():
    assert rank_similar("LUNGG", TEXTS)[0] == "lung"


def test_a_text_that_is_like_nothing_finds_nothing():
    assert rank_similar("qqqqqqq", find_near("qqqqqqq", TEXTS)) == []


def test_the_order_of_words_matters_little():
    # letter by letter the two have 6 of 11 in common: 2 * 6 / 22 = 55 of 100
    assert score_similar("cancer lung", "lung cancer") > MIN_SCORE


def test_signs_and_case_do_not_matter():
    assert score_similar("T-Cell", "t cell") == 100
