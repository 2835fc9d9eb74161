"""Forms of a word meet, words that are not the same do not, and common words tell less."""

import csv
import json
from io import StringIO
from itertools import combinations
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from personalize.algorithms.retrieval import commonness
from personalize.algorithms.retrieval.commonness import telling
from personalize.algorithms.retrieval.stems import stem
from personalize.algorithms.retrieval.synonyms import related
from personalize.algorithms.retrieval.words import words


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", "use uses used using"),
        ("en", "live lives lived living"),
        ("en", "add adds added adding"),
        ("en", "hope hopes hoped hoping"),
        ("en", "hop hops hopped hopping"),
        ("en", "try tries tried trying"),
        ("en", "calculate calculated calculation calculator"),
        ("en", "exact exactly"),
        ("en", "come came coming"),
        ("en", "child children"),
        ("en", "leaf leaves"),
        ("en", "hot hotter hottest"),
        ("en", "heavy heavier heaviest"),
        ("en", "agree agreed agreeing"),
        ("de", "bohren bohrt gebohrt"),
        ("de", "stunde stunden"),
        ("de", "loch löcher"),
        ("es", "suma sumar sumas sumó"),
        ("es", "importe importes"),
        ("ar", "رسالة رسالتي الرسالة"),
        ("ar", "طلبك أطلبه الطلب"),
    ],
)
def test_forms_of_one_word_meet(language: str, forms: str) -> None:
    assert len({stem(form, language) for form in forms.split()}) == 1


def test_words_that_only_look_alike_stay_apart() -> None:
    apart = ["hope", "hop", "general", "generous", "news", "new", "universe", "paper", "sing"]
    alike = [(one, other) for one, other in combinations(apart, 2) if stem(one) == stem(other)]
    assert alike == []


@pytest.mark.parametrize("language", ["en", "de", "es", "ar"])
def test_a_stem_of_few_letters_is_never_empty(language: str) -> None:
    odd = ["a", "s", "is", "ies", "ing", "eed", "bed", "und", "ge", "و", "ال", "3,5", "x2", "übung"]
    assert all(stem(word, language) for word in odd)


def test_an_empty_word_in_capitals_names_something() -> None:
    assert words("What is the difference between WHERE and HAVING?")[-2:] == (
        stem("where"),
        stem("having"),
    )
    assert words("WHAT IS THIS?") == ()
    assert words("where is it?") == ()


def test_a_word_of_a_group_finds_the_others_in_its_own_language_only() -> None:
    assert stem("fungus") in related(stem("mould"))
    assert stem("mouldy", "de") not in related(stem("schraube", "de"), "de")
    assert stem("dübel", "de") in related(stem("schraube", "de"), "de")
    assert related(stem("screw"), "xx") == frozenset()


def test_rare_words_tell_more_than_common_ones() -> None:
    assert 0 <= telling(stem("work")) < telling(stem("engine")) < telling("nowhere-at-all") == 1
    assert telling("arbeit", "de") == 1, "there is no table for it"


def test_the_table_says_in_how_many_texts_a_word_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "texts.csv"
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["text"])
        rows.writerows([["chains wear wear"]] * 64 + [["chains rust"]] * 64 + [["zebra"]] * 2)
    table = tmp_path / "en.txt"
    told = tmp_path / "told.json"
    counting = ("count_words", "--out", str(table), "--json", str(told), "--texts", str(file))
    call_command(*counting, "text", stdout=StringIO())
    assert json.loads(told.read_text()) == {"texts": 130, "words": 3}
    assert table.read_text().splitlines() == ["130", "6 rust wear", "7 chain"]
    monkeypatch.setattr(commonness, "FOLDER", tmp_path)
    commonness._table.cache_clear()
    try:
        assert telling("chain") < telling("rust") == telling("wear") < telling("zebra") == 1
    finally:
        commonness._table.cache_clear()
    with pytest.raises(CommandError, match="no column title; it has text"):
        call_command(*counting, "title", stdout=StringIO())
