"""How is the age told of what a pick is based on? (L5) In words, beside how much there is of it."""

from django.utils.translation import gettext, ngettext

TODAY, LONG_AGO = 1.0, 90.0  # days; what is longer ago than that counts noticeably less
MONTH = 30.0
MONTHS_FROM = 60.0


def newest(courses: int, days: float | None) -> str:
    """Return ", the newest from 12 days ago", nothing where the age is not known."""
    if days is None:
        return ""
    told = _ago(days)
    said = gettext(", the newest from %s") if courses > 1 else gettext(", from %s")
    words = said % told
    if days >= LONG_AGO:
        words += gettext("; so long ago, it counts less")
    return words


def _ago(days: float) -> str:
    if days < TODAY:
        return gettext("the last 24 hours")
    if days < MONTHS_FROM:
        return ngettext("%d day ago", "%d days ago", int(days)) % int(days)
    months = round(days / MONTH)
    return ngettext("%d month ago", "%d months ago", months) % months
