"""People at the controls: which picture do these numbers make? Pure: numbers in, figure out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from plotly import graph_objects
from scipy.special import stdtrit

Rate = tuple[float, float]  # hits, base
Moments = tuple[int, float, float]  # n, sum, sum of squares

Z95 = 1.959964  # two-sided 95%
FEWEST = 10  # of what a figure is counted over; of fewer nothing is said
PROGRESSION, ENGAGEMENT = "progression", "engagement"
SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 120, 38, 3
FOREST_WIDTH = 300
FOREST_MARGIN = 20
MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line: points of the line and of the area below it, on a 120 x 38 grid."""

    line: str
    area: str


@dataclass(frozen=True, slots=True)
class Change:
    """A difference to the week before; words say "no clear change" where zero is in its interval.

    direction is up, down or flat.
    """

    text: str
    words: str
    direction: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One key figure as the overview shows it; value is empty where too little was counted."""

    key: str
    title: str
    track: str
    value: str
    interval: str
    base: str  # what it is counted over, in words
    change: Change | None
    spark: Spark | None
    per: str = ""  # after the value where it is no share, e.g. "per 100 enrolments"


@dataclass(frozen=True, slots=True)
class Track:
    """Key figures that belong together; track is progression or engagement."""

    track: str
    title: str
    note: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Forest:
    """Where an interval and its middle lie on a line of 300, zero in the middle."""

    low: float
    middle: float
    high: float
    css: str  # prog, eng, bad, mut


def spark(values: Sequence[float | None]) -> Spark | None:
    """Return the line through the known values, or nothing when fewer than two are known."""
    known = [(i, value) for i, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low = min(value for _, value in known)
    span = max(value for _, value in known) - low or 1.0
    step = (SPARK_WIDTH - 2 * SPARK_MARGIN) / (len(values) - 1)
    points = [
        (
            SPARK_MARGIN + i * step,
            SPARK_HEIGHT - 4 - (value - low) / span * (SPARK_HEIGHT - 8),
        )
        for i, value in known
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    area = f"{points[0][0]:.1f},{SPARK_HEIGHT} {line} {points[-1][0]:.1f},{SPARK_HEIGHT}"
    return Spark(line=line, area=area)


def wilson(hits: float, base: float) -> tuple[float, float]:
    """Return the 95% Wilson interval of a share (Wilson 1927); base must be positive."""
    share = hits / base
    scale = 1 + Z95**2 / base
    middle = (share + Z95**2 / (2 * base)) / scale
    half = Z95 * math.sqrt(share * (1 - share) / base + Z95**2 / (4 * base**2)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def rate_interval(hits: float, base: float) -> tuple[float, float]:
    """Return the 95% interval of one count over another; base must be positive.

    The hits need not be a part of the base (a course completed this week was joined in another),
    so both are counts of their own: Wilson's interval for hits among both, read as odds (Brown,
    Cai and DasGupta 2001). Where the hits are a part of the base it is a little too wide.
    """
    low, high = wilson(hits, hits + base)
    return low / (1 - low), high / (1 - high)


def rate_difference(now: Rate, before: Rate) -> tuple[float, float, float]:
    """Return difference, low and high of two rates (MOVER: Zou and Donner 2008); bases positive."""
    low, high = rate_interval(*now)
    low_before, high_before = rate_interval(*before)
    rate, rate_before = now[0] / now[1], before[0] / before[1]
    gap = rate - rate_before
    return (
        gap,
        gap - math.hypot(rate - low, high_before - rate_before),
        gap + math.hypot(high - rate, rate_before - low_before),
    )


def mean_interval(n: int, total: float, squares: float) -> tuple[float, float, float]:
    """Return mean, low and high by Student's t; n must be at least 2."""
    mean, error = _mean(n, total, squares)
    half = float(stdtrit(n - 1, 0.975)) * error
    return mean, mean - half, mean + half


def mean_difference(now: Moments, before: Moments) -> tuple[float, float, float]:
    """Return difference, low and high of two means (Welch 1947); each n must be at least 2."""
    mean, error = _mean(*now)
    mean_before, error_before = _mean(*before)
    spread = error**2 + error_before**2
    gap = mean - mean_before
    if spread == 0:
        return gap, gap, gap
    freedom = spread**2 / (error**4 / (now[0] - 1) + error_before**4 / (before[0] - 1))
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(spread)
    return gap, gap - half, gap + half


def change(gap: float, low: float, high: float, *, unit: str, scale: float, digits: int) -> Change:
    """Return a difference in words, with its sign and "no clear change" across zero."""
    text = f"{signed(scale * gap, digits)}{unit}"
    if low > 0:
        return Change(text, "against the week before", "up")
    if high < 0:
        return Change(text, "against the week before", "down")
    return Change(text, "no clear change", "flat")


def signed(value: float, digits: int) -> str:
    """Return a number with its sign; a rounded zero has none."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return f"{MINUS if value < 0 else '+'}{text}"


def rate_tile(
    key: str,
    title: str,
    track: str,
    *,
    now: Rate,
    before: Rate,
    series: Sequence[float | None],
    base: str,
    per: str = "",
) -> Tile:
    """Return the tile of a rate; now and before are (hits, base), series the daily rates.

    per says of what a hundred are counted where hits are no part of the base: no share, no "%".
    """
    if now[1] < FEWEST:
        return Tile(key, title, track, "", "", base, None, spark(series))
    low, high = rate_interval(*now)
    moved = None
    if before[1] >= FEWEST:
        moved = change(
            *rate_difference(now, before), unit="" if per else " pts", scale=100, digits=1
        )
    return Tile(
        key,
        title,
        track,
        value=f"{100 * now[0] / now[1]:.1f}{'' if per else '%'}",
        interval=f"{100 * low:.1f} to {100 * high:.1f}{'' if per else '%'}",
        base=base,
        change=moved,
        spark=spark(series),
        per=per,
    )


def mean_tile(
    key: str,
    title: str,
    track: str,
    *,
    now: Moments,
    before: Moments,
    series: Sequence[float | None],
    base: str,
) -> Tile:
    """Return the tile of a mean; now and before are (n, sum, sum of squares)."""
    if now[0] < FEWEST:
        return Tile(key, title, track, "", "", base, None, spark(series))
    mean, low, high = mean_interval(*now)
    moved = None
    if before[0] >= FEWEST:
        moved = change(*mean_difference(now, before), unit="", scale=1, digits=2)
    return Tile(
        key,
        title,
        track,
        value=f"{mean:.1f}",
        interval=f"{low:.1f} to {high:.1f}",
        base=base,
        change=moved,
        spark=spark(series),
    )


def _mean(n: int, total: float, squares: float) -> tuple[float, float]:
    mean = total / n
    variance = max(0.0, (squares - n * mean**2) / (n - 1))
    return mean, math.sqrt(variance / n)


def reach(bounds: Sequence[float]) -> float:
    """Return the end of a symmetric axis that holds every bound: 1, 2 or 5 times a power of 10."""
    widest = max((abs(value) for value in bounds), default=0.0)
    if widest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(widest))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= widest))


def forest(
    low: float, middle: float, high: float, *, end: float, track: str, reading: str
) -> Forest:
    """Return the places of an interval on an axis from -end to end, coloured by its reading.

    Violet for engagement, green for progression, red for worse, grey for not clear: of a metric
    that should fall, the better side is the left one.
    """
    half = FOREST_WIDTH / 2
    scale = (half - FOREST_MARGIN) / end
    better = "eng" if track == ENGAGEMENT else "prog"
    css = {"better": better, "worse": "bad"}.get(reading, "mut")
    return Forest(
        low=round(half + scale * low, 1),
        middle=round(half + scale * middle, 1),
        high=round(half + scale * high, 1),
        css=css,
    )


def kpi_figure(
    days: Sequence[date],
    values: Sequence[float | None],
    bounds: Sequence[tuple[float, float] | None],
    *,
    title: str,
    track: str,
    is_share: bool,
) -> dict[str, object]:
    """Return a Plotly figure as JSON-ready data: the daily line in its 95% band.

    Colours are the page's CSS variables; static/plot.js looks them up, so light and dark both hold.
    """
    colour = "var(--eng)" if track == ENGAGEMENT else "var(--prog)"
    soft = "var(--eng-soft)" if track == ENGAGEMENT else "var(--brand-soft)"
    labels = [day.isoformat() for day in days]
    known = [i for i, bound in enumerate(bounds) if bound is not None]
    form = ".1%" if is_share else ".1f"
    figure = graph_objects.Figure()
    figure.add_scatter(
        x=[labels[i] for i in known] + [labels[i] for i in reversed(known)],
        y=[_bound(bounds, i, 1) for i in known] + [_bound(bounds, i, 0) for i in reversed(known)],
        fill="toself",
        fillcolor=soft,
        line={"width": 0},
        hoverinfo="skip",
        name="95% interval",
    )
    figure.add_scatter(
        x=labels,
        y=list(values),
        mode="lines+markers",
        line={"color": colour, "width": 2.5},
        marker={"color": colour, "size": 6},
        hovertemplate="%{x|%a %d %b}: %{y:" + form + "}<extra></extra>",
        name=title,
    )
    axis = {"gridcolor": "var(--line)", "zeroline": False, "linecolor": "var(--line-2)"}
    figure.update_layout(
        font={"color": "var(--ink-2)", "size": 13},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 56, "r": 16, "t": 16, "b": 40},
        showlegend=False,
        hovermode="x",
        xaxis={**axis, "tickformat": "%-d %b"},
        yaxis={
            **axis,
            "tickformat": ".1%" if is_share else ".1f",
            "rangemode": "tozero" if is_share else "normal",
        },
        template=None,
    )
    data: dict[str, object] = figure.to_plotly_json()
    return data


def _bound(bounds: Sequence[tuple[float, float] | None], index: int, side: int) -> float:
    pair = bounds[index]
    return pair[side] if pair is not None else math.nan
