"""People at the controls: which step of an experiment may this person take now, and with what?"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from experiments import api as experiments
from experiments.data import ExperimentInfo, Finding
from signals.data import Actor

KEEP = "keep"
CHECKED = frozenset({"draft", "registered", "approved", "paused"})  # has the gates before it


@dataclass(frozen=True, slots=True)
class Words:
    """How a step is asked for: its name, what it does, its button, and whether it needs why.

    button is the name where it says enough; done is what is said once the step was taken.
    """

    title: str | Promise
    does: str | Promise
    button: str | Promise = ""
    done: str | Promise = ""
    tone: str = ""
    reason: bool = True


WORDS = {
    "edit": Words(
        gettext_lazy("Change the draft"),
        gettext_lazy("Every version is kept, with who wrote it."),
        reason=False,
    ),
    "register": Words(
        gettext_lazy("Freeze the plan"),
        gettext_lazy(
            "From then on nothing of it can be changed. A second person approves it before it "
            "starts."
        ),
        button=gettext_lazy("Freeze and register"),
        done=gettext_lazy("Frozen. A second person approves it next."),
        tone="p",
        reason=False,
    ),
    "approve": Words(
        gettext_lazy("Approve the plan"),
        gettext_lazy("You stand in for it beside whoever wrote it; it starts after that."),
        button=gettext_lazy("Approve"),
        done=gettext_lazy("Approved. It may be started."),
        tone="p",
    ),
    "start": Words(
        gettext_lazy("Start"),
        gettext_lazy("Learners are taken in from now on, for as long as planned."),
        button=gettext_lazy("Start the experiment"),
        done=gettext_lazy("Started. The first look comes as planned."),
        tone="p",
        reason=False,
    ),
    "resume": Words(
        gettext_lazy("Go on"),
        gettext_lazy("Whoever was in comes back to the arm they were in."),
        button=gettext_lazy("Go on with it"),
        done=gettext_lazy("It goes on."),
        tone="p",
    ),
    "widen": Words(
        gettext_lazy("Open it to more"),
        gettext_lazy("To the next share of the plan. Nobody who is in is moved."),
        done=gettext_lazy("Opened to more learners. Nobody who was in is moved."),
        tone="p",
        reason=False,
    ),
    "narrow": Words(
        gettext_lazy("Go back to fewer"),
        gettext_lazy("Fewer new learners are taken in. Nobody who is in is moved."),
        button=gettext_lazy("Go back"),
        done=gettext_lazy("Fewer learners are taken in. Nobody who was in is moved."),
    ),
    "stop": Words(
        gettext_lazy("Stop and roll back"),
        gettext_lazy(
            "Everybody sees the control again, within seconds. No look is taken any more; then "
            "it is decided."
        ),
        done=gettext_lazy("Stopped. Everybody sees the control again; decide it next."),
        tone="d",
    ),
    "stop-well": Words(
        gettext_lazy("Stop, and decide"),
        gettext_lazy(
            "No look is taken any more and everybody sees the control, until the decision to ship "
            "is recorded."
        ),
        button=gettext_lazy("Stop it"),
        tone="p",
    ),
    "pause": Words(
        gettext_lazy("Pause"),
        gettext_lazy("Everybody sees the control for now. The looks stay as planned."),
        done=gettext_lazy("Paused. Everybody sees the control."),
    ),
    "approve-shipping": Words(
        gettext_lazy("Approve shipping all the same"),
        gettext_lazy(
            "The look cannot rule out a loss. As the second approver you stand in for shipping it."
        ),
        button=gettext_lazy("Approve shipping"),
        done=gettext_lazy("Approved. It may be shipped."),
    ),
    "decide": Words(
        gettext_lazy("Record the decision"),
        gettext_lazy("It is kept with your name and the reason, and cannot be changed."),
        button=gettext_lazy("Record decision"),
        done=gettext_lazy("The decision is kept, and in the ledger."),
        tone="p",
    ),
    "answer": Words(
        gettext_lazy("The decision is open again"),
        gettext_lazy("A later reading speaks against what was shipped. Keep it, or take it back."),
        button=gettext_lazy("Record the answer"),
        done=gettext_lazy("The answer is kept, and in the ledger."),
        tone="p",
    ),
    "archive": Words(
        gettext_lazy("Archive"),
        gettext_lazy("It leaves the list of what is open. Nothing of it is deleted."),
        done=gettext_lazy("Archived."),
    ),
}
VERDICTS = {
    "ship": gettext_lazy("Ship: everybody gets it"),
    "roll back": gettext_lazy("Roll back: everybody keeps what there was"),
    "extend": gettext_lazy("Extend: register a longer run"),
    "invalid": gettext_lazy("Invalid: nothing may be read from it"),
    "review": gettext_lazy("Review: people look at it once more"),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that was asked for and refused: why, and what had been typed."""

    step: str
    sentence: str
    reason: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the page offers it; why_not stands in place of its form."""

    name: str
    words: Words
    why_not: str
    refused: Refused | None

    @property
    def first(self) -> bool:
        """Say whether it leads on: its form stands open."""
        return self.words.tone != "" or self.refused is not None


@dataclass(frozen=True, slots=True)
class Choice:
    """A verdict that may be chosen, in words."""

    verdict: str
    title: str | Promise
    why_not: str


@dataclass(frozen=True, slots=True)
class Asked:
    """All that may be asked of an experiment by one person; lost is a refusal without a form."""

    steps: tuple[Step, ...]
    choices: tuple[Choice, ...]
    shares: tuple[float, ...]  # it may go back to
    findings: tuple[Finding, ...]
    checked: bool
    lost: Refused | None


def asked(
    actor: Actor,
    info: ExperimentInfo,
    *,
    now: datetime,
    refused: Refused | None,
    well: bool,
) -> Asked:
    """Return the steps that may follow, what stands in their way, and what was refused.

    well: the last look says to ship, so a stop is no rolling back.
    """
    steps = tuple(
        Step(step.name, _words(step.name, well=well), step.why_not, _of(refused, step.name))
        for step in experiments.next_steps(actor, key=info.key, now=now)
    )
    checked = info.state in CHECKED
    offered = {step.name for step in steps}
    return Asked(
        steps=steps,
        choices=tuple(
            Choice(choice.verdict, VERDICTS[choice.verdict], choice.why_not)
            for choice in experiments.verdict_choices(actor, key=info.key)
        ),
        shares=experiments.smaller_shares(info.key),
        findings=experiments.findings(info.key, now=now) if checked else (),
        checked=checked,
        lost=refused if refused and refused.step not in offered else None,
    )


def _words(step: str, *, well: bool) -> Words:
    return WORDS["stop-well" if step == "stop" and well else step]


def _of(refused: Refused | None, step: str) -> Refused | None:
    return refused if refused and refused.step == step else None
