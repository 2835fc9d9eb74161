"""What does a campaign say, in each language, and how does a learner read it? (L5)"""

from collections.abc import Mapping
from datetime import UTC

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from personalize.experience.nudges.words import Words
from personalize.models import Campaign
from signals import catalogue
from signals.data import CourseInfo, ModuleInfo

FALLBACK = "en"
WORDS_MOST = 40
LETTERS_MOST = 400
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


def first_texts(kind: str, course: CourseInfo, module: ModuleInfo, number: int) -> dict[str, str]:
    """Return what the agent would say about one place of a course, by language."""
    fill = {"course": course.title, "number": number, "minutes": max(module.minutes, 1)}
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            said = {
                "stuck": gettext(
                    "Module %(number)d of %(course)s is where many pause."
                    " It takes %(minutes)d minutes; here it is again."
                ),
                "not_begun": gettext(
                    "You enrolled in %(course)s. The first module takes %(minutes)d minutes."
                ),
                "not_passed": gettext(
                    "The quiz of module %(number)d of %(course)s is not passed yet."
                    " Reading the module again takes %(minutes)d minutes."
                ),
            }
            found[language] = said[kind] % fill
    return found


def faults(texts: Mapping[str, str]) -> str:
    """Return what is wrong with texts, empty where nothing is."""
    if not texts.get(FALLBACK, "").strip():
        return "Say it in English at least: who has no text of their language reads that."
    for language, text in texts.items():
        if len(text.split()) > WORDS_MOST or len(text) > LETTERS_MOST:
            return f"Say it in {WORDS_MOST} words at most ({language})."
    return ""


def words(campaign: Campaign) -> Words | None:
    """Return a campaign as a learner reads it now; None where its course or lesson is gone."""
    course = catalogue.courses().get(campaign.course_id)
    modules = {module.module_id: module for module in catalogue.modules(campaign.course_id)}
    if course is None or campaign.module_id not in modules:
        return None
    text = campaign.texts.get(get_language() or FALLBACK) or campaign.texts[FALLBACK]
    href = reverse("experience:module", args=[course.slug, campaign.module_id])
    return Words(
        heading=text,
        about=course.title,
        short=gettext("A message from the team"),
        after=_with_it(campaign),
        why=(gettext("The team wrote this to everybody who stands where you do in this course"),),
        used=gettext("Where you stand in this course"),
        not_used=gettext("Searches, video pauses, messages, anything you look at"),
        action=gettext("Continue"),
        href=f"{href}?referrer=nudge",
        share=0.0,
        course=course.title,
        field=course.field,
    )


def _with_it(campaign: Campaign) -> str:
    """Return what is offered beside the lesson: courses, and a live session."""
    offered = catalogue.courses(campaign.bundle)
    found = [
        gettext("Also for it: %(course)s.") % {"course": course.title}
        for course in (offered.get(course_id) for course_id in campaign.bundle)
        if course is not None
    ]
    if campaign.session and campaign.session_at is not None:
        when = date_format(campaign.session_at.astimezone(UTC), "DATETIME_FORMAT")
        said = {"when": when, "where": campaign.session}
        found.append(gettext("Live session: %(when)s UTC, %(where)s.") % said)
    elif campaign.session:
        found.append(gettext("Live session: %s.") % campaign.session)
    return " ".join(found)
