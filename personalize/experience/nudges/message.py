"""What does the e-mail of a reminder look like? (L5) One message, one action, nothing remote.

It stops with one click of the mail program's own button (RFC 8058) or of the link in it, without
signing in. No picture is loaded and no link is counted.
"""

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language_bidi, gettext

from personalize.experience.nudges.words import Words
from personalize.models import Reminder, ReminderChoice

SALT = "reminders.stop"


def stop_link(learner_id: int) -> str:
    """Return the address that stops a learner's reminders, signed; it holds as long as the key."""
    token = signing.dumps(learner_id, salt=SALT)
    return absolute(reverse("experience:nudges-stop", args=[token]))


def learner_of_link(token: str) -> int | None:
    """Return whose link it is; None where it was not made here."""
    try:
        return int(signing.loads(token, salt=SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return None


def absolute(path: str) -> str:
    """Return a local address as an e-mail must give it."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def build(
    row: Reminder, choice: ReminderChoice, spoken: Words, *, to: str
) -> EmailMultiAlternatives:
    """Return the message: plain text, and the same as HTML."""
    stop = stop_link(row.learner_id)
    context = {
        "words": spoken,
        "choice": choice,
        "often": often(choice),
        "href": absolute(spoken.href),
        "stop": stop,
        "settings": absolute(reverse("experience:nudges")),
        "percent": round(100 * spoken.share),
        "rtl": get_language_bidi(),
    }
    sent = EmailMultiAlternatives(
        subject=" ".join(spoken.short.split()),  # a title may be of several lines, a header not
        body=render_to_string("mail/nudge.txt", context),
        to=[to],
        headers={
            "Message-ID": f"<{row.pk}@{_domain()}>",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    sent.attach_alternative(render_to_string("mail/nudge.html", context), "text/html")
    return sent


def often(choice: ReminderChoice) -> str:
    """Return how many come at most, as their reader chose."""
    return {
        "month": gettext("At most 1 a month."),
        "week": gettext("At most 1 a week."),
        "twice": gettext("At most 2 a week."),
    }.get(choice.at_most, "")


def _domain() -> str:
    return str(settings.DEFAULT_FROM_EMAIL).rstrip(">").rpartition("@")[2] or "localhost"
