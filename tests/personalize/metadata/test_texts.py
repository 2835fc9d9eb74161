"""What models read in texts: names, places in a series, and which concept needs which."""

import numpy as np

from personalize.algorithms.metadata.concepts import PLAIN, Concepts
from personalize.algorithms.metadata.level import LevelModel
from personalize.algorithms.metadata.naming import Names
from personalize.algorithms.metadata.sequence import SequenceModel, Step, without_places
from personalize.algorithms.metadata.skills import SkillModel
from personalize.algorithms.metadata.texts import CourseText
from personalize.algorithms.metadata.wording import words

SUBJECTS = {
    "baking": ("bread", "dough", "oven", "yeast"),
    "sailing": ("boat", "wind", "rope", "harbour"),
    "chess": ("pawn", "opening", "endgame", "board"),
}


def course(subject: str, number: int, *, hard: bool = False) -> CourseText:
    own = SUBJECTS[subject]
    ask = "Advanced theory for experienced people." if hard else "Basics for everyone, no prior."
    told = (
        f"{ask} Learn {own[number % 4]} and {own[(number + 1) % 4]} with {own[(number + 2) % 4]}."
    )
    return CourseText(
        f"{own[number % 4]} course {number}", told, (f"provider: {number % 3}",), (1,)
    )


def taught() -> tuple[list[CourseText], list[list[str]], list[str]]:
    several = [(s, n, bool(n % 2)) for s in SUBJECTS for n in range(12)]
    return (
        [course(s, n, hard=hard) for s, n, hard in several],
        [[s, f"{s} theory"] if n % 3 else [s] for s, n, _ in several],
        ["advanced" if hard else "beginner" for _, _, hard in several],
    )


def test_words_are_singular_and_keep_their_signs() -> None:
    assert words("Ponies, C++ and C# boxes") == ["pony", "c++", "and", "c#", "box"]


def test_a_skill_is_found_whole_and_by_what_stands_in_brackets() -> None:
    names = Names(["Query Language (SQL)", "Data Analysis"])
    texts = [CourseText("SQL at work", "Analyses of data."), CourseText("Data analysis", "")]
    found = names.fit(texts).of(texts)
    assert found.in_short[:, 0].tolist() == [1, 0]
    assert found.in_title[:, 1].tolist() == [0, 1]
    assert found.any.tolist() == [[True, False], [False, True]]


def test_a_skill_is_learnt_from_courses_alike() -> None:
    courses, skills, _ = taught()
    model = SkillModel().fit(courses, skills)
    asked = [course("baking", 13), course("chess", 14)]
    likely = model.probabilities(asked)
    best = [model.skills_[place] for place in likely.argmax(axis=1)]
    assert [one.split()[0] for one in best] == ["baking", "chess"]
    assert {skills[place][0] for place in model.nearest(asked[0], most=5)} == {"baking"}
    assert 0 <= likely.min() <= likely.max() <= 1


def test_a_level_is_learnt_from_what_courses_ask_for() -> None:
    courses, _, levels = taught()
    model = LevelModel().fit(courses, levels)
    likely = model.probabilities([course("sailing", 13, hard=True), course("baking", 14)])
    assert [model.levels_[place] for place in likely.argmax(axis=1)] == ["advanced", "beginner"]
    assert np.allclose(likely.sum(axis=1), 1)
    told = " ".join(model.telling(course("sailing", 13, hard=True), "advanced"))
    assert {"advanced", "theory", "experienced", "people"} & set(told.split())


def test_sentences_that_tell_the_place_in_a_series_are_left_out() -> None:
    told = "This is the third course of the series. You bake bread. Complete course 2 before."
    assert without_places(told) == "You bake bread."
    assert without_places("First, knead the dough.") == "First, knead the dough."


def test_an_order_is_learnt_from_programmes() -> None:
    learnt = [
        [
            Step(f"Introduction to {subject}", "Basics.", subject),
            Step(f"Working with {subject}", f"More {subject}.", subject),
            Step(f"Advanced {subject} project", "Deploy it.", subject),
        ]
        for subject in ("bread", "boats", "pawns", "stars", "trees")
    ]
    model = SequenceModel().fit(learnt)
    asked = [
        Step("Advanced clouds project", "Deploy it.", "clouds"),
        Step("Introduction to clouds", "Basics.", "clouds"),
    ]
    assert model.order(asked) == [1, 0]


def test_figures_of_a_pair_turned_round_are_turned_round() -> None:
    names = ["Angle", "Triangle", "Right triangle"]
    text = [
        ("Angles", "An angle is where lines meet."),
        ("Triangles", "A triangle has three angles. An angle may be right."),
        ("Right triangles", "A right triangle is a triangle with a right angle."),
    ]
    concepts = Concepts.of(names, text)
    forth = concepts.figures(np.array([2]), np.array([0]))
    back = concepts.figures(np.array([0]), np.array([2]))
    assert forth.shape == (1, len(PLAIN))
    assert np.allclose(forth[0, :9], -back[0, :9])
    assert forth[0, 0] > 0  # angles are met in more sections
    alone = concepts.figures(np.array([2, 1]), np.array([0, 0]))[:1]
    assert np.array_equal(alone, forth)  # no pair knows which others are asked about
