"""People at the controls: the small drawn parts of the tower's pages."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from controltower import charts

register = template.Library()


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
