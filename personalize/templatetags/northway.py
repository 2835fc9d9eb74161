"""L5: the small drawn parts of every page: icons, covers, bars and durations."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from personalize.experience import art, cards, prose, skill_words

register = template.Library()

BARS = 4  # of the match
ICONS = {  # our own, on a grid of 24, stroke 1.9
    "alert": "M12 4L2.8 20h18.4zM12 10v4.500M12 17.200v.1",
    "arrow": "M5 12h13M13 6.500L18.500 12 13 17.500",
    "chart": "M4 20V4M4 20h16M8 16l4-5 3 2.500L20 7",
    "calendar": "M5 6h14v14H5zM5 10.500h14M9 3.500v4M15 3.500v4",
    "chat": "M4.500 5.500h15v10.500h-8.500L7 19.500V16H4.500z",
    "check": "M5 12.500l4.500 4.500L19 7.500",
    "clock": "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM12 8v4.500l3 2",
    "plus": "M12 5v14M5 12h14",
    "compass": "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17z"
    "M15.500 8.500l-2 5-5 2 2-5z",
    "save": "M12 4v11M7 11l5 5 5-5M5 20h14",
    "swap": "M5 8h13M14.500 4.500L18 8l-3.500 3.500M19 16H6M9.500 12.500L6 16l3.500 3.500",
    "trash": "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
    "doc": "M6.500 3.500h7.500l4 4v13h-11.500zM14 3.500V8h4M9.500 12.500h5.500M9.500 16h5.500",
    "down": "M12 5v13M6.500 13l5.500 5.500L17.500 13",
    "flask": "M9 4h6M10 4v6l-5 9.500h14L14 10V4M7.800 15h8.400",
    "flag": "M6 21V4M6 4.500h12l-3 4.300 3 4.300H6",
    "gap": "M4 20h16M6 20v-5h3v5M11 20V9h3v11M16 20V4h3v16",
    "home": "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
    "info": "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM12 11v5.500M12 7.600v.1",
    "key": "M15 4a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM11.500 12.500L4 20M7 17l2.500 2.500",
    "link": "M9.500 14.500l5-5M8 11l-2.500 2.500a3.500 3.500 0 0 0 5 5L13 16"
    "M16 13l2.500-2.500a3.500 3.500 0 0 0-5-5L11 8",
    "lock": "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
    "map": "M6 19a2.500 2.500 0 1 0 0-.01M18 5a2.500 2.500 0 1 0 0-.01"
    "M8.500 19H15a3.500 3.500 0 0 0 0-7H9a3.500 3.500 0 0 1 0-7h6.500",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "off": "M3 3l18 18M10.600 5.200A10 10 0 0 1 22 12a14 14 0 0 1-2.600 3.300"
    "M6.600 6.800A14 14 0 0 0 2 12a10.500 10.500 0 0 0 14.500 5.400",
    "pause": "M8 5v14M16 5v14",
    "play": "M8 5l11 7-11 7z",
    "print": "M7 9V4h10v5M7 17H4.500V9.500h15V17H17M7 14.500h10V20H7z",
    "radar": "M12 12l6-6M12 3.500a8.500 8.500 0 1 0 8.500 8.500M12 8a4 4 0 1 0 4 4",
    "search": "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16.200 16.200L21 21",
    "file": "M6 3h8l4 4v14H6zM14 3v5h4M9 12h6M9 16h6",
    "scale": "M12 4v16M8 20h8M5 7h14M5 7l-2.500 6h5zM19 7l-2.500 6h5z",
    "shield": "M12 3l8 3v6c0 5-3.500 8-8 9.500C7.500 20 4 17 4 12V6z",
    "sliders": "M5 8h8M17 8h2M5 16h2M11 16h8M15 5.800a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 "
    "0-4.400zM9 13.800a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 0-4.400z",
    "undo": "M9 7L4.500 11.500 9 16M5 11.500h9a5 5 0 0 1 0 10h-2",
    "up": "M12 19V6M6.500 11L12 5.500 17.500 11",
    "users": "M9 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM3 20c0-4 2.500-6 6-6s6 2 6 6"
    "M16 5.500a3 3 0 0 1 0 6M17.500 14.500c2.500.6 3.500 2.500 3.500 5.500",
    "x": "M6 6l12 12M18 6L6 18",
}

POINTING = frozenset({"arrow", "undo"})  # on or back: the other way where text runs leftwards


@register.simple_tag
def icon(name: str, size: int = 20, css: str = "") -> SafeString:
    """Return a decorative icon; the words beside it say the same. Raises KeyError when unknown."""
    return format_html(
        '<svg class="{}" width="{}" height="{}" viewBox="0 0 24 24" fill="none" '
        'stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" '
        'aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        " ".join(filter(None, ("ic", "to" if name in POINTING else "", css))),
        size,
        size,
        ICONS[name],
    )


@register.filter
def skill(name: str) -> str:
    """Return the name of a skill as it stands alone."""
    return skill_words.as_a_name(name)


@register.simple_tag
def cover(course_id: int, field: str = "") -> SafeString:
    """Return the cover of a course: its own lines, in the colour of its field."""
    return mark_safe(art.cover(course_id, art.tone(field)))  # noqa: S308  numbers and our own text


@register.simple_tag
def hills(width: int = 900, height: int = 900) -> SafeString:
    """Return the contour lines of the map behind the sign-in."""
    return mark_safe(art.hills(width, height))  # noqa: S308  numbers and our own text


@register.simple_tag
def match(bars: int) -> SafeString:
    """Return the bars of a match; the word for it stands beside them."""
    rects = "".join(
        f'<rect{" class=on" if i < bars else ""} x="{9 * i}" y="{12 - 4 * i}" width="6" '
        f'height="{4 + 4 * i}" rx="1.5"/>'
        for i in range(BARS)
    )
    svg = '<svg class="match" width="34" height="16" viewBox="0 0 34 16" aria-hidden="true" '
    return mark_safe(f'{svg}focusable="false">{rects}</svg>')  # noqa: S308  numbers only


@register.simple_tag
def bar(share: float, label: str = "", css: str = "") -> SafeString:
    """Return a bar filled to share (0..1); read out with a label, decoration without."""
    spoken = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="bar {}" {} preserveAspectRatio="none" focusable="false">'
        '<rect class="t" width="100%" height="100%"/>'
        '<rect class="f" width="{}%" height="100%" rx="4"/></svg>',
        css,
        spoken,
        f"{100 * min(max(share, 0.0), 1.0):.1f}",
    )


@register.filter
def percent(share: float | None, digits: int = 0) -> str:
    """Return a share 0..1 as "41%", nothing as a dash."""
    return "\u2013" if share is None else f"{100 * share:.{digits}f}%"


@register.filter
def get(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """Return the entry of a mapping, nothing where there is none."""
    return mapping.get(key) if isinstance(mapping, Mapping) else None


@register.filter
def choice(code: str) -> str:
    """Return a level or format of the catalogue in words, anything else as it is."""
    return cards.level(code) or cards.form(code) or code


@register.simple_tag
def highlight(text: str, query: str) -> SafeString:
    """Return text with the words of a query marked where they begin a word."""
    words = sorted(set(re.findall(r"\w{3,}", query.lower())), key=len, reverse=True)
    if not words:
        return format_html("{}", text)
    pieces = re.split(rf"(?i)(\b(?:{'|'.join(map(re.escape, words))})\w*)", text)
    marked = [format_html("<mark>{}</mark>" if i % 2 else "{}", x) for i, x in enumerate(pieces)]
    return mark_safe("".join(marked))  # noqa: S308  every piece is escaped above


@register.filter
def lesson(text: str) -> SafeString:
    """Return the text of a module as HTML: paragraphs, lists and blocks of code."""
    return mark_safe(prose.html(text, places=True))  # noqa: S308  prose escapes what it is given


@register.filter
def phrase(text: str) -> SafeString:
    """Return one sentence of a module as HTML."""
    return mark_safe(prose.phrase(text))  # noqa: S308  prose escapes what it is given


@register.filter
def duration(minutes: int) -> str:
    """Return minutes as people say them: "45 min", "6 h", "1 h 20 min"; empty when unknown."""
    hours, rest = divmod(int(minutes), 60)
    if hours >= 10 and rest:  # ten hours and more are not known to the minute
        hours, rest = hours + round(rest / 60), 0
    spoken = [gettext("%d h") % hours if hours else "", gettext("%d min") % rest if rest else ""]
    return " ".join(part for part in spoken if part).replace(" ", "\u00a0")


@register.simple_tag
def ratio(part: float, whole: float) -> float:
    """Return part of whole as a share, 0 of nothing."""
    return part / whole if whole else 0.0


@register.simple_tag
def count_done(steps: Iterable[Any]) -> int:
    """Return how many of the steps are done."""
    return sum(bool(step.done) for step in steps)
