"""Which features are there? (L5) One entry each; a test finds what runs and stands in none."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from personalize.algorithms.registry import ALGORITHMS
from personalize.experience.register.base import Feature, Risk

STEPS = (
    "course.enrolled",
    "course.unenrolled",
    "course.completed",
    "lesson.started",
    "lesson.completed",
)
LIKED = ("course.viewed", "course.rated")
LISTS = ("rec.shown", "rec.clicked", "rec.dismissed", "rec.snoozed")
SURFACE_OFF = "surface-{}-off"

FEATURES: tuple[Feature, ...] = (
    Feature(
        key="picks",
        title=gettext_lazy("Picks"),
        purpose=gettext_lazy("Put courses in an order in which the next one is easy to find."),
        oversight=gettext_lazy(
            "Every pick says why. You hide, snooze or switch it off with one click; staff review"
            " the model every two weeks and can go back to an earlier one."
        ),
        risk=Risk.LIMITED,
        why=(
            "It suggests and decides nothing: every course stays open to everyone and nobody is"
            " evaluated, so none of Annex III, 3. People must be able to tell that a model put it"
            " in order, and by what (DSA Art. 27)."
        ),
        kinds=(*STEPS, *LIKED, *LISTS),
        beside="the stated goal and interests, courses set apart by staff",
        readers="the learner; staff see totals of ten or more, and a list they trace",
        switch=SURFACE_OFF.format("home"),
        covers=("surface:home", *(f"member:{name}" for name in ALGORITHMS)),
        learns=True,
    ),
    Feature(
        key="chances",
        title=gettext_lazy("How likely you are to pass a course"),
        purpose=gettext_lazy("Put courses first that people like you finish, and say how likely."),
        oversight=gettext_lazy(
            "Nothing is withheld for it: an unlikely course can be begun as any other. What was"
            " said is held against what came, by kind of learner, and staff set how much it counts."
        ),
        risk=Risk.HIGH,
        why=(
            "It predicts how somebody will do from what they did, and lists are ordered by it."
            " Taken strictly that is steering learning by an evaluation (Annex III, 3 b)."
        ),
        kinds=(*STEPS, "quiz.scored", *LISTS),
        beside="how long ago the last step was",
        readers="the learner, in bars and words; staff see calibration by kind of learner",
        switch=SURFACE_OFF.format("home"),
        covers=("head:engage", "head:complete"),
        learns=True,
    ),
    Feature(
        key="path",
        title=gettext_lazy("Learning path"),
        purpose=gettext_lazy("Plan courses in order to a goal, and leave out what is known."),
        oversight=gettext_lazy(
            "Every step can be swapped, put back or undone, and none is closed because of it."
        ),
        risk=Risk.HIGH,
        why=(
            "Results of quizzes decide which modules it offers to skip: taken strictly, learning"
            " steered by an evaluation (Annex III, 3 b). Rules plan it; no model is trained for it."
        ),
        kinds=(*STEPS, "quiz.scored"),
        beside="the goal, what was said to be known, hours a week, by when",
        readers="the learner alone",
        switch=SURFACE_OFF.format("path"),
        covers=("surface:path", "proposes:path", "proposes:changes"),
        surface="path",
    ),
    Feature(
        key="onboarding",
        title=gettext_lazy("Four questions at the start"),
        purpose=gettext_lazy(
            "Learn a goal in somebody's own words, and begin with a sensible path."
        ),
        oversight=gettext_lazy(
            "What was understood is shown and can be changed; every question can be passed over."
        ),
        risk=Risk.LIMITED,
        why="It reads words somebody wrote and answers them; nobody is evaluated by it.",
        kinds=(),
        beside="answers to the questions, kept until they are changed",
        readers="the learner alone",
        switch=SURFACE_OFF.format("onboarding"),
        covers=(
            "surface:onboarding",
            "proposes:understanding",
            "proposes:wishes",
            "proposes:evidence",
        ),
        surface="onboarding",
    ),
    Feature(
        key="answers",
        title=gettext_lazy("Answers from a course"),
        purpose=gettext_lazy("Find the sentences of a course that answer a question about it."),
        oversight=gettext_lazy(
            "It shows the place of every sentence, or says that the course does not say. What a"
            " language model wrote is marked, and checked against those sentences first."
        ),
        risk=Risk.LIMITED,
        why="People put questions to it and may read generated text, which is marked (Art. 50).",
        kinds=("search.performed",),
        beside="the question is not kept; what a refused one is about is kept as a search",
        readers="creators, as terms of ten learners or more",
        switch=SURFACE_OFF.format("answers"),
        covers=(
            "surface:answers",
            "agent:answers",
            "proposes:answers",
            "backend:offline",
            "backend:openai_compatible",
        ),
        surface="answers",
        agent="answers",
    ),
    Feature(
        key="nudges",
        title=gettext_lazy("Reminders"),
        purpose=gettext_lazy("Tell somebody who stopped one true fact that makes going on easy."),
        oversight=gettext_lazy(
            "You say how often, where and when, and stop them with one click; staff set the most."
        ),
        risk=Risk.MINIMAL,
        why="Rules pick one fact of what somebody began themselves; nothing is predicted.",
        kinds=(*STEPS, "lesson.progressed", "quiz.scored"),
        beside="how reminders are wanted, and the path",
        readers="the learner; staff see totals of ten or more",
        switch=SURFACE_OFF.format("nudges"),
        covers=("surface:nudges", "proposes:nudges"),
        surface="nudges",
    ),
    Feature(
        key="guidance",
        title=gettext_lazy("Tour and tips"),
        purpose=gettext_lazy("Show what can be done here, and what was finished since last time."),
        oversight=gettext_lazy("It is closed with one click and does not come back."),
        risk=Risk.MINIMAL,
        why="Rules show it by what was opened; nothing is predicted.",
        kinds=STEPS,
        beside="when somebody was here last, and which tips they closed",
        readers="the learner alone",
        switch=SURFACE_OFF.format("guidance"),
        covers=("surface:guidance",),
        surface="guidance",
    ),
    Feature(
        key="campaigns",
        title=gettext_lazy("Help for groups that stopped"),
        purpose=gettext_lazy(
            "Find where many stop in a course, and tell them once what makes going on easy."
        ),
        oversight=gettext_lazy(
            "A person reads and approves every message; some are left out by chance, so that it is"
            " known whether it helps. It keeps to how you want reminders, and stops with them."
        ),
        risk=Risk.HIGH,
        why=(
            "It finds learners at risk of not going on, by quiz results too: taken strictly,"
            " learning steered by an evaluation (Annex III, 3 b). It decides nothing about anybody."
        ),
        kinds=(*STEPS, "quiz.scored"),
        beside="how reminders are wanted",
        readers="the learner; staff see groups of twenty and more",
        switch=SURFACE_OFF.format("campaigns"),
        covers=("proposes:campaigns",),
    ),
    Feature(
        key="briefs",
        title=gettext_lazy("Briefs for creators"),
        purpose=gettext_lazy(
            "Say what learners look for and do not find, and draft what a course on it could hold."
        ),
        oversight=gettext_lazy(
            "A person decides about every brief. Each number leads to its source, and no group of"
            " fewer than ten is counted."
        ),
        risk=Risk.MINIMAL,
        why="It counts what many looked for; nobody is evaluated, and creators decide.",
        kinds=("search.performed", "forum.posted"),
        beside="job postings, occupations, the catalogue",
        readers="creators, analysts and administrators see counts of ten and more",
        switch="",
        covers=("proposes:demand", "proposes:briefs", "agent:briefs"),
        agent="briefs",
    ),
    Feature(
        key="metadata",
        title=gettext_lazy("Proposals for courses"),
        purpose=gettext_lazy(
            "Propose skills, levels, what to take before a course, and courses to look at."
        ),
        oversight=gettext_lazy(
            "A person accepts or rejects each proposal with its evidence, and can undo that. No"
            " group of fewer than ten is counted."
        ),
        risk=Risk.MINIMAL,
        why="It judges courses, not people; nothing changes before a creator accepts it.",
        kinds=("course.enrolled", "course.completed"),
        beside="titles, summaries and lessons' titles of the catalogue",
        readers="creators, analysts and administrators see counts of ten and more",
        switch="",
        covers=("proposes:metadata", "agent:metadata"),
        agent="metadata",
    ),
)
BY_KEY: Mapping[str, Feature] = {feature.key: feature for feature in FEATURES}
