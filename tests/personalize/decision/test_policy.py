"""The policy: what may be shown, in which order, and that its parts sum to the score."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize.data import Intent, Slot
from personalize.decision import policy
from personalize.decision.policy import Ranked, Rules, Situation
from personalize.decision.shelf import Shelf, build
from signals.data import CourseInfo


def course(
    course_id: int,
    *,
    field: str = "A",
    skills: tuple[str, ...] = (),
    prerequisites: tuple[int, ...] = (),
    minutes: int = 60,
) -> CourseInfo:
    return CourseInfo(
        course_id=course_id,
        external_id=f"c{course_id}",
        slug=f"c{course_id}",
        title=f"Course {course_id}",
        summary="",
        field=field,
        level="",
        language="en",
        provider="",
        minutes=minutes,
        skills=skills,
        prerequisites=prerequisites,
        modules=3,
    )


def shelf_of(*courses: CourseInfo) -> Shelf:
    return build({info.course_id: info for info in courses})


def plain(n: int = 20, fields: str = "AB") -> Shelf:
    return shelf_of(*(course(i, field=fields[i % len(fields)]) for i in range(1, n + 1)))


def rank(
    shelf: Shelf,
    base: list[float] | np.ndarray,
    situation: Situation | None = None,
    rules: Rules | None = None,
    *,
    k: int = 5,
    rng: np.random.Generator | None = None,
) -> Ranked:
    return policy.rank(
        np.array(base, dtype=float),
        popularity=np.zeros(len(base)),
        shelf=shelf,
        situation=situation or Situation(),
        rules=rules or Rules(),
        k=k,
        explore=np.arange(len(base)),
        rng=rng,
    )


def at(*places: int) -> np.ndarray:
    return np.array(places, dtype=np.int64)


def falling(n: int) -> np.ndarray:
    return np.linspace(1.0, 0.1, n)


def test_without_rules_the_best_scores_come_first() -> None:
    shelf = shelf_of(*(course(i, field=f"field {i}") for i in range(1, 9)))

    assert rank(shelf, falling(8)).places.tolist() == [0, 1, 2, 3, 4]


def test_what_is_met_or_begun_is_no_new_course() -> None:
    found = rank(plain(), falling(20), Situation(met=at(0), open=at(1)))

    assert not {0, 1} & set(found.places.tolist())


def test_refused_snoozed_and_hidden_courses_are_out_whatever_their_score() -> None:
    situation = Situation(refused=at(0), snoozed=at(1))
    rules = Rules(hidden=at(2), pinned=at(2, 0), boosted=at(1), strengths=np.array([0.5]))

    found = rank(plain(), falling(20), situation, rules, k=17)

    assert not {0, 1, 2} & set(found.places.tolist())
    assert len(found.places) == 17


def test_pins_come_first_in_their_order_and_are_labelled() -> None:
    found = rank(plain(), falling(20), rules=Rules(pinned=at(17, 9)))

    assert found.places.tolist()[:2] == [17, 9]
    assert found.slots[:3] == (Slot.PINNED, Slot.PINNED, Slot.GREEDY)


def test_a_boost_lifts_and_a_lower_sinks_by_what_was_said() -> None:
    rules = Rules(boosted=at(10, 0), strengths=np.array([0.5, -0.5]))
    plainly, moved = rank(plain(), falling(20), k=20), rank(plain(), falling(20), rules=rules, k=20)

    def place(found: Ranked, which: int) -> int:
        return int(np.flatnonzero(found.places == which)[0])

    assert place(moved, 10) < place(plainly, 10)
    assert place(moved, 0) > place(plainly, 0)
    assert moved.slots[place(moved, 10)] is Slot.BOOSTED
    assert moved.parts["boost"][place(moved, 10)] == pytest.approx(0.5)
    assert moved.parts["lower"][place(moved, 0)] == pytest.approx(-0.5)


def test_a_course_whose_prerequisite_is_missing_gives_its_place_to_it() -> None:
    shelf = shelf_of(
        *(course(i, field=f"field {i}", prerequisites=(6,) if i == 1 else ()) for i in range(1, 8))
    )

    missing = rank(shelf, falling(7), k=6)
    met = rank(shelf, falling(7), Situation(met=at(5)), k=6)

    assert 0 not in missing.places
    assert missing.places[0] == 5
    assert missing.parts["prerequisite"][0] > 0
    assert met.places[0] == 0


def test_a_chain_of_missing_prerequisites_ends_with_its_beginning() -> None:
    shelf = shelf_of(course(1, prerequisites=(2,)), course(2, prerequisites=(3,)), course(3))

    assert rank(shelf, [1.0, 0.5, 0.1]).places.tolist() == [2]


def test_near_duplicates_of_a_refused_course_sink_to_the_end() -> None:
    skills = [("x", "y")] * 5 + [(f"s{i}", f"t{i}") for i in range(15)]
    shelf = shelf_of(*(course(i, skills=skills[i - 1]) for i in range(1, 21)))

    before = rank(shelf, falling(20), Situation(), k=10)
    after = rank(shelf, falling(20), Situation(refused=at(0)), k=10)

    assert len({1, 2, 3, 4} & set(before.places.tolist())) == 4
    assert not {1, 2, 3, 4} & set(after.places.tolist())


def test_courses_in_nearly_the_same_words_sink_where_no_skills_are_stated() -> None:
    words = ["bread", "cheese", "granite", "violins", "orbits", "ferns", "glaciers", "sonnets"]
    titles = ["Baking bread at home", "Bread: baking it at home", *(f"On {w}" for w in words[2:])]
    shelf = shelf_of(
        *(
            replace(course(place + 1, field=f"field {place}"), title=title, summary=f"All of {w}.")
            for place, (title, w) in enumerate(zip(titles, words, strict=True))
        )
    )

    found = rank(shelf, falling(8), Situation(refused=at(0)), k=8)

    assert found.places.tolist() == [2, 3, 4, 5, 6, 7, 1]
    assert "near_duplicate" in {name for name, values in found.parts.items() if values.any()}


def test_a_goal_and_interests_decide_where_there_is_no_history() -> None:
    shelf = shelf_of(
        *(course(i, field="A" if i < 11 else "B", skills=(f"s{i}",)) for i in range(1, 21))
    )
    wanted = Situation(
        goal_field=shelf.field_codes["B"], interests=frozenset({shelf.skill_codes["s15"]})
    )

    found = rank(shelf, np.zeros(20), wanted, k=4)

    assert found.places[0] == 14
    assert all(place >= 10 for place in found.places[:3].tolist())


def test_one_field_does_not_fill_the_list_while_others_have_something() -> None:
    shelf = shelf_of(*(course(i, field="A" if i < 81 else "B") for i in range(1, 101)))

    found = rank(shelf, falling(100), k=12)

    fields = [shelf.fields[place] for place in found.places.tolist()]
    assert len(fields) == 12
    assert fields.count(shelf.field_codes["A"]) == 9


def test_one_field_fills_the_list_where_there_is_no_other() -> None:
    found = rank(plain(fields="A"), falling(20), k=12)

    assert found.places.tolist() == list(range(12))


@pytest.mark.parametrize(
    ("intent", "first"), [(Intent.CONTINUE, {3, 4}), (Intent.TEST, {4}), (Intent.SHORT, {19})]
)
def test_an_intent_puts_what_it_is_for_first(intent: Intent, first: set[int]) -> None:
    shelf = shelf_of(*(course(i, minutes=30 if i == 20 else 300) for i in range(1, 21)))
    situation = Situation(open=at(3, 4), with_quiz=at(4), intent=intent)

    found = rank(shelf, np.full(20, 0.5), situation)

    assert set(found.places.tolist()[: len(first)]) == first


def test_exploring_lowers_the_fields_one_knows() -> None:
    shelf = plain()
    known = np.zeros(2)
    known[shelf.field_codes["A"]] = 1.0

    found = rank(shelf, np.ones(20), Situation(intent=Intent.EXPLORE, history_fields=known), k=4)

    assert shelf.field_codes["A"] not in shelf.fields[found.places[:2]]


def test_a_course_shown_often_without_a_click_sinks() -> None:
    seen = Situation(seen=at(0), seen_times=np.array([12.0]))
    shelf = shelf_of(*(course(i, field=f"field {i}") for i in range(1, 21)))

    found = rank(shelf, np.linspace(1.0, 0.9, 20), seen)

    assert 0 not in found.places.tolist()


def test_exploring_takes_one_place_but_never_the_first_and_says_how_likely_it_was() -> None:
    shelf = plain()
    counts: dict[int, int] = {}
    for seed in range(400):
        found = rank(shelf, falling(20), k=5, rng=np.random.default_rng(seed))
        [place] = [at for at, slot in enumerate(found.slots) if slot is Slot.EXPLORE]
        assert place > 0
        assert found.propensity == pytest.approx(1 / 20)
        others = [one for one in found.places.tolist() if one != found.places[place]]
        assert others == sorted(others)
        assert len({*found.places.tolist()}) == 5
        drawn = int(found.places[place])
        counts[drawn] = counts.get(drawn, 0) + 1

    # What the list shows anyway is drawn as often as what it does not.
    assert set(counts) == set(range(20))
    assert max(counts.values()) < 3 * 400 / 20


def anything(seed: int) -> tuple[Shelf, np.ndarray, Situation, Rules, int]:
    """Return a catalogue, scores, a situation and rules, all drawn from one number."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))

    def places(most: int = 6) -> np.ndarray:
        return rng.permutation(n)[: rng.integers(0, most + 1)]

    shelf = shelf_of(
        *(
            course(
                i,
                field=str(rng.choice(["", "A", "B", "C"])),
                skills=tuple(rng.choice(list("pqrs"), size=rng.integers(0, 4), replace=False)),
                prerequisites=tuple(int(p) + 1 for p in places(2) if p + 1 != i),
                minutes=int(rng.integers(0, 400)),
            )
            for i in range(1, n + 1)
        )
    )
    seen, boosted = places(), places()
    situation = Situation(
        met=places(),
        open=places(),
        with_quiz=places(),
        history_fields=rng.random(len(shelf.field_codes)),
        goal_field=int(rng.integers(-1, len(shelf.field_codes))),
        interests=frozenset(shelf.skill_codes.values()),
        intent=[None, *Intent][rng.integers(0, 5)],
        lessons=bool(rng.integers(0, 2)),
        refused=places(),
        snoozed=places(),
        more=places(),
        seen=seen,
        seen_times=rng.integers(1, 30, len(seen)).astype(float),
        trust=float(rng.random()),
    )
    rules = Rules(
        hidden=places(),
        pinned=places(),
        boosted=boosted,
        strengths=rng.uniform(-0.5, 0.5, len(boosted)),
    )
    return shelf, rng.uniform(-5, 50, n), situation, rules, int(rng.integers(1, 51))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_whatever_the_rules_the_list_keeps_its_promises(seed: int) -> None:
    shelf, base, situation, rules, k = anything(seed)
    rng = np.random.default_rng(seed) if seed % 2 else None

    found = rank(shelf, base, situation, rules, k=k, rng=rng)

    places = found.places.tolist()
    may = policy.allowed(shelf, situation, rules)
    forbidden = {*rules.hidden.tolist(), *situation.refused.tolist(), *situation.snoozed.tolist()}
    assert len(places) == len(set(places)) <= k
    assert all(may[place] for place in places)
    assert not forbidden & set(places)
    assert len(found.slots) == len(places)
    assert Slot.EXPLORE not in found.slots[:1]
    assert found.slots.count(Slot.EXPLORE) <= 1
    scores = base[found.places] * found.scale + sum(found.parts.values(), np.zeros(len(places)))
    greedy = [s for s, slot in zip(scores, found.slots, strict=True) if slot is not Slot.EXPLORE]
    assert np.isfinite(scores).all()
    assert len(set(shelf.fields.tolist())) > 1 or greedy == sorted(greedy, reverse=True)


def test_the_same_questions_get_the_same_answer() -> None:
    situation = Situation(goal_field=0, refused=at(3))

    first = rank(plain(), falling(20), situation)
    second = rank(plain(), falling(20), replace(situation))

    assert first.places.tolist() == second.places.tolist()
