"""What can somebody do in their first minutes here? (L5) Three steps, ticked by doing them."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is, why one would, where, and whether it was done."""

    title: str
    note: str
    href: str
    done: bool


def tour(*, goal: bool, opened: bool, why: bool, why_href: str = "") -> tuple[Step, ...]:
    """Return the three steps; none once all are done. why_href is where a reason can be opened."""
    steps = (
        Step(
            gettext("Say what you want to be able to do"),
            gettext("Your list follows it at once, and you can change it."),
            reverse("experience:goal"),
            goal,
        ),
        Step(
            gettext("Open a first course"),
            gettext("A look costs nothing; you enrol when you like it."),
            reverse("experience:explore"),
            opened,
        ),
        Step(
            gettext("Ask why a course is on your list"),
            gettext("You see what was used, what was not, and can say no."),
            why_href or reverse("experience:about"),
            why,
        ),
    )
    return () if all(step.done for step in steps) else steps
