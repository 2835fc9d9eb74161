"""People at the controls: what does an entry of the ledger say, in words? Pure.

An identifier stands beside its words, small: who looks for an entry types it.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from controltower.views.experiments import log

WHO: Mapping[str, str | Promise] = {
    "system": gettext_lazy("The product itself"),
    "learner": gettext_lazy("A learner"),
    "source": gettext_lazy("The platform"),
}
WORDS: Mapping[str, str | Promise] = {
    **log.WORDS,
    "experiment.holdout": gettext_lazy("changed how many a surface leaves out"),
    "experiment.excluded": gettext_lazy("left a learner out of an experiment"),
    "admin.added": gettext_lazy("added a row in the admin"),
    "admin.changed": gettext_lazy("changed a row in the admin"),
    "admin.deleted": gettext_lazy("deleted a row in the admin"),
    "agent.changed": gettext_lazy("changed an agent"),
    "alert.silenced": gettext_lazy("silenced an alert"),
    "brief.draft": gettext_lazy("wrote a brief"),
    "brief.reviewed": gettext_lazy("reviewed a brief"),
    "brief.claimed": gettext_lazy("took on the course of a brief"),
    "brief.published": gettext_lazy("published the course of a brief"),
    "brief.measured": gettext_lazy("measured what a brief brought"),
    "brief.dropped": gettext_lazy("dropped a brief"),
    "campaign.approved": gettext_lazy("approved a campaign"),
    "campaign.declined": gettext_lazy("declined a campaign"),
    "campaign.edited": gettext_lazy("changed a campaign"),
    "campaign.stopped": gettext_lazy("stopped a campaign"),
    "catalogue.corrected": gettext_lazy("put right what the catalogue says of a course"),
    "catalogue.correction_undone": gettext_lazy("undid what was put right of a course"),
    "catalogue.imported": gettext_lazy("took in a catalogue of courses"),
    "consent.personalization": gettext_lazy("changed personalization for a learner"),
    "consent.fine_grained": gettext_lazy("changed consent to fine details"),
    "consent.inferred": gettext_lazy("changed consent to inferences"),
    "consent.gpc": gettext_lazy("took in Global Privacy Control"),
    "curated.placed": gettext_lazy("put a course on the edited list"),
    "curated.removed": gettext_lazy("took a course off the edited list"),
    "drift.taken": gettext_lazy("took over an alert of drift"),
    "flag.switched": gettext_lazy("turned an off-switch"),
    "history.imported": gettext_lazy("took in what learners did before"),
    "key.created": gettext_lazy("made a key"),
    "key.made": gettext_lazy("made a key"),
    "key.revoked": gettext_lazy("revoked a key"),
    "kpi.target_set": gettext_lazy("set the target of a key figure"),
    "learner.age_band": gettext_lazy("set the age band of a learner"),
    "learner.erased": gettext_lazy("erased a learner"),
    "learner.exported": gettext_lazy("gave a learner their copy"),
    "learner.history_deleted": gettext_lazy("deleted the history of a learner"),
    "learner.key_destroyed": gettext_lazy("destroyed the key of a learner"),
    "learner.named": gettext_lazy("named a learner"),
    "learner.reset": gettext_lazy("reset the recommendations of a learner"),
    "metadata.accepted": gettext_lazy("accepted a proposal for a course"),
    "metadata.rejected": gettext_lazy("rejected a proposal for a course"),
    "metadata.undone": gettext_lazy("took back a decision on a proposal for a course"),
    "model.canary_started": gettext_lazy("gave a model to some learners"),
    "model.canary_stopped": gettext_lazy("took a model back from some learners"),
    "model.challenges": gettext_lazy("let a model challenge the one in use"),
    "model.promoted": gettext_lazy("put a model in use"),
    "model.refused": gettext_lazy("refused a model"),
    "model.replaced": gettext_lazy("replaced a model"),
    "model.rolled_back": gettext_lazy("took the model before back into use"),
    "model.target_set": gettext_lazy("set the target of a model figure"),
    "override.approved": gettext_lazy("approved a change to lists"),
    "override.asked": gettext_lazy("asked for a change to lists"),
    "override.boost": gettext_lazy("boosted a course"),
    "override.refused": gettext_lazy("refused a change to lists"),
    "override.ended": gettext_lazy("ended a change to lists whose time was over"),
    "override.lapsed": gettext_lazy("let a change to lists lapse that nobody approved"),
    "override.withdrawn": gettext_lazy("withdrew a change to lists"),
    "objectives.asked": gettext_lazy("asked for other aims of lists"),
    "objectives.changed": gettext_lazy("changed the aims of lists"),
    "objectives.approved": gettext_lazy("approved other aims of lists"),
    "objectives.refused": gettext_lazy("refused other aims of lists"),
    "objectives.undone": gettext_lazy("took back other aims of lists"),
    "objectives.withdrawn": gettext_lazy("withdrew other aims of lists"),
    "objectives.ended": gettext_lazy("ended aims of lists whose time was over"),
    "objectives.lapsed": gettext_lazy("let aims of lists lapse that nobody approved"),
    "override.hide": gettext_lazy("hid a course"),
    "override.lower": gettext_lazy("lowered a course"),
    "override.pin": gettext_lazy("pinned a course"),
    "override.undone": gettext_lazy("undid a change to lists"),
    "password.changed": gettext_lazy("changed a password"),
    "password.reset": gettext_lazy("set a new password by a link"),
    "quarantine.replayed": gettext_lazy("took refused events in again"),
    "register.assigned": gettext_lazy("made somebody the owner of a feature"),
    "reminders.limits": gettext_lazy("changed the limits of reminders"),
    "reminders.mail_off": gettext_lazy("switched reminders by e-mail off"),
    "reminders.mail_on": gettext_lazy("switched reminders by e-mail on"),
    "reminders.stopped": gettext_lazy("stopped all reminders"),
    "roles.told": gettext_lazy("took roles from the school's sign-in"),
    "second_factor.codes_renewed": gettext_lazy("made new recovery codes"),
    "second_factor.enrolled": gettext_lazy("set up a second step"),
    "second_factor.locked": gettext_lazy("was locked out at the second step"),
    "second_factor.recovered": gettext_lazy("came in with a recovery code"),
    "second_factor.removed": gettext_lazy("took a second step away"),
    "sign_in.ended": gettext_lazy("signed an account out everywhere"),
    "sign_in.ended_elsewhere": gettext_lazy("signed themselves out everywhere else"),
    "source.objective": gettext_lazy("changed what is promised of a source"),
    "source.origins": gettext_lazy("changed from where pages may send"),
    "source.profile": gettext_lazy("changed what is kept of a source"),
    "verb.mapped": gettext_lazy("gave statements with a verb a kind"),
    "verb.unmapped": gettext_lazy("took the kind of a verb away"),
}


def who(actor: str) -> str:
    """Return who acted: staff by name, learners and the product by what they are."""
    kind, _, name = actor.partition(":")
    if kind == "staff":
        return name or gettext("not recorded")
    return str(WHO.get(kind, actor))


def did(action: str) -> str:
    """Return what was done; an action without words in its own, apart."""
    said = WORDS.get(action)
    return str(said) if said else action.replace("_", " ").replace(".", ": ")
