# SPDX-License-Identifier: Apache-2.0
"""A picture as data: what is shown and how, before anything draws it.

Four forms are enough: intervals on lines, curves with bands, bars, and steps. Both renderers, for
matplotlib and for Vega-Lite, take these and nothing else, so that they show the same.
"""
from __future__ import annotations

import math
from dataclasses import dataclass, field

# Okabe and Ito's colours, told apart under all common kinds of colour blindness; black last.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MUTED = "#767676"


@dataclass
class Interval:
    """An estimate with its interval, on a line of its own. An end that is NaN is unbounded."""

    label: str
    estimate: float
    lower: float
    upper: float
    series: str = ""
    margin: float = math.nan  # a line that the interval must stay on the right side of


@dataclass
class Curve:
    """Points along x, perhaps with a band around them."""

    name: str
    x: list[float] | list[str]
    y: list[float]
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    dashed: bool = False
    muted: bool = False


@dataclass
class Bar:
    """One bar of a group."""

    label: str
    value: float
    series: str = ""


@dataclass
class Steps:
    """A histogram as an outline: one height for each space between borders."""

    name: str
    borders: list[float]
    heights: list[float]


@dataclass
class Picture:
    """All there is to draw. `percent_x` and `percent_y` write an axis in per cent."""

    name: str
    title: str
    x_title: str = ""
    y_title: str = ""
    note: str = ""
    percent_x: bool = False
    percent_y: bool = False
    log_x: bool = False
    zero_x: bool = False  # a line at 0
    zero_y: bool = False
    intervals: list[Interval] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    steps: list[Steps] = field(default_factory=list)

    def series(self) -> list[str]:
        """Names that have a colour each, in order."""
        names = [*(one.series for one in self.intervals), *(one.series for one in self.bars),
                 *(one.name for one in self.curves if not one.muted), *(one.name for one in self.steps)]
        return list(dict.fromkeys(name for name in names if name))

    def color(self, name: str) -> str:
        names = self.series()
        return PALETTE[names.index(name) % len(PALETTE)] if name in names else PALETTE[0]

    def labels(self) -> list[str]:
        """Lines of the intervals or groups of the bars, top first."""
        return list(dict.fromkeys(one.label for one in (self.intervals or self.bars)))
