"""People at the controls: what was done to an experiment, by whom and why, in words?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from controltower.views.experiments.answers import FIELDS, named
from signals import api as signals
from signals.data import LedgerRow

SHOWN = 100
ABOUT_A_LEARNER = "experiment.excluded"
WORDS: Mapping[str, str | Promise] = {
    "experiment.drafted": gettext_lazy("wrote the plan"),
    "experiment.edited": gettext_lazy("changed the plan"),
    "experiment.registered": gettext_lazy("froze the plan"),
    "experiment.approved": gettext_lazy("approved the plan"),
    "experiment.started": gettext_lazy("started it"),
    "experiment.paused": gettext_lazy("paused it"),
    "experiment.unwatched": gettext_lazy("could not watch it"),
    "experiment.watched": gettext_lazy("could watch it again"),
    "experiment.resumed": gettext_lazy("went on with it"),
    "experiment.widened": gettext_lazy("opened it to more learners"),
    "experiment.narrowed": gettext_lazy("went back to fewer learners"),
    "experiment.stopped": gettext_lazy("stopped it"),
    "experiment.seconded": gettext_lazy("approved shipping all the same"),
    "experiment.decided": gettext_lazy("decided"),
    "experiment.reread": gettext_lazy("read the decision again"),
    "experiment.reopened": gettext_lazy("opened the decision again"),
    "experiment.kept": gettext_lazy("kept what was shipped"),
    "experiment.removed": gettext_lazy("took back what was shipped"),
    "experiment.archived": gettext_lazy("archived it"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the record: who did what, with the reason where one was given."""

    at: datetime
    name: str
    did: str
    said: str
    sequence: int


def entries(key: str) -> list[Entry]:
    """Return what the ledger holds of an experiment, newest first; nothing of learners.

    Who was left out stands in the ledger: here it would tell that there is such a learner.
    """
    rows = signals.ledger_rows(limit=SHOWN, action_prefix="experiment.", subject=key)
    return [
        Entry(row.at, named(row.actor), _did(row), _said(row.detail), row.sequence)
        for row in rows
        if row.action != ABOUT_A_LEARNER
    ]


def _did(row: LedgerRow) -> str:
    return str(WORDS.get(row.action, row.action.partition(".")[2]))


def _said(detail: Mapping[str, object]) -> str:
    """Return verdict, share, changed fields and reason of an entry, and nothing else of it."""
    parts = []
    verdict, share, changed = (detail.get(name) for name in ("verdict", "share", "changed"))
    if isinstance(verdict, str):
        parts.append(verdict)
    if isinstance(share, float | int):
        parts.append(gettext("open to %s of the learners") % f"{share:.0%}")
    if isinstance(changed, Mapping):
        parts.append(", ".join(str(FIELDS.get(name, name.replace("_", " "))) for name in changed))
    for name in ("reason", "evidence", "sentence"):
        text = detail.get(name)
        if isinstance(text, str):
            parts.append(text)
    return " · ".join(parts)
