"""What becomes of a course once somebody is in it? (demo; pure)

Modules take time from the visit and the week. A score rests on ability and on how well the
prerequisites are mastered now; failing costs motivation and sometimes the course.
"""

import numpy as np

from demo.diary import Scene
from demo.world import readiness

PASS = 0.45  # quiz share below which it felt like failing
GIVE_UP = 0.3  # chance of leaving the course after a failure
RATES = 0.55  # share of completions that are rated
DIFFICULTY = {"beginner": 0.0, "intermediate": 0.12, "advanced": 0.22}
SCORE_SPREAD = 0.15
TIRING = 0.1  # added to being tired of a field by one module
LIVELY, WEARY = 0.98, 0.05  # bounds of motivation
TESTED = frozenset({"quiz", "exercise"})
ASSIGNED = {"nurse": "infection-control", "carer": "infection-control"}
ASSIGNED_SHARE = 0.35


def take_assignment(scene: Scene) -> None:
    """Begin the course that some employers assign at first; it is no choice of the learner's."""
    learner, key = scene.learner, ASSIGNED.get(scene.visit.goal)
    fresh = not (learner.done or learner.current or learner.seen)
    if key and fresh and scene.rng.random() < ASSIGNED_SHARE:
        scene.diary.write("course.enrolled", key, mandatory=True)
        learner.current[key] = 0


def study(scene: Scene) -> None:
    """Work on the courses at hand while the visit's minutes last."""
    learner, diary, left = scene.learner, scene.diary, scene.visit.minutes
    while learner.current and left > 0:
        key = _further_along(scene)
        module = scene.world.courses[key].modules[learner.current[key]]
        needed = module.minutes * float(scene.rng.uniform(0.8, 1.5))
        diary.write("lesson.started", key, module=module.key)
        spent = min(needed, left)
        diary.wait(spent * 60)
        learner.week_used += spent
        left -= spent
        if spent < needed:
            share = round(spent / needed, 2)
            diary.write("lesson.progressed", key, module=module.key, value=share)
        else:
            diary.write("lesson.completed", key, module=module.key)
            _finish_module(scene, key)


def _further_along(scene: Scene) -> str:
    """Go on with the course further along, mostly."""
    current = scene.learner.current
    return max(current, key=lambda key: current[key] + scene.rng.random())


def _finish_module(scene: Scene, key: str) -> None:
    learner, course = scene.learner, scene.world.courses[key]
    module = course.modules[learner.current[key]]
    score = _score(scene, key)
    learner.tired[course.field] = learner.tired.get(course.field, 0.0) + TIRING
    learner.current[key] += 1
    gained = (0.5 + 0.5 * score) / len(course.modules)
    learner.mastery[key] = min(1.0, learner.mastery.get(key, 0.0) + gained)
    last = learner.current[key] == len(course.modules)
    if last or module.format in TESTED:
        scene.diary.wait(scene.rng.uniform(60, 240))
        scene.diary.write("quiz.scored", key, module=module.key, value=round(score, 2), attempt=1)
        _feel(scene, key, score)
    if last and key in learner.current:
        _complete(scene, key, score)


def _score(scene: Scene, key: str) -> float:
    """Return a quiz share: ability helps, missing prerequisites hurt."""
    course = scene.world.courses[key]
    ready = readiness(scene.learner, course)
    mean = 0.22 + 0.4 * scene.learner.ability + 0.32 * ready - DIFFICULTY[course.level]
    return float(np.clip(scene.rng.normal(mean, SCORE_SPREAD), 0.0, 1.0))


def _feel(scene: Scene, key: str, score: float) -> None:
    """Failing costs motivation, and sometimes the course; succeeding gives some back."""
    learner = scene.learner
    if score >= PASS:
        learner.motivation = min(LIVELY, learner.motivation + 0.02)
        return
    learner.motivation = max(WEARY, learner.motivation - 0.07)
    if scene.rng.random() < GIVE_UP:
        scene.diary.wait(30)
        scene.diary.write("course.unenrolled", key)
        learner.left_courses.append(key)
        del learner.current[key]


def _complete(scene: Scene, key: str, score: float) -> None:
    learner = scene.learner
    del learner.current[key]
    learner.done.append(key)
    scene.diary.write("course.completed", key, request_id=learner.led_by.get(key))
    useful = key in scene.world.routes[scene.visit.goal]
    learner.motivation = min(LIVELY, learner.motivation + (0.06 if useful else 0.02))
    if scene.rng.random() < RATES:
        scene.diary.wait(20)
        stars = 2.4 + 1.4 * score + (0.7 if useful else 0.0) + scene.rng.normal(0, 0.6)
        scene.diary.write("course.rated", key, value=float(np.clip(round(stars), 1, 5)))
