"""What may a platform send, and what becomes of it? (L5) The published contract, for people."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from personalize.experience.people import learner_of
from signals import api as signals
from signals.data import ContractField, ContractKind, SignalContract, Tier

TIERS = {
    Tier.NEEDED: gettext_lazy("Needed to run a course"),
    Tier.PERSONALIZATION: gettext_lazy("For recommendations"),
    Tier.FINE_GRAINED: gettext_lazy("Fine-grained"),
    Tier.INFERRED: gettext_lazy("Inferred"),
}
DROPPED = {
    Tier.NEEDED: gettext_lazy("Always kept."),
    Tier.PERSONALIZATION: gettext_lazy("Dropped for a learner who switched recommendations off."),
    Tier.FINE_GRAINED: gettext_lazy("Dropped unless the learner agreed; nobody has by default."),
    Tier.INFERRED: gettext_lazy("Dropped unless the learner agreed; nobody has by default."),
}
FATES = {
    "clear": gettext_lazy("kept"),
    "sealed": gettext_lazy("sealed with the learner's own key"),
    "hashed": gettext_lazy("kept as a keyed hash"),
    "whether": gettext_lazy("kept is that it was sent, not what"),
    "no": gettext_lazy("checked, not kept"),
}
ENVELOPE = {
    "id": gettext_lazy("Makes a resend harmless: the same id counts once."),
    "kind": gettext_lazy("One of the kinds below."),
    "learner": gettext_lazy("Your name for the learner. Events hold a random number instead."),
    "occurred_at": gettext_lazy("When it happened, with a time zone."),
    "course": gettext_lazy("The id of the catalogue."),
    "module": gettext_lazy("The id of the catalogue, within the course."),
    "session": gettext_lazy("Any name of a visit."),
    "value": gettext_lazy("The number of the kind."),
    "context": gettext_lazy("What else the kind takes; each of its fields says what is kept."),
}
OBJECT = "object"  # the context: what is kept of it, each kind says


@dataclass(frozen=True, slots=True)
class Line:
    """One field in words."""

    name: str
    required: bool
    takes: str
    kept: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind in words."""

    kind: ContractKind
    places: str
    value: str
    context: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The kinds of one tier."""

    tier: int
    title: str
    basis: str
    dropped: str
    entries: tuple[Entry, ...]


@require_safe
def contract(request: HttpRequest) -> HttpResponse:
    """Show the contract that the doors hold events against."""
    learner_of(request)  # names who is signed in from the session where it must
    told = signals.contract()
    context = {
        "nav": "",
        "contract": told,
        "envelope": [_line(field, ENVELOPE[field.name]) for field in told.envelope],
        "groups": list(_groups(told)),
    }
    return render(request, "experience/contract.html", context)


def _groups(told: SignalContract) -> Iterator[Group]:
    for tier in Tier:
        kinds = [kind for kind in told.kinds if kind.tier == tier]
        if kinds:
            yield Group(
                tier=int(tier),
                title=str(TIERS[tier]),
                basis=kinds[0].legal_basis,
                dropped=str(DROPPED[tier]),
                entries=tuple(map(_entry, kinds)),
            )


def _entry(kind: ContractKind) -> Entry:
    needed = [
        name
        for name, need in (("course", kind.course), ("module", kind.module))
        if need == "required"
    ]
    return Entry(
        kind=kind,
        places=", ".join(needed),
        value=_value(kind),
        context=tuple(map(_line, kind.context)),
    )


def _value(kind: ContractKind) -> str:
    if kind.value_made_here:
        return gettext("made here: -1 back, 1 ahead")
    if kind.value is None:
        return ""
    words = {
        "unit": kind.value.unit,
        "low": f"{kind.value.low:,.0f}",
        "high": f"{kind.value.high:,.0f}",
    }
    told = gettext("%(unit)s, %(low)s to %(high)s") % words
    return told if kind.value.required else gettext("%s, may be missing") % told


def _line(field: ContractField, text: object = "") -> Line:
    return Line(
        name=field.name,
        required=field.required,
        takes=_takes(field),
        kept=str(FATES[field.kept]) if field.type != OBJECT else gettext("field by field"),
        text=str(text),
    )


def _takes(field: ContractField) -> str:
    if field.choices:
        return gettext("one of %s") % ", ".join(field.choices)
    if field.pattern:
        return gettext("text that fits %s") % field.pattern
    if field.type == "text" and field.high is not None:
        return gettext("text of at most %s characters") % f"{field.high:,.0f}"
    if field.high is None:
        return field.type
    words = {"type": field.type, "low": f"{field.low:g}" if field.low is not None else ""}
    words["high"] = f"{field.high:,.0f}"
    if field.above is not None:
        return gettext("%(type)s above %(above)s, to %(high)s") % (
            words | {"above": f"{field.above:g}"}
        )
    return gettext("%(type)s, %(low)s to %(high)s") % words
