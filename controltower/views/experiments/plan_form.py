"""People at the controls: what is typed of an experiment's plan, and which plan does it mean?"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.text import slugify
from django.utils.translation import gettext, gettext_lazy

from controltower.forms import PERCENT
from controltower.views.experiments import conditions, two_rankers
from experiments.data import UNITS, Plan
from experiments.metrics import MEASURED
from personalize.api import SURFACES

FEWEST_DAYS, MOST_DAYS, MOST_LOOKS = 7, 180, 6
FIRST_LOOK_DAY = 7
FIRST_METRIC, FIRST_GUARDRAIL = "modules_completed", "ctr"
KEY_MOST = 60  # characters: the salt is made of the key, and has 64
LARGEST = 1e9  # of a metric, in its unit
ADDRESSES = frozenset({"", "new", "outside"})  # of pages, so of no experiment

ATTRIBUTE = RegexValidator(
    r"^[A-Za-z][A-Za-z0-9_.-]*$", gettext_lazy("Use the name your platform sends: country.")
)
NAME = RegexValidator(
    r"^[a-z0-9][a-z0-9-]*$", gettext_lazy("Use small letters, digits and dashes: short-first.")
)


class PlanForm(forms.Form):
    """A plan on one page: what and why, how it is measured, who and how long."""

    title = forms.CharField(max_length=200)
    key = forms.CharField(required=False, max_length=KEY_MOST, validators=[NAME])
    hypothesis = forms.CharField(max_length=1000)
    serves = forms.CharField(max_length=500)
    control = forms.CharField(max_length=40, initial="control", validators=[NAME])
    variant = forms.CharField(max_length=40, initial="new", validators=[NAME])
    primary_metric = forms.ChoiceField(initial=FIRST_METRIC)
    mde_percent = forms.FloatField(min_value=0.1, max_value=500, initial=5)
    guardrails = forms.MultipleChoiceField(required=False, initial=[FIRST_GUARDRAIL])
    margin_percent = forms.FloatField(min_value=0.1, max_value=20, initial=10)
    decision_rule = forms.CharField(max_length=500)
    interleaved = forms.BooleanField(required=False)
    ranker = forms.ChoiceField(required=False)
    surfaces = forms.MultipleChoiceField(initial=list(SURFACES)[:1])
    share_percent = forms.FloatField(min_value=1, max_value=100, initial=100)
    days = forms.IntegerField(min_value=FEWEST_DAYS, max_value=MOST_DAYS, initial=28)
    looks = forms.IntegerField(min_value=1, max_value=MOST_LOOKS, initial=3)
    exploratory = forms.BooleanField(required=False)
    widens_by_itself = forms.BooleanField(required=False, initial=True)
    unit = forms.ChoiceField(choices=[(unit, unit.capitalize()) for unit in UNITS])
    cluster_size = forms.FloatField(required=False, min_value=1, max_value=10_000)
    icc = forms.FloatField(required=False, min_value=0, max_value=1)
    namespace = forms.CharField(required=False, max_length=60, validators=[NAME])
    namespace_from = forms.FloatField(required=False, min_value=0, max_value=100)
    namespace_to = forms.FloatField(required=False, min_value=0, max_value=100)
    baseline_mean = forms.FloatField(required=False, min_value=0, max_value=LARGEST)
    baseline_sd = forms.FloatField(required=False, min_value=0, max_value=LARGEST)
    planned_per_arm = forms.IntegerField(required=False, min_value=1, max_value=10**8)
    for_attribute = forms.CharField(required=False, max_length=60, validators=[ATTRIBUTE])
    for_how = forms.ChoiceField(required=False, choices=list(conditions.HOW.items()))
    for_value = forms.CharField(required=False, max_length=100)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, edited: Plan | None = None
    ) -> None:
        """Offer the metrics and surfaces there are; begin with the plan that is edited."""
        super().__init__(data, initial=_typed(edited) if edited else None)
        self.edited = edited
        named = [(key, metric.title) for key, metric in MEASURED.items()]
        self._choices("primary_metric", named)
        self._choices("guardrails", named)
        self._choices("ranker", two_rankers.offered())
        self._choices("surfaces", [(key, place.sentence) for key, place in SURFACES.items()])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Make the key of a new plan from its title, and keep the primary metric out of guards."""
        cleaned = self.cleaned_data
        if self.edited is not None:
            cleaned["key"] = self.edited.key
        elif not cleaned.get("key") and "key" not in self.errors:
            cleaned["key"] = slugify(cleaned.get("title", ""))[:KEY_MOST].strip("-")
        if cleaned.get("key") in ADDRESSES:
            self.add_error("key", gettext("Give it a short name of letters and digits."))
        if cleaned.get("primary_metric") in cleaned.get("guardrails", ()):
            cleaned["guardrails"].remove(cleaned["primary_metric"])
        self._clean_whom(cleaned)
        if cleaned.get("control") and cleaned.get("control") == cleaned.get("variant"):
            self.add_error("variant", gettext("The two arms need two names."))
        if cleaned.get("interleaved") and not cleaned.get("ranker"):
            self.add_error("ranker", gettext("Choose the ranker that is tried."))
        return cleaned

    def _clean_whom(self, cleaned: dict[str, Any]) -> None:
        """Complain of half a condition, and of a number that is none."""
        said = (cleaned.get("for_attribute", ""), cleaned.get("for_value", ""))
        if any(said) and not all(said):
            self.add_error("for_value", gettext("Say both: which attribute, and which value."))
        elif all(said) and not conditions.is_fitting(self._whom(cleaned)):
            self.add_error("for_value", gettext("Here it takes a number."))

    def _whom(self, cleaned: Mapping[str, Any]) -> conditions.Whom:
        how = cleaned.get("for_how") or conditions.IS
        return conditions.Whom(cleaned["for_attribute"], how, cleaned["for_value"])

    def _targeting(self, cleaned: Mapping[str, Any]) -> str:
        """Return the condition that is typed; one that no form can show stays as it is."""
        if cleaned["for_attribute"]:
            return conditions.written(self._whom(cleaned))
        return self.own_condition

    @property
    def own_condition(self) -> str:
        """Return the condition of the edited draft where it says more than this form can."""
        text = self.edited.targeting if self.edited else ""
        return text if text and conditions.read(text) is None else ""

    def refuse(self, error: Exception) -> None:
        """Show what the step itself found wrong."""
        self.add_error(None, ValidationError(str(error)))

    def plan(self) -> Plan:
        """Return the plan of a valid form; its baseline and its size are 0 where left empty."""
        cleaned = self.cleaned_data
        share = cleaned["share_percent"] / PERCENT / 2
        guardrails = tuple(cleaned["guardrails"])
        written = Plan(
            key=cleaned["key"],
            title=cleaned["title"],
            hypothesis=cleaned["hypothesis"],
            surfaces=tuple(cleaned["surfaces"]),
            primary_metric=cleaned["primary_metric"],
            guardrails=guardrails,
            mde=cleaned["mde_percent"] / PERCENT,
            baseline_mean=cleaned["baseline_mean"] or 0.0,
            baseline_sd=cleaned["baseline_sd"] or 0.0,
            planned_per_arm=cleaned["planned_per_arm"] or 0,
            look_days=look_days(cleaned["days"], cleaned["looks"]),
            variants=(cleaned["control"], cleaned["variant"]),
            shares=(share, share),
            salt=f"{cleaned['key']}:1",
            exploratory=cleaned["exploratory"],
            serves=cleaned["serves"],
            decision_rule=cleaned["decision_rule"],
            margins=(cleaned["margin_percent"] / PERCENT,) * len(guardrails),
            widens_by_itself=cleaned["widens_by_itself"],
            unit=cleaned["unit"],
            cluster_size=cleaned["cluster_size"] or 1.0,
            icc=cleaned["icc"] or 0.0,
            namespace=cleaned["namespace"],
            namespace_from=(cleaned["namespace_from"] or 0.0) / PERCENT,
            namespace_to=(cleaned["namespace_to"] or PERCENT) / PERCENT,
            targeting=self._targeting(cleaned),
        )
        if cleaned["interleaved"]:
            written = two_rankers.in_one_list(written, cleaned["ranker"])
        return _over(self.edited, written) if self.edited else written


_ASKED = (
    "title",
    "hypothesis",
    "surfaces",
    "primary_metric",
    "guardrails",
    "mde",
    "baseline_mean",
    "baseline_sd",
    "planned_per_arm",
    "look_days",
    "variants",
    "shares",
    "exploratory",
    "serves",
    "decision_rule",
    "margins",
    "widens_by_itself",
    "unit",
    "cluster_size",
    "icc",
    "namespace",
    "namespace_from",
    "namespace_to",
    "design",
    "targeting",
)


def _over(edited: Plan, written: Plan) -> Plan:
    """Return the draft with what the form asks for; what it does not ask for stays."""
    asked = {name: getattr(written, name) for name in _ASKED}
    if edited.design != written.design:
        asked["ramp"] = written.ramp
    as_long = (edited.look_days[-1], len(edited.look_days))
    if as_long == (written.look_days[-1], len(written.look_days)):
        asked["look_days"] = edited.look_days  # also where somebody spread them by hand
    return replace(edited, **asked)


def look_days(days: int, looks: int) -> tuple[int, ...]:
    """Return the days of the looks: spread from the first week on, the last on the last day."""
    first = min(FIRST_LOOK_DAY, days / looks)
    gap = (days - first) / max(looks - 1, 1)
    return (*(round(first + gap * number) for number in range(looks - 1)), days)


def _typed(plan: Plan) -> dict[str, object]:
    """Return a plan as it would have been typed."""
    return {
        "title": plan.title,
        "key": plan.key,
        "hypothesis": plan.hypothesis,
        "serves": plan.serves,
        "control": plan.variants[0],
        "variant": plan.variants[1],
        "interleaved": plan.interleaved,
        "ranker": plan.variants[1],
        "primary_metric": FIRST_METRIC if plan.interleaved else plan.primary_metric,
        "mde_percent": round(plan.mde * PERCENT, 3),
        "guardrails": list(plan.guardrails),
        "margin_percent": round(plan.margin(plan.guardrails[0]) * PERCENT, 3)
        if plan.guardrails
        else 10,
        "decision_rule": plan.decision_rule,
        "surfaces": list(plan.surfaces),
        "share_percent": round(sum(plan.shares) * PERCENT, 3),
        "days": plan.look_days[-1],
        "looks": len(plan.look_days),
        "exploratory": plan.exploratory,
        "widens_by_itself": plan.widens_by_itself,
        "unit": plan.unit,
        "cluster_size": plan.cluster_size,
        "icc": plan.icc,
        "namespace": plan.namespace,
        "namespace_from": round(plan.namespace_from * PERCENT, 3),
        "namespace_to": round(plan.namespace_to * PERCENT, 3),
        "baseline_mean": plan.baseline_mean or None,
        "baseline_sd": plan.baseline_sd or None,
        "planned_per_arm": plan.planned_per_arm or None,
        **conditions.typed(plan.targeting),
    }
