"""What does a learner do in one visit, in which order? (demo; pure)"""

from demo import finding, studying
from demo.diary import Event, Scene, Slate


def wants_slate(door: str) -> bool:
    """Say whether somebody who comes in by this door is shown recommendations."""
    return door == "home"


def live(scene: Scene, slate: Slate | None) -> list[Event]:
    """Play one visit: come in, perhaps choose, study while there is time; return the events."""
    if scene.visit.door == "crawl":
        finding.crawl(scene)
        return scene.diary.events
    studying.take_assignment(scene)
    if slate is not None:
        finding.read_slate(scene, slate)
    elif scene.visit.door == "search":
        finding.search(scene)
    elif scene.visit.door == "explore":
        finding.explore(scene)
    finding.search_for_wish(scene)
    studying.study(scene)
    return scene.diary.events
