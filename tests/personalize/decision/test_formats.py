"""Formats count a little where they are tried out, by the learner's own word or their consent."""

from dataclasses import replace

import pytest
from django.test import Client

from personalize.data import Recommendation
from personalize.decision import context, formats, log, personal, policy, standing, upkeep
from personalize.decision.chosen import Chosen
from personalize.decision.deadline import Deadline
from personalize.decision.finish import finish
from personalize.decision.parts import CODES
from personalize.decision.preview import ask_for
from personalize.decision.rankers import FORMATS, MODEL, Wanted
from signals import api as signals
from signals import catalogue
from signals.data import Purpose
from signals.models import Module, shelf
from tests.factories import ada, consents, moment, new_key
from tests.personalize.decision.duel import ask, drafting, logged
from tests.personalize.shop import Shop, learner
from tests.signals.derive.rows import one_format


@pytest.fixture
def filmed(trained: Shop) -> Shop:
    """Return the catalogue, in which the courses of one field are videos."""
    Module.objects.filter(course__field="Web").update(format="video")
    shelf.forget()
    upkeep.reset()
    return trained


def chosen(learner_id: int, ranker: str) -> Chosen:
    """Return a learner's list as a ranker makes it."""
    wanted, (places, controls) = replace(ask_for(None, "home", moment()), k=36), upkeep.look()
    state = signals.learner_state(learner_id, now=moment())
    assert state is not None
    said = standing.read(learner_id, now=moment())
    known = context.read(wanted, state, said, places)
    return personal.choose(
        wanted, known, (), shelf=places, controls=controls, wanted=Wanted(ranker)
    )


def added(found: Chosen, part: str) -> dict[int, float]:
    """Return what a part added to each course that has it."""
    return {
        course_id: value
        for course_id, item in zip(found.course_ids.tolist(), found.parts.listed(), strict=True)
        for code, value in item
        if code == CODES[part]
    }


def films(shop: Shop) -> set[int]:
    return {course.course_id for course in shop.field("Web")}


def test_the_format_one_asks_for_is_a_little_ahead_and_nothing_is_withheld(filmed: Shop) -> None:
    learner_id = learner("ada", enrolled=filmed.field("Data")[:4])
    standing.state_format(learner_id, format="video", now=moment())

    usual, found = chosen(learner_id, MODEL), chosen(learner_id, FORMATS)

    assert added(found, "format_asked") == dict.fromkeys(films(filmed), policy.FORMAT)
    assert set(found.course_ids.tolist()) == set(usual.course_ids.tolist())
    assert not added(usual, "format_asked")  # only where it is tried out


def test_what_was_observed_counts_with_consent_alone(filmed: Shop) -> None:
    learner_id = learner("ada", enrolled=filmed.field("Data")[:4])
    one_format(learner_id, "video", completed=20)
    one_format(learner_id, "article", completed=1)

    without = added(chosen(learner_id, FORMATS), "format_observed")
    consents(learner_id, Purpose.INFERRED)
    found = added(chosen(learner_id, FORMATS), "format_observed")

    assert not without
    assert set(found) == films(filmed)
    assert all(0 < value <= policy.FORMAT for value in found.values())


def test_a_learner_may_say_that_formats_shall_not_count(filmed: Shop) -> None:
    learner_id = learner("ada", enrolled=filmed.field("Data")[:4])
    one_format(learner_id, "video", completed=20)
    consents(learner_id, Purpose.INFERRED)
    standing.state_format(learner_id, format=formats.NO_FORMAT, now=moment())

    assert not added(chosen(learner_id, FORMATS), "format_observed")


def test_an_experiment_sets_formats_against_the_usual_order(filmed: Shop) -> None:
    drafting(variants=("model", "formats"))
    learner_id = learner("ada", enrolled=filmed.field("Data")[:4])
    standing.state_format(learner_id, format="video", now=moment())

    answer = ask("ada", new_key("lms", "recommend"))

    assert answer["source"] == "model"
    assert logged(answer).teams is not None


def test_reasons_from_observed_formats_go_with_the_consent(filmed: Shop) -> None:
    learner_id = learner("ada", enrolled=filmed.field("Data")[:4])
    one_format(learner_id, "video", completed=20)
    consents(learner_id, Purpose.INFERRED)
    kept, plain = served(learner_id, FORMATS), served(learner_id, MODEL)

    consents(learner_id, Purpose.INFERRED, granted=False)

    assert "which formats go well for you" in kept.used
    assert not any("rewind" in words for words in kept.not_used)
    assert any("rewind" in words for words in plain.not_used)
    found, other = log.find(kept.request_id), log.find(plain.request_id)
    assert found is not None
    assert other is not None
    assert (found.parts_wide, found.part_codes) == (0, [])
    assert other.parts_wide > 0


def served(learner_id: int, ranker: str, *, number: int = 0) -> Recommendation:
    """Return a list of a ranker, logged as it is when it is shown; numbers tell several apart."""
    places, controls = upkeep.look()
    entropy = bytes(4) + (2 * number + (ranker == MODEL)).to_bytes(4)
    asked = replace(ask_for(learner_id, "home", moment()), entropy=entropy)
    made = replace(chosen(learner_id, ranker), learner_id=learner_id)
    return finish(asked, made, shelf=places, controls=controls, deadline=Deadline())


def test_the_page_of_goals_asks_and_keeps_it(client: Client, filmed: Shop) -> None:
    own = ada()
    client.force_login(own.account)

    client.post("/goal/", {"part": "all", "goal": "Web", "format": "video"})

    assert standing.profile(own.learner_id).format == "video"
    page = client.get("/goal/").content.decode()
    assert "Which format would you like more of?" in page
    assert catalogue.formats()[filmed.field("Web")[0].course_id] == frozenset({"video"})


def test_a_format_that_is_not_taught_is_refused(client: Client, filmed: Shop) -> None:
    client.force_login(ada().account)

    answer = client.post("/goal/", {"part": "all", "goal": "", "format": "hologram"})

    assert answer.status_code == 400


def test_where_all_is_of_one_format_nobody_is_asked(client: Client, trained: Shop) -> None:
    client.force_login(ada().account)

    assert "Which format" not in client.get("/goal/").content.decode()
