"""What may a learner send, and is it sound? (L5)"""

from typing import Any, cast

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personalize.data import Action
from personalize.decision.formats import NO_FORMAT
from personalize.experience.cards import form
from personalize.experience.languages import name_of
from signals import catalogue
from signals.data import MINOR_BANDS, Purpose

QUERY_LONGEST = 200
MORE_THAN_ONE = 2


def times() -> tuple[tuple[int, str], ...]:
    """Return what a learner can say about the minutes of a week, 0 for nothing said."""
    return (
        (0, gettext("Not sure")),
        (60, gettext("About 1 hour")),
        (180, gettext("About 3 hours")),
        (360, gettext("6 hours and more")),
    )


def formats() -> tuple[tuple[str, str], ...]:
    """Return what a learner can say about formats; nothing where the catalogue has but one."""
    offered = sorted(frozenset().union(*catalogue.formats().values()))
    if len(offered) < MORE_THAN_ONE:
        return ()
    return (
        ("", gettext("Whatever goes well for me")),
        (NO_FORMAT, gettext("They shall not count")),
        *((name, form(name) or name) for name in offered),
    )


def languages() -> tuple[tuple[str, str], ...]:
    """Return the languages courses are in, by name; nothing where that is but one."""
    told = {info.language[:2].lower() for info in catalogue.courses().values() if info.language}
    if len(told) < MORE_THAN_ONE:
        return ()
    return tuple(sorted(((code, name_of(code)) for code in told), key=lambda pair: pair[1]))


class GoalForm(forms.Form):
    """Goal, interests and time. `part` says which of them this form holds."""

    part = forms.ChoiceField(choices=[("goal", "goal"), ("all", "all")])
    goal = forms.CharField(required=False, max_length=120)
    interests = forms.MultipleChoiceField(required=False)
    minutes_per_week = forms.TypedChoiceField(required=False, coerce=int)
    format = forms.ChoiceField(required=False)
    languages = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what the catalogue offers."""
        super().__init__(*args, **kwargs)
        interests = cast("forms.ChoiceField", self.fields["interests"])
        minutes = cast("forms.ChoiceField", self.fields["minutes_per_week"])
        interests.choices = [(skill, skill) for skill, _n in catalogue.skills()]
        minutes.choices = times()
        cast("forms.ChoiceField", self.fields["format"]).choices = formats()
        cast("forms.ChoiceField", self.fields["languages"]).choices = languages()

    def clean_goal(self) -> str:
        """Return a field of the catalogue, or nothing."""
        goal: str = self.cleaned_data["goal"]
        if goal and goal not in dict(catalogue.fields()):
            raise forms.ValidationError(_("Choose a goal from the list."))
        return goal


class FeedbackForm(forms.Form):
    """What a learner says about one shown course."""

    course = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    action = forms.ChoiceField(choices=[(action.value, action.value) for action in Action])


class CountingForm(forms.Form):
    """Whether one course of the learner's own counts for their picks."""

    course = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    counts = forms.ChoiceField(choices=[("0", "no"), ("1", "yes")])


class PathForm(forms.Form):
    """What a learner changes in their path."""

    act = forms.ChoiceField(choices=[(name, name) for name in ("swap", "know", "undo", "pace")])
    course = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    to = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    change = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    hours = forms.FloatField(required=False, min_value=0.5, max_value=60)
    by_when = forms.DateField(required=False)


class RatingForm(forms.Form):
    """From 1, poor, to 5, excellent."""

    rating = forms.IntegerField(min_value=1, max_value=5)


class SwitchForm(forms.Form):
    """On or off."""

    on = forms.ChoiceField(choices=[("0", "off"), ("1", "on")])


class PurposeForm(SwitchForm):
    """One kind of data, on or off."""

    purpose = forms.ChoiceField(choices=[(purpose.value, purpose.value) for purpose in Purpose])


class InterestForm(forms.Form):
    """One interest to add, to remove or, with both, to rename; or the goal to take back.

    `back` is a change of the history whose interest is brought back.
    """

    add = forms.ChoiceField(required=False)
    remove = forms.CharField(required=False, max_length=120)
    goal = forms.ChoiceField(required=False, choices=[("", ""), ("none", "none")])
    back = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what the catalogue teaches."""
        super().__init__(*args, **kwargs)
        skills = [("", ""), *((skill, skill) for skill, _n in catalogue.skills())]
        cast("forms.ChoiceField", self.fields["add"]).choices = skills


class AgeForm(forms.Form):
    """An age band; none is an adult or somebody of unknown age."""

    band = forms.ChoiceField(
        required=False, choices=[("", ""), *((band, band) for band in MINOR_BANDS)]
    )


class EraseForm(forms.Form):
    """The one question before everything goes."""

    sure = forms.BooleanField(
        error_messages={"required": _("Tick the box to say that you want this.")}
    )


def way_back(request: HttpRequest, default: str = "") -> str:
    """Return the local address a form wants to return to, else the given one, else home."""
    wanted = request.POST.get("next", "")
    rooted = wanted.startswith("/") and not wanted.startswith("//")
    if rooted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return default or reverse("experience:home")
