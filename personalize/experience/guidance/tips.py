"""Which tip helps here, if any? (L5) At most one a page, where it can be done, gone for good."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext

NOT_FOR_ME, INTENT = "not_for_me", "intent"
KEYS = (NOT_FOR_ME, INTENT)


@dataclass(frozen=True, slots=True)
class Tip:
    """One tip."""

    key: str
    text: str


def tip(*, spoke: bool, gone: Collection[str]) -> Tip | None:
    """Return the tip for a page with a list; `spoke`: they said a word on a course before."""
    if not spoke and NOT_FOR_ME not in gone:
        return Tip(
            NOT_FOR_ME,
            gettext(
                "A course is not for you? Say so on its card: it goes at once, others like it step "
                "back, and you can take it back."
            ),
        )
    if INTENT not in gone:
        return Tip(
            INTENT,
            gettext(
                "Little time today, or something new? Say above the list what you are here for, "
                "and it changes at once."
            ),
        )
    return None
