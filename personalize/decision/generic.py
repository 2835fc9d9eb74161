"""Which list does somebody get who gets no personal one? (L4) Popular, of a field, or edited.

Hidden courses are never on it. What the learner finished, refused or snoozed is left out where that
is known; the list of a learner with personalization off is the same for all.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from personalize.data import Source
from personalize.decision.chosen import Chosen, listed
from personalize.decision.context import Ask
from personalize.decision.overrides import Controls
from personalize.decision.parts import CODES, Parts, course_codes
from personalize.decision.shelf import Shelf
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.serving import LoadedModel, serving
from signals.data import LearnerState, Touch
from signals.request_ids import Arm

ORDER_KEPT = 200  # a field's or everyone's most chosen courses that are looked through
NOBODY: frozenset[int] = frozenset()
REMEMBERED = "~"  # before a version: it was away, and what it had said of popularity was used


class Lists:
    """The lists that nobody's history makes, for one request."""

    def __init__(
        self,
        ask: Ask,
        *,
        shelf: Shelf,
        controls: Controls,
        popular: tuple[int, ...],
        popular_of: str = "",
        model: Callable[[], LoadedModel] = serving,
    ) -> None:
        """popular is what was most chosen when a model last said so; used where none serves.

        popular_of is the version of that model. model returns the one to ask first; it may raise
        ModelUnusable.
        """
        self._ask = ask
        self.shelf = shelf
        self.controls = controls
        self._popular = popular
        self._popular_of = popular_of
        self._model = model
        self.asked = ""  # the model that said what is chosen most, "" where none did
        self.hidden = controls.hidden(ask.surface.key, now=ask.now)

    def popular(self, source: Source, arm: Arm, *, without: frozenset[int] = NOBODY) -> Chosen:
        """Return what everyone chooses most; the edited list where no model ever said."""
        order = self._most_chosen()
        if not order:
            told = Source.CURATED if source is Source.POPULAR else source
            return self.curated(told, arm, without=without)
        return self._list(source, arm, order, part="popular", without=without)

    def cohort(self, field: str, *, without: frozenset[int] = NOBODY) -> Chosen | None:
        """Return what is chosen most in a field; None where too little is known of it."""
        code = self.shelf.field_codes.get(field)
        if code is None:
            return None
        order = self._most_chosen(field) or [
            course_id
            for course_id in self._most_chosen()
            if course_id in self.shelf.courses and self.shelf.courses[course_id].field == field
        ]
        found = self._list(Source.COHORT, Arm.GENERIC, order, part="popular", without=without)
        return found if len(found.course_ids) else None

    def curated(
        self,
        source: Source = Source.CURATED,
        arm: Arm = Arm.GENERIC,
        *,
        without: frozenset[int] = NOBODY,
    ) -> Chosen:
        """Return the edited list, and after its end the catalogue in its own order."""
        edited = self.controls.curated
        rest = (course_id for course_id in self.shelf.course_ids.tolist())
        order = dict.fromkeys((*edited, *rest))
        found = self._list(source, arm, order, part="curated", without=without)
        unchosen = ~np.isin(found.course_ids, edited)
        found.parts.codes[unchosen] = CODES["catalogue"]
        return found

    def begun(self, chosen: Chosen, state: LearnerState, *, without: frozenset[int]) -> Chosen:
        """Return the courses a learner is in, newest first, in place of a list of new ones.

        For lessons: nobody is shown a lesson of a course they have not enrolled in.
        """
        inside = (state.touches == Touch.ENROLLED) | (state.touches == Touch.STARTED)
        newest = state.course_ids[inside][::-1]
        touches = dict(zip(newest.tolist(), state.touches[inside][::-1].tolist(), strict=True))
        own = self._list(chosen.source, chosen.arm, touches, part="curated", without=without)
        said = np.array([touches[course_id] for course_id in own.course_ids.tolist()], np.int8)
        codes = course_codes(own.course_ids, said)[:, None]
        return replace(
            chosen,
            course_ids=own.course_ids,
            parts=Parts(codes, own.parts.values),
            slots=own.slots,
        )

    def may_show(self, course_id: int) -> bool:
        """Say whether a remembered course may still be shown."""
        return course_id in self.shelf.courses and course_id not in self.hidden

    def _most_chosen(self, field: str = "") -> list[int]:
        try:
            model = self._model()
        except ModelUnusable:
            self.asked = f"{REMEMBERED}{self._popular_of}"
            return [] if field else list(self._popular)
        self.asked, lists = model.version, model.popular
        order = lists.in_field(field, ORDER_KEPT) if field else lists.overall(ORDER_KEPT)
        return [int(course_id) for course_id in order]

    def _list(
        self, source: Source, arm: Arm, order: Iterable[int], *, part: str, without: frozenset[int]
    ) -> Chosen:
        shown = (course_id for course_id in order if course_id in self.shelf.courses)
        kept_away = self.hidden | without
        if self._ask.near is not None:
            kept_away |= {self._ask.near}
        return listed(source, arm, shown, part=part, k=self._ask.k, without=kept_away)
