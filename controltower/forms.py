"""People at the controls: what may be typed, and what does it mean? Limits live with the action."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from personalize.api import SURFACES, override_cohorts
from personalize.data import Change, NewOverride, OverrideLimits
from signals import catalogue
from signals.data import NewVerbRule, Objective

if TYPE_CHECKING:
    from signals.data import CourseInfo

OTHER = "Other"
REASONS = (
    "Course relaunch",
    "New safety guidance",
    "Season or event",
    "Quality review",
    "Outdated version",
    OTHER,
)
STRENGTH_FIRST = 0.2
DAYS_FIRST = 14
MATCHES = 8  # courses to choose from when the name was not clear
GOAL = "goal:"

# Which field of the form shows what the action says about a field of its own.
FIELD_OF = {"course_id": "course", "starts_at": "starts_on", "ends_at": "ends_on"}


class OverrideForm(forms.Form):
    """A boost, lower, pin or hide to be looked at or published."""

    course = forms.CharField(max_length=300)
    course_id = forms.IntegerField(required=False)  # chosen among matches
    change = forms.ChoiceField(
        error_messages={
            "invalid_choice": gettext_lazy(
                "Your role cannot do that. Ask an administrator, or choose another action."
            )
        }
    )
    strength = forms.FloatField(required=False)
    surface = forms.ChoiceField(required=False)
    cohort = forms.ChoiceField(required=False)
    shown_for = forms.CharField(required=False, max_length=200)
    reason = forms.ChoiceField(choices=[(reason, reason) for reason in REASONS])
    note = forms.CharField(required=False, max_length=1000)
    starts_on = forms.DateField()
    ends_on = forms.DateField()

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, limits: OverrideLimits, today: date
    ) -> None:
        """Offer what the limits allow, two weeks from today."""
        super().__init__(
            data,
            initial={
                "strength": min(STRENGTH_FIRST, limits.strength),
                "starts_on": today,
                "ends_on": today + timedelta(days=DAYS_FIRST),
            },
        )
        self.today = today
        self.matches: list[CourseInfo] = []
        self._choices("change", [(change.value, change.value) for change in limits.changes_asked])
        self._choices("surface", [("", ""), *((key, key) for key in SURFACES)])
        self._choices("cohort", [(key, key) for key in override_cohorts()])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean_starts_on(self) -> date:
        """Refuse a start in the past."""
        starts_on: date = self.cleaned_data["starts_on"]
        if starts_on < self.today:
            raise ValidationError(gettext("The start is today or later."))
        return starts_on

    def clean(self) -> dict[str, Any]:
        """Find the course that is meant, and ask for words where the reason says nothing."""
        cleaned = self.cleaned_data
        if cleaned.get("reason") == OTHER and not cleaned.get("note"):
            self.add_error("note", gettext("Say in a few words what the reason is."))
        if cleaned.get("course"):
            cleaned["course_id"] = self._course_id(cleaned["course"], cleaned.get("course_id"))
        return cleaned

    def _course_id(self, text: str, chosen: int | None) -> int | None:
        courses = catalogue.courses()
        if chosen in courses:
            return chosen
        named = [
            info
            for info in courses.values()
            if text.casefold() in (info.title.casefold(), info.slug)
        ]
        if len(named) == 1:
            return named[0].course_id
        self.matches = named or list(catalogue.search(text, limit=MATCHES).hits)
        if self.matches:
            self.add_error("course", gettext("Choose the course that is meant."))
        else:
            self.add_error("course", gettext("No course has this title. Choose one of the list."))
        return None

    def override(self) -> NewOverride:
        """Return the change of a valid form; it acts to the end of its last day, in UTC."""
        cleaned = self.cleaned_data
        return NewOverride(
            course_id=cleaned["course_id"],
            change=Change(cleaned["change"]),
            strength=cleaned["strength"] or 0.0,
            surface=cleaned["surface"],
            cohort=cleaned["cohort"],
            reason=cleaned["reason"],
            note=cleaned["note"],
            starts_at=datetime.combine(cleaned["starts_on"], time(), tzinfo=UTC),
            ends_at=datetime.combine(cleaned["ends_on"], time(23, 59), tzinfo=UTC),
        )

    def goal(self) -> str:
        """Return the goal of the learner the preview is for, empty for the course's own field."""
        return str(self.cleaned_data["shown_for"]).removeprefix(GOAL)

    def refuse(self, error: ValidationError) -> None:
        """Show what the action itself found wrong, at the fields it is about."""
        for name, texts in error.message_dict.items():
            self.add_error(FIELD_OF.get(name, name), texts)


class ReasonForm(forms.Form):
    """Why somebody does what they do, for the ledger."""

    reason = forms.CharField(max_length=200)


class TargetForm(forms.Form):
    """What is wanted of a figure of models from now on, and why."""

    target = forms.FloatField(required=False)
    owner = forms.CharField(max_length=80)
    reason = forms.CharField(max_length=200)

    def refuse(self, error: ValidationError) -> None:
        """Show what the action itself found wrong, at the fields it is about."""
        for name, texts in error.message_dict.items():
            self.add_error(name, texts)


class SilenceForm(forms.Form):
    """For how long an alert sends nothing more, and why."""

    hours = forms.TypedChoiceField(
        coerce=int,
        choices=[
            (1, gettext_lazy("1 hour")),
            (24, gettext_lazy("1 day")),
            (168, gettext_lazy("1 week")),
        ],
    )
    reason = forms.CharField(max_length=200)


class LedgerForm(forms.Form):
    """Which entries of the ledger to show; what makes no sense is left out."""

    action = forms.CharField(required=False, max_length=60)
    subject = forms.CharField(required=False, max_length=200)
    before = forms.IntegerField(required=False, min_value=1)
    check = forms.BooleanField(required=False)


class AuditForm(forms.Form):
    """Which month of the signal audit to show."""

    month = forms.DateField(required=False, input_formats=["%Y-%m"])


PERCENT = 100


class ObjectiveForm(forms.Form):
    """What is expected of a source from now on, and why."""

    every_minutes = forms.IntegerField(initial=1440)
    complete_percent = forms.FloatField(initial=98, min_value=0, max_value=PERCENT)
    owner = forms.CharField(max_length=80)
    next_step = forms.CharField(max_length=200)
    reason = forms.CharField(max_length=200)

    def objective(self) -> Objective:
        """Return what a valid form asks for."""
        cleaned = self.cleaned_data
        return Objective(
            every_minutes=cleaned["every_minutes"],
            complete_share=cleaned["complete_percent"] / PERCENT,
            owner=cleaned["owner"],
            next_step=cleaned["next_step"],
        )

    def refuse(self, error: ValidationError) -> None:
        """Show what the action itself found wrong, at the fields it is about."""
        for name, texts in error.message_dict.items():
            self.add_error("complete_percent" if name == "complete_share" else name, texts)


class HabitForm(forms.Form):
    """Why a source is held against its habit again."""

    reason = forms.CharField(max_length=200)


class VerbForm(forms.Form):
    """Which kind of event statements with a verb become, and why."""

    NOT_KEPT = "-"

    verb = forms.CharField(max_length=255)
    activity_type = forms.CharField(required=False, max_length=255)
    kind = forms.ChoiceField(
        error_messages={"required": gettext_lazy("Choose what it becomes.")},
    )
    take_in = forms.BooleanField(required=False)
    reason = forms.CharField(required=False, max_length=200)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
        kinds: Sequence[str],
    ) -> None:
        """Offer the kinds there are."""
        super().__init__(data, initial=dict(initial or {}))
        field = self.fields["kind"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(name, name) for name in (self.NOT_KEPT, *kinds)]

    def rule(self) -> NewVerbRule:
        """Return what a valid form asks for."""
        cleaned = self.cleaned_data
        return NewVerbRule(
            verb=cleaned["verb"],
            activity_type=cleaned["activity_type"],
            kind="" if cleaned["kind"] == self.NOT_KEPT else cleaned["kind"],
            take_in=cleaned["take_in"],
        )

    def refuse(self, error: ValidationError) -> None:
        """Show what the action itself found wrong, at the fields it is about."""
        for name, texts in error.message_dict.items():
            self.add_error(name, texts)
