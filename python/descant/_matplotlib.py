# SPDX-License-Identifier: Apache-2.0
"""Pictures drawn with matplotlib: quiet axes, few colours, direct words."""
from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

from ._geometry import MUTED, Curve, Picture
from ._records import _needs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARGIN_COLOR = "#B00020"
_BAND = 0.16
_MARKERS = ("o", "s", "D", "^", "v", "P", "X")


def draw(picture: Picture, ax: Axes | None = None) -> Axes:
    if ax is None:
        figures = _needs("matplotlib.pyplot")
        lines = len({(one.label, one.series) for one in picture.intervals})
        height = max(2.6, 1.3 + 0.34 * lines) if lines else 4.2
        width = 9.0 if picture.intervals and len(picture.series()) > 1 else 7.2  # its legend stands beside it
        _, made = figures.subplots(figsize=(width, height), layout="constrained")
        ax = made
    assert ax is not None
    if picture.intervals:
        _intervals(picture, ax)
    if picture.curves:
        _curves(picture, ax)
    if picture.bars:
        _bars(picture, ax)
    if picture.steps:
        _steps(picture, ax)
    _finish(picture, ax)
    return ax


def _intervals(picture: Picture, ax: Axes) -> None:
    labels, series = picture.labels(), picture.series()
    finite = [value for one in picture.intervals for value in (one.estimate, one.lower, one.upper, one.margin)
              if math.isfinite(value)] + ([0.0] if picture.zero_x else [])
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    room = (high - low or 1.0) * 0.06
    beside = {label: list(dict.fromkeys(one.series for one in picture.intervals if one.label == label))
              for label in labels}
    named: set[str] = set()
    for one in picture.intervals:
        rivals = beside[one.label]
        y = labels.index(one.label) + (rivals.index(one.series) - (len(rivals) - 1) / 2) * 0.62 / max(len(rivals), 1)
        color = picture.color(one.series)
        if math.isfinite(one.estimate):
            ends = (one.lower if math.isfinite(one.lower) else low - 2 * room,
                    one.upper if math.isfinite(one.upper) else high + 2 * room)
            ax.plot(ends, (y, y), color=color, linewidth=2.2, solid_capstyle="butt", zorder=2)
            marker = _MARKERS[series.index(one.series) % len(_MARKERS)] if one.series in series else "o"
            name = one.series if one.series and one.series not in named else None
            ax.plot([one.estimate], [y], marker, color=color, markersize=6.5, markeredgecolor="white", zorder=3,
                    label=name)
            named.add(one.series)
        else:
            ax.annotate("undefined", (low, y), color=MUTED, va="center", fontsize="small")
        if math.isfinite(one.margin):
            ax.plot((one.margin, one.margin), (y - 0.34, y + 0.34), color=_MARGIN_COLOR, linewidth=1.8, zorder=1)
    ax.set_xlim(low - room, high + room)
    ax.set_yticks(range(len(labels)), [textwrap.fill(label, 34) for label in labels])
    ax.locator_params(axis="x", nbins=7)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color="#E6E6E6", linewidth=0.8)


def _curves(picture: Picture, ax: Axes) -> None:
    names = [name for curve in picture.curves for name in curve.x]
    texts = list(dict.fromkeys(str(name) for name in names)) if names and isinstance(names[0], str) else []
    named: set[str] = set()
    for curve in picture.curves:
        x: list[Any] = [texts.index(str(one)) for one in curve.x] if texts else list(curve.x)
        color = MUTED if curve.muted else picture.color(curve.name)
        label = curve.name if curve.name not in named else None
        named.add(curve.name)
        ax.plot(x, curve.y, color=color, linewidth=1.4 if curve.muted else 2.0, linestyle=_style(picture, curve),
                label=label, marker="o" if texts and not curve.dashed else None, markersize=4)
        if curve.lower and curve.upper:
            ax.fill_between(x, curve.lower, curve.upper, color=color, alpha=_BAND, linewidth=0)
    if texts:
        step = max(1, math.ceil(len(texts) / 8))
        ax.set_xticks(range(0, len(texts), step), texts[::step], rotation=30, ha="right")
    elif all(float(one).is_integer() for one in names) and len(set(names)) <= 20:  # looks are counted
        ax.set_xticks(sorted({float(one) for one in names}))
        ax.xaxis.set_major_formatter("{x:g}")
    if picture.log_x:
        _logarithmic(ax)
    _fit_to_curves(picture, ax)
    ax.grid(axis="y", color="#E6E6E6", linewidth=0.8)


def _logarithmic(ax: Axes) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_minor_formatter(NullFormatter())


def _fit_to_curves(picture: Picture, ax: Axes) -> None:
    """A first day's interval may be hundreds of times as wide as the last: the lines stay readable."""
    centres = [y for curve in picture.curves for y in curve.y if math.isfinite(y)]
    ends = [y for curve in picture.curves for y in (*curve.lower, *curve.upper) if math.isfinite(y)]
    if not ends or not centres:
        return
    last = [y for curve in picture.curves for y in (*curve.lower[-1:], *curve.upper[-1:]) if math.isfinite(y)]
    low, high = min([*centres, *last]), max([*centres, *last])
    room = 1.2 * (high - low or 1.0)
    if min(ends) < low - room or max(ends) > high + room:
        ax.set_ylim(max(min(ends), low - room), min(max(ends), high + room))


def _style(picture: Picture, curve: Curve) -> Any:
    if curve.dashed:
        return (0, (5, 3))
    styles: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)))
    names = picture.series()
    return styles[names.index(curve.name) % len(styles)] if curve.name in names else "-"


def _bars(picture: Picture, ax: Axes) -> None:
    labels, series = picture.labels(), picture.series() or [""]
    width = 0.74 / len(series)
    for place, name in enumerate(series):
        own = [one for one in picture.bars if one.series == name]
        x = [labels.index(one.label) + (place - (len(series) - 1) / 2) * width for one in own]
        color = picture.color(name)
        drawn = ax.bar(x, [one.value for one in own], width * 0.94, color=color if place == 0 else "white",
                       edgecolor=color, hatch=None if place == 0 else "///", linewidth=1.2, label=name or None)
        text = (lambda value: f"{100 * value:.2f} %") if picture.percent_y else (lambda value: f"{value:,.0f}")
        ax.bar_label(drawn, fmt=text, padding=2, fontsize="small")
    ax.set_xticks(range(len(labels)), [textwrap.fill(label, max(10, 60 // len(labels))) for label in labels])
    ax.set_xlim(min(-0.6, len(labels) / 2 - 1.6), max(len(labels) - 0.4, len(labels) / 2 + 0.6))
    ax.margins(y=0.12)
    ax.grid(axis="y", color="#E6E6E6", linewidth=0.8)


def _steps(picture: Picture, ax: Axes) -> None:
    styles: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (2, 1.5)))
    for place, one in enumerate(picture.steps):
        if not one.borders:
            continue
        color = picture.color(one.name)
        ax.stairs(one.heights, one.borders, color=color, linewidth=1.8, label=one.name,
                  linestyle=styles[place % len(styles)])
        ax.stairs(one.heights, one.borders, color=color, alpha=0.10, fill=True)
    ax.set_ylim(bottom=0)
    ax.grid(axis="y", color="#E6E6E6", linewidth=0.8)


def _finish(picture: Picture, ax: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, PercentFormatter, StrMethodFormatter
    if picture.zero_x:
        ax.axvline(0, color="#4D4D4D", linewidth=1, zorder=1)
    if picture.zero_y:
        ax.axhline(0, color="#4D4D4D", linewidth=1, zorder=1)
    if picture.percent_x:
        ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    if picture.percent_y:
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    elif picture.bars:
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    if picture.log_x or any(isinstance(one, float) and one >= 10_000 for curve in picture.curves for one in curve.x):
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    for side in ("top", "right", *(("left",) if picture.intervals else ())):
        ax.spines[side].set_visible(False)
    ax.set_axisbelow(True)
    ax.set_title(picture.title, loc="left", fontsize="medium", fontweight="bold", wrap=True)
    ax.set_xlabel("\n".join(part for part in (picture.x_title, textwrap.fill(picture.note, 88)) if part),
                  fontsize="small")
    ax.set_ylabel(picture.y_title, fontsize="small")
    if len(ax.get_legend_handles_labels()[1]) > 1:
        place: dict[str, Any] = {"loc": "best"}
        if picture.bars:
            place = {"loc": "lower right", "bbox_to_anchor": (1, 1), "ncols": 2}
        elif picture.intervals:  # beside: over the intervals it would hide one
            place = {"loc": "upper left", "bbox_to_anchor": (1, 1)}
        legend = ax.legend(frameon=False, fontsize="small", **place)
        for text in legend.get_texts():
            text.set_text(textwrap.fill(text.get_text(), 40 if picture.curves else 20))
