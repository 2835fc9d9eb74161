"""People at the controls: the small drawn parts of the tower's pages."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from controltower import charts
from controltower.definitions import DEFINITIONS, Definition
from controltower.views.drilldowns.kind import WHEN, Column
from controltower.views.watching import Drifting, SpeedSeen
from personalize.api import BriefDocument, BriefFigure
from personalize.data import ModelRow

register = template.Library()

_MARKS = re.compile(r"[\\`*_{}\[\]()<>#+.!|&~-]")

CENT = 0.01
_WRITTEN: Mapping[str, Callable[[float], str]] = {
    "count": lambda value: f"{value:,.0f}",
    "share": lambda value: f"{value:.1%}",
    "change": lambda value: f"{charts.signed(100 * value, 1)}%",
    "points": lambda value: f"{charts.signed(100 * value, 1)} pts",
    "money": lambda value: f"{value:,.2f}",
    "ms": lambda value: f"{value:,.0f} ms",
    "plain": lambda value: f"{value:.3f}",
}
SHARE = "share"  # the unit of metrics that are counted in percent
SECTIONS = (
    (
        gettext_lazy("Watch"),
        (
            ("overview", gettext_lazy("Overview"), "radar"),
            ("alerts", gettext_lazy("Alerts"), "alert"),
            ("charts", gettext_lazy("Charts"), "chart"),
            ("models", gettext_lazy("Models"), "swap"),
            ("quality", gettext_lazy("Signal quality"), "flag"),
            ("sources", gettext_lazy("Sources"), "save"),
        ),
    ),
    (
        gettext_lazy("Decide"),
        (
            ("boosts", gettext_lazy("Boost and suppress"), "sliders"),
            ("objectives", gettext_lazy("Aims of lists"), "map"),
            ("experiments", gettext_lazy("Experiments"), "flask"),
            ("review", gettext_lazy("Weekly review"), "calendar"),
            ("campaigns", gettext_lazy("Campaigns"), "users"),
            ("nudges", gettext_lazy("Reminders"), "clock"),
            ("agents", gettext_lazy("Agents"), "chat"),
        ),
    ),
    (
        gettext_lazy("Create"),
        (
            ("gaps", gettext_lazy("Demand gaps"), "gap"),
            ("briefs", gettext_lazy("Content briefs"), "doc"),
            ("insights", gettext_lazy("Course insights"), "chart"),
            ("metadata", gettext_lazy("Metadata review"), "menu"),
        ),
    ),
    (
        gettext_lazy("Govern"),
        (
            ("register", gettext_lazy("Register"), "file"),
            ("fairness", gettext_lazy("Fairness"), "scale"),
            ("privacy", gettext_lazy("Privacy"), "shield"),
            ("ledger", gettext_lazy("Ledger"), "link"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the rail."""

    key: str
    title: str
    icon: str
    href: str


@dataclass(frozen=True, slots=True)
class Section:
    """A group of entries under one heading."""

    title: str
    pages: tuple[Page, ...]


@register.simple_tag
def tower_sections(pages: Collection[str]) -> tuple[Section, ...]:
    """Return the rail: what this person may open, under its headings."""
    return tuple(
        Section(
            title=str(title),
            pages=tuple(
                Page(key, str(name), icon, reverse(f"tower:{key}"))
                for key, name, icon in entries
                if key in pages
            ),
        )
        for title, entries in SECTIONS
    )


@register.filter
def iso(value: date | datetime | str | None) -> str:
    """Return a date as date inputs take it; what was typed comes back as it was."""
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else value or ""


@register.filter
def day(value: str | None) -> str:
    """Return a day that is kept in figures (ISO) in words; empty where none is."""
    return date_format(date.fromisoformat(value), "DATE_FORMAT") if value else ""


@register.filter
def spelled(value: object) -> str:
    """Return a detail of the ledger: words as they are, anything with parts as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


@register.filter
def breakable(address: str) -> SafeString:
    """Return an address that a narrow column breaks between its parts."""
    return format_html_join(SafeString("/<wbr>"), "{}", ((part,) for part in address.split("/")))


@register.filter
def unmarked(text: str) -> str:
    """Return a text that people typed as Markdown shows it: no mark of it, and no HTML, works."""
    return _MARKS.sub(r"\\\g<0>", " ".join(text.split()))


@register.filter
def unlocalized(value: float) -> str:
    """Return a number as attributes take it, with a point in every language."""
    return repr(float(value))


@register.filter
def money(amount: float) -> str:
    """Return an amount in the deployment's money, "1.20 EUR"; a little is not said to be none."""
    if 0 < amount < CENT:
        return gettext("under {amount}").format(amount=money(CENT))
    return f"{number_format(amount, 2, force_grouping=True)} {settings.CURRENCY}"


@register.filter
def seconds(milliseconds: int) -> str:
    """Return milliseconds as seconds, with no more digits than they need."""
    return number_format(f"{milliseconds / 1000:g}")


@register.filter
def as_number(said: object) -> float | None:
    """Return the number of a form's field, nothing where somebody typed something else."""
    try:
        return float(str(said))
    except ValueError:
        return None


@register.filter
def absolute(value: float) -> float:
    """Return a number without its sign."""
    return abs(value)


@register.inclusion_tag("tower/means.html")
def means(what: str | Definition) -> dict[str, Definition]:
    """Show a mark that opens what a figure means, its query and its freshness; KeyError."""
    return {"it": DEFINITIONS[what] if isinstance(what, str) else what}


@register.simple_tag
def cell_of(columns: Sequence[Column], place: int, value: object) -> SafeString:
    """Return a cell of a drill-down as its column is written; a dash where nothing is known."""
    write = _WRITTEN.get(columns[place].form)
    if columns[place].form == WHEN:
        moment = datetime.fromisoformat(str(value))
        return format_html("<td>{}</td>", date_format(moment, "SHORT_DATETIME_FORMAT"))
    if value is None or value == "":
        text = "–"  # noqa: RUF001  as everywhere in the tower
    elif write is None or isinstance(value, str):
        text = str(value)
    else:
        text = write(float(str(value)))
    return format_html('<td class="n">{}</td>' if write else "<td>{}</td>", text)


@register.simple_tag
def brief_figure(figure: BriefFigure, document: BriefDocument) -> SafeString:
    """Return a figure of a brief, which leads to its source below; paper shows the number of it."""
    return format_html(
        '<a class="fig num" href="#source-{}" title="{}">{}<sup>{}</sup></a>',
        figure.source,
        document.sources[figure.source].title,
        figure.said,
        document.places()[figure.source],
    )


@register.simple_tag
def brief_text(text: Sequence[str | BriefFigure], document: BriefDocument) -> SafeString:
    """Return a text of a brief: its words, and its figures with their sources."""
    return format_html_join(
        "",
        "{}",
        (
            (brief_figure(part, document) if isinstance(part, BriefFigure) else part,)
            for part in text
        ),
    )


@register.simple_tag
def gates_passed(model: ModelRow) -> int:
    """Return how many gates a version passed."""
    return sum(finding.passed for finding in model.findings)


@register.simple_tag
def fitted_by(model: ModelRow) -> str:
    """Return where a version was fitted: by the product itself, or by a cluster."""
    if model.engine == "local":
        return gettext("fitted here")
    return gettext("fitted on a cluster (%s)") % model.engine.capitalize()


@register.simple_tag
def amount(value: float, unit: str) -> str:
    """Return a mean in its unit: a share in percent, anything else as a number."""
    return f"{100 * value:.1f}%" if unit == SHARE else f"{value:.2f}"


@register.simple_tag
def difference(value: float, unit: str) -> str:
    """Return a difference with its sign: of shares in points, of anything else as a number."""
    if unit == SHARE:
        return gettext("%s pts") % charts.signed(100 * value, 1)
    return charts.signed(value, 2)


@register.simple_tag
def sparkline(spark: charts.Spark | None, track: str = "", label: str = "") -> SafeString | str:
    """Return a small line; read out with a label, decoration without."""
    if spark is None:
        return ""
    css = "eng" if track == charts.ENGAGEMENT else ""
    spoken = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="spk" viewBox="0 0 {} {}" preserveAspectRatio="none" {} focusable="false">'
        '<polygon class="ar {}" points="{}"/>'
        '<polyline class="sp {}" points="{}" vector-effect="non-scaling-stroke"/></svg>',
        charts.SPARK_WIDTH,
        charts.SPARK_HEIGHT,
        SafeString(spoken),
        css,
        spark.area,
        css,
        spark.line,
    )


@register.simple_tag
def limited(one: Drifting) -> SafeString:
    """Return how far a feature moved, with the line of the limit; decoration beside its figure."""
    css = {"drifted": "far", "near": "warn"}.get(one.state, "then")
    return format_html(
        '<svg class="paired" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false"><rect class="rest" y="4" width="100" height="6"/>'
        '<rect class="{}" y="4" width="{}" height="6"/>'
        '<rect class="limit" x="60" y="1" width="0.8" height="12"/></svg>',
        css,
        one.wide,
    )


@register.simple_tag
def histogram(speed: SpeedSeen) -> SafeString:
    """Return the times of lists as bars, with the line of the limit; figures stand below it."""
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1"/>',
        (("late" if one.late else "", one.x, one.y, one.width, one.height) for one in speed.bars),
    )
    return format_html(
        '<svg class="histogram" viewBox="0 0 160 76" role="img" aria-label="{}" focusable="false">'
        '{}<line class="limit" x1="{}" x2="{}" y1="0" y2="58"/><text x="0" y="66">0</text>'
        '<text x="{}" y="66" text-anchor="middle">200 ms</text>'
        '<text x="160" y="66" text-anchor="end">{}</text>'
        '<text x="80" y="75" text-anchor="middle">{}</text></svg>',
        gettext("Lists by the time they took, on an uneven scale; the line marks 200 ms"),
        bars,
        speed.limit_at,
        speed.limit_at,
        speed.limit_at,
        "1 s +",
        gettext("time a list took, in uneven steps; higher: more lists"),
    )


@register.simple_tag
def paired(then: float, now: float, far: bool) -> SafeString:
    """Return two bars, one above the other, on a grid of 100; decoration beside their figures."""
    return format_html(
        '<svg class="paired" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false"><rect class="then" y="0" width="{}" height="5"/>'
        '<rect class="{}" y="8" width="{}" height="5"/></svg>',
        then,
        "far" if far else "now",
        now,
    )


@register.simple_tag
def forest(place: charts.Forest, label: str) -> SafeString:
    """Return an interval on its line; the label says the same in words."""
    return format_html(
        '<svg class="forest" viewBox="0 0 300 26" role="img" aria-label="{}" focusable="false">'
        '<line class="ax" x1="20" x2="20" y1="0" y2="26"/>'
        '<line class="ax" x1="280" x2="280" y1="0" y2="26"/>'
        '<line class="zero" x1="150" x2="150" y1="0" y2="26"/>'
        '<line class="ci {}" x1="{}" x2="{}" y1="13" y2="13"/>'
        '<circle class="pt {}" cx="{}" cy="13" r="5"/></svg>',
        label,
        place.css,
        place.low,
        place.high,
        place.css,
        place.middle,
    )
