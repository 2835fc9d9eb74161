"""What is a surface? (L4) A place that shows recommendations, named by a stable key and code."""

from dataclasses import dataclass
from types import ModuleType

K_MOST = 50  # items of one answer


@dataclass(frozen=True, slots=True)
class Surface:
    """One place. `code` is inside every request id, so it never changes and is never reused."""

    key: str
    code: int  # 1..255
    sentence: str  # what the place is, for people
    unit: str  # course or lesson, where the request does not say
    experiment: str  # key of the experiment that may run here, "" for none
    off_switch: str  # flag: while it is on, everyone sees the popular list here
    k: int  # items where the request does not say


def declared(module: ModuleType) -> Surface:
    """Return the surface a file of this package declares by its constants."""
    return Surface(
        key=module.KEY,
        code=module.CODE,
        sentence=module.SENTENCE,
        unit=module.UNIT,
        experiment=module.EXPERIMENT,
        off_switch=module.OFF_SWITCH,
        k=module.K,
    )
