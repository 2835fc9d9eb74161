"""Topics of forum posts: only known ones, of ten learners, gone with who is erased or objects."""

from datetime import datetime, timedelta

import pytest

from signals import aggregates, api
from signals.data import SYSTEM, NewEvent
from signals.derive.demand import derive_demand
from signals.models import ForumPost, ForumTerm
from signals.processing.mentions import Written, count_mentions, named, phrases_of
from tests.factories import moment, new_course, new_learner
from tests.signals.derive.happened import store
from tests.signals.derive.test_demand import CLOSED, LAST_WEEK

pytestmark = pytest.mark.django_db


def post(
    learner: int,
    text: str,
    at: datetime = LAST_WEEK,
    course: int | None = None,
    reply_to: str | None = None,
) -> NewEvent:
    said = {"text": text, **({"reply_to": reply_to} if reply_to else {})}
    return NewEvent("forum.posted", learner, at, course_id=course, context=said)


@pytest.fixture
def twelve() -> list[int]:
    return [new_learner() for _ in range(12)]


def found() -> dict[tuple[str, int], tuple[int, int]]:
    return {(r.term, r.course_id): (r.learners, r.posts) for r in ForumTerm.objects.all()}


def test_known_topics_of_ten_learners_are_kept_by_course_and_together(twelve: list[int]) -> None:
    course = new_course("c1", skills=("Pivot tables",)).course_id
    about = "How do pivot tables go with beekeeping? Ask Ada Muster"
    store([post(one, about, course=course) for one in twelve[:10]], now=moment())
    store([post(one, about) for one in twelve[10:]], now=moment())
    derive_demand(now=CLOSED)
    assert found() == {("pivot tables", 0): (12, 12), ("pivot tables", course): (10, 10)}


def test_nine_learners_are_not_kept_nor_the_tenth_erased(twelve: list[int]) -> None:
    new_course("c1", skills=("Pivot tables",))
    store([post(one, "Pivot tables!") for one in twelve[:10]], now=moment())
    derive_demand(now=CLOSED)
    assert len(found()) == 1
    api.erase_learner(twelve[0], actor=SYSTEM, now=moment())
    derive_demand(now=CLOSED)
    assert found() == {}


def test_a_week_is_counted_when_it_is_closed(twelve: list[int]) -> None:
    new_course("c1", skills=("Pivot tables",))
    store([post(one, "pivot tables") for one in twelve], now=moment())
    assert derive_demand(now=CLOSED - timedelta(minutes=1)) == 0
    assert derive_demand(now=CLOSED) == 1


def test_threads_are_posts_that_answer_none(twelve: list[int]) -> None:
    new_course("c1", skills=("Pivot tables",))
    asked = [post(one, "Pivot tables?") for one in (*twelve[:10], twelve[0])]
    answers = [post(one, "Pivot tables are easy", reply_to="p1") for one in twelve[2:]]
    store([*asked, *answers], now=moment())
    derive_demand(now=CLOSED)
    row = ForumTerm.objects.get()
    assert (row.learners, row.posts, row.openers, row.threads) == (12, 21, 10, 11)
    (week,) = aggregates.forum_weeks(weeks=4, now=CLOSED)
    assert (week.learners, week.posts, week.openers, week.threads) == (10, 20, 10, 10)
    assert week.apart


def test_threads_of_nine_who_opened_them_are_not_told(twelve: list[int]) -> None:
    new_course("c1", skills=("Pivot tables",))
    asked = [post(one, "Pivot tables?") for one in twelve[:9]]
    answers = [post(one, "Pivot tables are easy", reply_to="p1") for one in twelve]
    store([*asked, *answers], now=moment())
    derive_demand(now=CLOSED)
    (week,) = aggregates.forum_weeks(weeks=4, now=CLOSED)
    assert (week.learners, week.posts, week.openers, week.threads) == (10, 20, 0, 0)
    row = ForumTerm.objects.get()
    assert (row.openers, row.threads) == (0, 0)  # nor kept


def test_posts_from_before_count_as_threads(twelve: list[int]) -> None:
    new_course("c1", skills=("Pivot tables",))
    store([post(one, "Pivot tables?", reply_to="p1") for one in twelve], now=moment())
    ForumPost.objects.filter(learner_id=twelve[0]).update(reply=None)
    derive_demand(now=CLOSED)
    (week,) = aggregates.forum_weeks(weeks=4, now=CLOSED)
    assert (week.openers, week.threads, week.apart) == (10, 10, False)


def test_phrases_are_found_as_whole_words_side_by_side() -> None:
    phrases = phrases_of(["c++", "data", "data analysis", "art"])
    assert named("Data-Analysis in C++, party", phrases) == {"c++", "data", "data analysis"}


def test_counts_equal_a_count_by_hand() -> None:
    phrases = phrases_of(["sql"])
    posts = [Written(learner, 3, "SQL sql") for learner in range(10)] * 2
    both = {
        (count.course_id, count.learners, count.posts) for count in count_mentions(posts, phrases)
    }
    assert both == {(0, 10, 20), (3, 10, 20)}
