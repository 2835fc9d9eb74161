"""How do learners come to a course: from a list, a search, a shelf? (demo; pure)"""

from demo import choice
from demo.diary import Scene, Slate
from demo.world import COMMON_SLIPS, MISSING, appeal, found_by

AT_ONCE = 3  # courses somebody follows at the same time
SLATE_REREAD = 0.7  # who follows enough courses takes from a list only this often
SEEKING = choice.OUTSIDE / 6  # who searches or walks the shelves wants to find something
SLIP_OF_PEN = 0.25  # share of searches with a misspelling, where one is known
WISH_SEARCH = 0.4  # chance that somebody looks for what they miss, per visit
CRAWLED = 40  # pages a bot takes in one go


def read_slate(scene: Scene, slate: Slate) -> None:
    """Look at the recommended courses and perhaps open one."""
    learner, rng = scene.learner, scene.rng
    scene.diary.write("rec.shown", request_id=slate.request_id)
    shown = [key for key in slate.courses if key in scene.world.courses]
    taken = choice.choose(_appeals(scene, shown), rng)
    for key in shown:
        learner.seen[key] = learner.seen.get(key, 0.0) + 1
    busy = len(learner.current) >= AT_ONCE and not taken.slip
    if taken.place is None or (busy and rng.random() > SLATE_REREAD):
        return
    scene.diary.wait(rng.uniform(4, 40))
    key = shown[taken.place]
    scene.diary.write("rec.clicked", key, request_id=slate.request_id)
    learner.led_by[key] = slate.request_id
    _open(scene, key, "home", slip=taken.slip)


def search(scene: Scene) -> None:
    """Look for a skill on the route, sometimes misspelt, and open what fits best."""
    rng = scene.rng
    route = sorted(scene.world.routes[scene.visit.goal] - set(scene.learner.done))
    if not route:
        return
    query = _spelt(str(rng.choice(scene.world.courses[str(rng.choice(route))].skills)), scene)
    found = found_by(scene.world, query)
    scene.diary.write("search.performed", value=float(len(found)), query=query)
    scene.diary.wait(rng.uniform(4, 30))
    taken = choice.choose(_appeals(scene, found), rng, outside=SEEKING)
    if taken.place is not None:
        _open(scene, found[taken.place], "search", slip=taken.slip)


def explore(scene: Scene) -> None:
    """Walk along the shelf of one field, in the order of titles."""
    learner, rng, courses = scene.learner, scene.rng, scene.world.courses
    wanted = sorted({courses[key].field for key in scene.world.routes[scene.visit.goal]})
    field = learner.side_field if rng.random() < learner.curiosity else str(rng.choice(wanted))
    shelf = sorted(
        (key for key, course in courses.items() if course.field == field),
        key=lambda key: courses[key].title,
    )
    scene.diary.wait(rng.uniform(5, 30))
    for _ in range(int(rng.integers(1, 3))):
        taken = choice.choose(_appeals(scene, shelf), rng, outside=SEEKING)
        if taken.place is None:
            return
        _open(scene, shelf.pop(taken.place), "explore", slip=taken.slip)


def search_for_wish(scene: Scene) -> None:
    """Ask for what is not taught here; nothing is found."""
    if scene.learner.wish < 0 or scene.rng.random() > WISH_SEARCH:
        return
    right, wrong, _ = MISSING[scene.learner.wish]
    query = wrong if scene.rng.random() < SLIP_OF_PEN else right
    scene.diary.write("search.performed", value=0.0, query=query)
    scene.diary.wait(scene.rng.uniform(5, 20))


def crawl(scene: Scene) -> None:
    """A program takes pages at equal intervals and never learns anything."""
    keys = list(scene.world.courses)
    for place in scene.rng.integers(0, len(keys), size=CRAWLED):
        scene.diary.write("course.viewed", keys[int(place)], referrer="other")
        scene.diary.wait(2)


def _appeals(scene: Scene, keys: list[str]) -> list[float]:
    world, goal = scene.world, scene.visit.goal
    return [appeal(world, scene.learner, world.courses[key], goal) for key in keys]


def _spelt(query: str, scene: Scene) -> str:
    for right, wrong in COMMON_SLIPS.items():
        if right in query and scene.rng.random() < SLIP_OF_PEN:
            return query.replace(right, wrong)
    return query


def _open(scene: Scene, key: str, referrer: str, *, slip: bool) -> None:
    """Open a course page; stay, and perhaps enrol, unless it was an accident."""
    learner, rng = scene.learner, scene.rng
    led_by = learner.led_by.get(key)
    scene.diary.write("course.viewed", key, referrer=referrer, request_id=led_by)
    if slip:
        scene.diary.wait(rng.uniform(1, 3))
        return
    scene.diary.wait(rng.uniform(20, 120))
    wanted = _appeals(scene, [key])[0]
    enrols = rng.random() < min(0.95, 0.15 + 1.6 * wanted * (0.5 + learner.motivation / 2))
    if enrols and key not in learner.current and len(learner.current) < AT_ONCE:
        scene.diary.write("course.enrolled", key, request_id=led_by)
        learner.current[key] = 0
