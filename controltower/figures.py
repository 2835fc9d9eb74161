"""People at the controls: which Plotly figure do these numbers make? Pure: numbers in, data out.

Only traces of the basic bundle: lines, points and bars. Colours are the page's CSS variables, which
static/plot.js looks up, so light and dark both hold.
"""

from collections.abc import Sequence
from itertools import accumulate
from textwrap import wrap
from typing import Any

from plotly import graph_objects

PROGRESSION, ENGAGEMENT, QUIET, FAINT, BAD, WARN = (
    "var(--prog)",
    "var(--eng)",
    "var(--ink-3)",
    "var(--line-2)",
    "var(--bad)",
    "var(--warn)",
)
LABEL = 13  # characters of a line under a bar
CLEAR = "rgba(0,0,0,0)"
SHARE, NUMBER, MONEY = ".1%", ",.0f", ",.2f"
TICKS = {SHARE: ".3~%"}  # on an axis, where whole percents need no tenth

Data = dict[str, Any]


def lines(
    x: Sequence[Any],
    series: Sequence[tuple[str, str, Sequence[float | None]]],
    *,
    form: str,
    x_title: str = "",
    y_title: str = "",
    errors: Sequence[Sequence[tuple[float, float]]] = (),
    whole_steps: bool = False,
) -> Data:
    """Return lines of one x: series are (name, colour, values); the axis begins at zero.

    errors are lengths below and above of each point, a sequence for each series; whole_steps
    writes every x, where these are numbers of something.
    """
    figure = graph_objects.Figure()
    for place, (name, colour, values) in enumerate(series):
        figure.add_scatter(
            x=list(x),
            y=list(values),
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"color": colour, "size": 7},
            error_y=_error(errors[place], colour) if errors else None,
            hovertemplate=f"%{{x}}: %{{y:{form}}}<extra>{name}</extra>",
        )
    data = _finished(figure, form=form, x_title=x_title, y_title=y_title, legend=len(series) > 1)
    data["layout"]["yaxis"]["rangemode"] = "tozero"  # a short axis makes little look like much
    if whole_steps:
        data["layout"]["xaxis"] |= {"tickmode": "linear", "dtick": 1}
    return data


def bars(
    x: Sequence[str],
    series: Sequence[tuple[str, str | Sequence[str], Sequence[float | None]]],
    *,
    form: str,
    x_title: str = "",
    y_title: str = "",
    errors: Sequence[tuple[Sequence[float], Sequence[float]]] = (),
) -> Data:
    """Return bars side by side; errors are lengths below and above, a pair for each series."""
    figure = graph_objects.Figure()
    for place, (name, colour, values) in enumerate(series):
        whisker = _error(list(zip(*errors[place], strict=True)), "var(--ink-2)") if errors else None
        figure.add_bar(
            x=[_wrapped(one) for one in x],
            y=list(values),
            name=name,
            marker={"color": colour if isinstance(colour, str) else list(colour)},
            error_y=whisker,
            hovertemplate=f"%{{x}}: %{{y:{form}}}<extra>{name}</extra>",
        )
    figure.update_layout(barmode="group", bargap=0.25)
    return _finished(figure, form=form, x_title=x_title, y_title=y_title, legend=len(series) > 1)


def waterfall(steps: Sequence[tuple[str, float, bool]], *, form: str, y_title: str) -> Data:
    """Return a waterfall as stacked bars: steps are (name, amount, whole).

    A whole one stands on the ground; the others stand on what was reached before.
    """
    reached = list(
        accumulate(steps, lambda sum_, step: step[1] if step[2] else sum_ + step[1], initial=0.0)
    )
    figure = graph_objects.Figure()
    names = [name for name, _, _ in steps]
    low = [
        0.0 if whole else min(before, before + amount)
        for before, (_, amount, whole) in zip(reached, steps, strict=False)
    ]
    colours = [
        QUIET if whole else PROGRESSION if amount >= 0 else BAD for _, amount, whole in steps
    ]
    figure.add_bar(x=names, y=low, marker={"color": CLEAR}, hoverinfo="skip", showlegend=False)
    figure.add_bar(
        x=names,
        y=[abs(amount) for _, amount, _ in steps],
        customdata=[amount for _, amount, _ in steps],
        marker={"color": colours},
        hovertemplate=f"%{{x}}: %{{customdata:{form}}}<extra></extra>",
        showlegend=False,
    )
    figure.update_layout(barmode="stack", bargap=0.3)
    return _finished(figure, form=form, y_title=y_title)


def quadrants(
    points: Sequence[tuple[str, tuple[float, float, float], tuple[float, float, float]]],
    *,
    x_title: str,
    y_title: str,
) -> Data:
    """Return points with intervals in both directions: (name, (x, low, high), (y, low, high))."""
    figure = graph_objects.Figure()
    worse = [y[2] < 0 for _, _, y in points]
    figure.add_scatter(
        x=[x[0] for _, x, _ in points],
        y=[y[0] for _, _, y in points],
        text=[name for name, _, _ in points],
        mode="markers",
        marker={"color": [BAD if bad else PROGRESSION for bad in worse], "size": 11},
        error_x=_whiskers([x for _, x, _ in points]),
        error_y=_whiskers([y for _, _, y in points]),
        hovertemplate="%{text}: %{x:+.1%}, %{y:+.1%}<extra></extra>",
    )
    data = _finished(figure, form="+.0%", x_title=x_title, y_title=y_title)
    data["layout"]["xaxis"] |= {"tickformat": "+.0%", "zeroline": True}
    data["layout"]["yaxis"] |= {"zeroline": True}
    return data


def _whiskers(values: Sequence[tuple[float, float, float]]) -> Data:
    return _error([(middle - low, high - middle) for middle, low, high in values], QUIET)


def _error(lengths: Sequence[tuple[float, float]], colour: str) -> Data:
    """Return whiskers so long below and above."""
    return {
        "type": "data",
        "symmetric": False,
        "arrayminus": [below for below, _ in lengths],
        "array": [above for _, above in lengths],
        "color": colour,
        "thickness": 1.5,
        "width": 5,
    }


def _finished(
    figure: graph_objects.Figure,
    *,
    form: str,
    x_title: str = "",
    y_title: str = "",
    legend: bool = False,
) -> Data:
    axis = {
        "gridcolor": "var(--line)",
        "zeroline": False,
        "linecolor": "var(--line-2)",
        "zerolinecolor": "var(--ink-3)",
        "automargin": True,
    }
    figure.update_layout(
        font={"color": "var(--ink-2)", "size": 13},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        margin={"l": 56, "r": 16, "t": 16, "b": 48},
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hoverlabel={"font": {"size": 13}},
        xaxis={**axis, "title": _axis_title(x_title)},
        yaxis={**axis, "title": _axis_title(y_title), "tickformat": TICKS.get(form, form)},
        template=None,
    )
    data: Data = figure.to_plotly_json()
    return data


def _axis_title(text: str) -> Data:
    return {"text": text, "font": {"size": 13}, "standoff": 12}


def _wrapped(text: str) -> str:
    """Return a label in lines, so that it stands level on a phone."""
    return "<br>".join(wrap(text, LABEL)) or text
