"""Does the catalogue find what is there, the same for everyone, and notice every change?"""

from time import monotonic
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from signals import catalogue
from signals.models import Course, Module
from tests.factories import new_course

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _courses() -> None:
    bread = new_course("bread", title="Sourdough bread", field="Cooking", skills=["Baking"])
    new_course("knife", title="Knife skills", field="Cooking", level="advanced", modules=["k1"])
    new_course(
        "pandas",
        title="Python for data",
        skills=["Python", "Statistics"],
        summary="Tables without tears, sourdough of analysis.",
        prerequisites=[bread.course_id],
        modules=["a", "b"],
    )
    new_course("secret", title="Sourdough secrets", listed=False)


def titles(query: str, **filters: Any) -> list[str]:
    """Return the titles a search finds, in order."""
    return [info.title for info in catalogue.search(query, **filters).hits]


def test_words_are_found_from_their_beginning_titles_first() -> None:
    assert titles("sourd") == ["Sourdough bread", "Python for data"]
    assert titles("DATA python") == ["Python for data"]
    assert titles("statistics") == ["Python for data"]
    assert titles("baking cooking") == []


def test_misspelled_words_are_found_and_the_page_is_told() -> None:
    page = catalogue.search("sourdogh")
    assert [info.title for info in page.hits] == ["Sourdough bread"]
    assert page.corrected
    assert not catalogue.search("sourdough").corrected
    assert catalogue.search("zzzzqqq").total == 0


@pytest.mark.parametrize(
    "query", ["", "  ", "!!!", "' OR 1=1 --", "a & | ! ( ) :*", "\x00", "x" * 5000]
)
def test_any_query_gets_an_answer(query: str) -> None:
    assert catalogue.search(query).total >= 0


def test_an_empty_query_lists_all_that_is_offered_by_title() -> None:
    assert titles("") == ["Knife skills", "Python for data", "Sourdough bread"]


def test_filters_narrow_and_facets_count_without_their_own_filter() -> None:
    page = catalogue.search("", field="Cooking")
    assert [info.title for info in page.hits] == ["Knife skills", "Sourdough bread"]
    assert page.facets["field"] == (("Cooking", 2), ("Data", 1))
    assert page.facets["level"] == (("advanced", 1), ("beginner", 1))
    assert page.facets["format"] == (("article", 1),)
    assert titles("", format="article", level="beginner") == ["Python for data"]
    assert titles("", level="expert") == []


def test_pages_go_on_where_the_last_one_ended() -> None:
    whole = titles("")
    parts = [catalogue.search("", limit=2, offset=start) for start in (0, 2)]
    assert [info.title for part in parts for info in part.hits] == whole
    assert {part.total for part in parts} == {3}


def test_a_course_is_found_by_each_of_its_names() -> None:
    info = catalogue.course_by_external("pandas")
    assert info is not None
    assert info == catalogue.course(info.course_id) == catalogue.course_by_slug("pandas")
    assert (info.skills, info.modules, info.minutes) == (("Python", "Statistics"), 2, 20)
    assert catalogue.course(0) is catalogue.course_by_slug("no") is None


def test_a_course_no_longer_offered_is_found_by_its_id_alone() -> None:
    secret = catalogue.course_by_external("secret")
    assert secret is not None
    assert secret.course_id not in catalogue.courses()
    assert secret.course_id in catalogue.courses([secret.course_id])
    assert "Sourdough secrets" not in titles("sourdough")


def test_modules_come_in_order_with_their_text() -> None:
    info = catalogue.course_by_external("pandas")
    assert info is not None
    modules = catalogue.modules(info.course_id)
    assert [module.external_id for module in modules] == ["a", "b"]
    assert catalogue.module_text(modules[1].module_id) == "What b teaches."
    assert catalogue.module_text(0) == ""
    assert catalogue.modules(0) == ()


def test_prerequisites_fields_and_skills_are_told() -> None:
    before = catalogue.course_by_external("bread")
    after = catalogue.course_by_external("pandas")
    assert before is not None
    assert after is not None
    assert catalogue.prerequisite_pairs().tolist() == [[after.course_id, before.course_id]]
    assert catalogue.fields() == (("Cooking", 2), ("Data", 1))
    assert catalogue.skills() == (("Baking", 1), ("Python", 1), ("Statistics", 1))


def test_the_catalogue_is_kept_in_memory(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    catalogue.courses()
    with django_assert_num_queries(0):
        assert len(catalogue.courses()) == 3
        assert titles("")


def test_every_change_is_noticed_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    before = catalogue.version()
    Course.objects.filter(external_id="bread").update(title="Rye bread")
    Module.objects.filter(external_id="a").delete()
    assert catalogue.version() == before
    started = monotonic()
    monkeypatch.setattr("signals.models.shelf.monotonic", lambda: started + 1.1)
    assert catalogue.version() > before
    assert titles("rye") == ["Rye bread"]
    info = catalogue.course_by_external("pandas")
    assert info is not None
    assert info.modules == len(catalogue.modules(info.course_id)) == 1
