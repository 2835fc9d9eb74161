"""Which kind of signal is a verb of xAPI, and who may say so? (L1)"""

from collections.abc import Collection
from datetime import datetime

from signals.capture.xapi import mapping, unmapped, verbs
from signals.data import Actor, HiddenVerbs, NewVerbRule, UnmappedRow, VerbPreview, VerbRuleRow


def verb_rules() -> tuple[VerbRuleRow, ...]:
    """Return which kind statements of xAPI become, by verb."""
    return verbs.listed()


def unmapped_verbs() -> tuple[UnmappedRow, ...]:
    """Return the verbs no rule knows that ten learners used, most frequent first."""
    return unmapped.rows()


def hidden_verbs() -> tuple[HiddenVerbs, ...]:
    """Return by source how many verbs no rule knows fewer learners used: no word of theirs."""
    return unmapped.hidden()


def may_change_verbs(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may say which kind a verb is."""
    return bool(verbs.MAY_CHANGE.intersection(roles))


def preview_verb_rule(actor: Actor, rule: NewVerbRule) -> VerbPreview:
    """Return what a rule would make of the newest statements; errors as `set_verb_rule`."""
    return mapping.preview(actor, rule)


def set_verb_rule(actor: Actor, rule: NewVerbRule, *, reason: str, now: datetime) -> None:
    """Make or change a rule, in force everywhere within five seconds.

    Raises PermissionError, and django.core.exceptions.ValidationError, which names the fields.
    """
    verbs.set_rule(actor, rule, reason=reason, now=now)


def drop_verb_rule(
    actor: Actor, *, verb: str, activity_type: str, reason: str, now: datetime
) -> None:
    """Forget a rule: its verb counts as unmapped again. LookupError where there is none."""
    verbs.drop_rule(actor, verb=verb, activity_type=activity_type, reason=reason, now=now)
