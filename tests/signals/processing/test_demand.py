"""Search text to terms: what is comparable, what is dropped, who is counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.processing.demand import Searched, TermCount, count_terms, normalize_term
from signals.processing.disclosure import K, publishable


@pytest.mark.parametrize(
    ("query", "term"),
    [
        ("  Excel   MACROS ", "excel macros"),
        ("excel-macros!", "excel macros"),
        ("Café crème", "cafe creme"),
        ("C++", "c++"),
        ("c#", "c#"),
        ("node.js", "node.js"),
        ("статистика", "статистика"),
    ],
)
def test_spelling_variants_meet_in_one_term(query: str, term: str) -> None:
    assert normalize_term(query) == term


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "!!!",
        "ada@example.org",
        "https://example.org/x",
        "call 5551234",
        "x" * 61,
        "a sentence of far too many words to be a topic",
    ],
)
def test_what_may_name_a_person_or_says_nothing_is_dropped(query: str) -> None:
    assert normalize_term(query) is None


@given(st.text(max_size=80))
def test_a_term_is_its_own_term(query: str) -> None:
    term = normalize_term(query)
    assert term is None or normalize_term(term) == term


def test_nine_learners_are_not_shown_and_ten_are() -> None:
    nine = [Searched(who, "pottery", 0) for who in range(K - 1)]
    assert count_terms(nine) == []
    [shown] = count_terms([*nine, Searched(99, "Pottery", 3), Searched(99, "pottery", 0)])
    assert shown == TermCount("pottery", learners=10, searches=11, without_result=10)


def test_nine_learners_who_found_nothing_are_not_told_from_the_others() -> None:
    searches = [Searched(who, "pottery", 5 if who < K + 1 else 0) for who in range(2 * K)]
    [shown] = count_terms(searches)
    assert shown == TermCount("pottery", learners=20, searches=20, without_result=0)


def test_one_learner_searching_ten_times_is_one_learner() -> None:
    assert count_terms(Searched(1, "pottery", 0) for _ in range(50)) == []


@given(st.integers(min_value=0, max_value=10_000))
def test_counts_of_people_are_hidden_below_ten_and_rounded_to_five(learners: int) -> None:
    shown = publishable(learners)
    assert (shown is None) == (learners < 10)
    assert shown is None or (shown % 5 == 0 and abs(shown - learners) <= 2)
