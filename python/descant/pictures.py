# SPDX-License-Identifier: Apache-2.0
"""The pictures of results. `result.plot()` and `result.chart()` are the usual way in.

Each picture is first built as data (a Picture), so that it can be tested, changed and drawn by
either renderer.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ._errors import InvalidRequest, NotFound
from ._geometry import Bar, Curve, Interval, Picture, Steps
from ._records import Record
from ._results import AaResult, Design, Distributions, ExperimentResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Picture", "draw", "names_of", "p_values", "picture", "vega_lite"]

Maker = Callable[..., Picture]


def draw(what: Picture, ax: Axes | None = None) -> Axes:
    """Draws with matplotlib, on new Axes unless some are given."""
    from ._matplotlib import draw as with_matplotlib
    return with_matplotlib(what, ax)


def vega_lite(what: Picture) -> dict[str, Any]:
    """The picture as a Vega-Lite specification with its data."""
    from ._vega_lite import specification
    return specification(what)


def picture(result: Any, name: str | None = None, **options: Any) -> Picture:
    """A picture of a result as data."""
    makers = _makers(result)
    if name in _WITHOUT and isinstance(result, ExperimentResult) and name not in makers:
        raise NotFound(f"the result has no effect by {name.removesuffix('s')}", _WITHOUT[name], name)
    if not makers:
        raise NotFound(f"{type(result).__name__} has no picture", "Use to_pandas() and draw it your way.", "picture")
    chosen = name or next(iter(makers))
    if chosen not in makers:
        raise NotFound(f"there is no picture '{chosen}'", "Known: " + ", ".join(makers) + ".", "picture")
    return makers[chosen](result, **options)


_WITHOUT = {"days": "A table of units has no days; an analysis without by_day has none either.",
            "segments": "Name segments in the analysis."}


def names_of(result: Any) -> tuple[str, ...]:
    return tuple(_makers(result))


def _makers(result: Any) -> dict[str, Maker]:
    if isinstance(result, ExperimentResult):
        made: dict[str, Maker] = {"effects": effects, "days": days, "segments": segments, "adjustment": adjustment,
                                  "sample_ratio": sample_ratio}
        for rows in ("days", "segments"):
            if not any(one[rows] for one in result.metrics):
                del made[rows]
        return made
    if isinstance(result, Distributions):
        return {"distribution": distribution}
    if isinstance(result, AaResult):
        return {"false_positives": false_positives, "power": power_found}
    if isinstance(result, Design):
        return {"sizes": sizes}
    if not isinstance(result, Record):
        return {}
    fields = set(result)
    makers: dict[str, Maker] = {}
    if {"absolute", "control", "treatment"} <= fields:
        makers["effect"] = comparison
    if {"observed_shares", "expected_shares"} <= fields:
        makers["sample_ratio"] = shares
    if "looks" in fields and result.looks and "upper" in list(result.looks[0]):
        makers["bounds"] = bounds
    if {"upper", "lower"} <= fields and isinstance(result.upper, list) and result.upper:
        makers["bounds"] = planned_bounds
    return makers


# ---- an experiment ----


def _scaled(compared: Any, relative: bool) -> Any:
    return compared.relative if relative else compared.absolute


def _margin(metric: Any, relative: bool) -> float:
    """Where the margin's line is, in the scale shown, by the control's estimate; NaN when it has none."""
    size = metric.margin
    if (metric.margin_scale == "relative") != relative:
        control = abs(metric.comparison.control.estimate)
        if control == 0:
            return math.nan
        size = size / control if relative else size * control
    return float(size if metric.direction == "decrease" else -size)


def _series(result: ExperimentResult, treatment: str) -> str:
    return treatment if len(result.decisions) > 1 else ""


def _effect_axis(relative: bool) -> str:
    return "difference from control, relative" if relative else "difference from control"


def effects(result: ExperimentResult, *, relative: bool = True, metrics: Sequence[str] | None = None) -> Picture:
    """Every metric's effect with its interval, and the margin of each guardrail."""
    chosen = [one for one in result.metrics if metrics is None or one.name in metrics]
    shown = [Interval(f"{one.name} ({one.role})", _scaled(one.comparison, relative).estimate,
                      _scaled(one.comparison, relative).lower, _scaled(one.comparison, relative).upper,
                      _series(result, one.treatment), _margin(one, relative)) for one in chosen]
    verdict = "; ".join(f"{one.treatment}: {one.action}" for one in result.decisions)
    level = result.record.confidence_level
    note = f"{100 * level:g} % intervals" + (", red lines are margins" if any(
        one.margin == one.margin for one in shown) else "")
    return Picture("effects", f"{result.experiment.name}: {verdict}", _effect_axis(relative), note=note,
                   percent_x=relative, zero_x=True, intervals=shown)


def _one(result: ExperimentResult, metric: str | None, treatment: str | None) -> Any:
    name = metric or result.metrics[0].name
    if treatment is None and len(result.decisions) > 1:
        treatment = result.decisions[0].treatment
    return result.metric(name, treatment)


def days(result: ExperimentResult, *, metric: str | None = None, treatment: str | None = None,
         relative: bool | None = None) -> Picture:
    """One metric's effect by day, as the analysis stood at the end of each.

    Relative to the control unless the experiment is read sequentially: the intervals that hold at
    every look are of the absolute effect.
    """
    one = _one(result, metric, treatment)
    if relative is None:
        relative = not any(_look(day) for day in one.days)
    if not one.days:
        raise NotFound(f"'{one.name}' has no effect by day", "A table of units has no days.", "days")
    points = [(day.day, _scaled(day.comparison, relative)) for day in one.days]
    while len(points) > 1 and points[0][1].estimate != points[0][1].estimate:  # nobody is mature yet
        points.pop(0)
    curves = [Curve(f"{one.treatment}, analysis as of the day", [day for day, _ in points],
                    [effect.estimate for _, effect in points], [effect.lower for _, effect in points],
                    [effect.upper for _, effect in points])]
    curves += _sequential_curves(one, relative, [day for day, _ in points])
    margin = _margin(one, relative)
    if margin == margin:
        curves.append(Curve("margin", [points[0][0], points[-1][0]], [margin, margin], dashed=True, muted=True))
    return Picture("days", f"{one.name} by day", "as of the end of", _effect_axis(relative),
                   note=f"{100 * result.record.confidence_level:g} % intervals", percent_y=relative,
                   zero_y=True, curves=curves)


def _look(day: Any) -> Any:
    return getattr(day, "look", None)


def _sequential_curves(metric: Any, relative: bool, names: list[str]) -> list[Curve]:
    """Intervals that hold at every look, where the analysis gives them beside the fixed ones."""
    found = [_look(day) for day in metric.days[-len(names):]]
    if relative or not any(found):
        return []
    nan = math.nan
    return [Curve("valid at every look", names, [one.lower if one else nan for one in found], dashed=True),
            Curve("valid at every look", names, [one.upper if one else nan for one in found], dashed=True)]


def segments(result: ExperimentResult, *, metric: str | None = None, treatment: str | None = None,
             dimension: str | None = None, relative: bool = True) -> Picture:
    """One metric's effect in every value of the dimensions it was split by."""
    one = _one(result, metric, treatment)
    chosen = [part for part in one.segments if dimension in (None, part.dimension)]
    if not chosen:
        raise NotFound(f"'{one.name}' was not split by " + (f"'{dimension}'" if dimension else "anything"),
                       "Name segments in the analysis.", "segments")
    whole = _scaled(one.comparison, relative)
    shown = [Interval("everyone", whole.estimate, whole.lower, whole.upper, "all")]
    for part in chosen:
        effect = _scaled(part.comparison, relative)
        shown.append(Interval(f"{part.dimension}: {part.value}", effect.estimate, effect.lower, effect.upper,
                              part.dimension))
    return Picture("segments", f"{one.name} by segment", _effect_axis(relative),
                   note="intervals are not corrected for the number of segments", percent_x=relative, zero_x=True,
                   intervals=shown)


def _treated(result: ExperimentResult, metric: Any) -> str:
    return str(metric.name) if len(result.decisions) == 1 else f"{metric.name}, {metric.treatment}"


def adjustment(result: ExperimentResult, *, relative: bool = True) -> Picture:
    """Every metric's interval before and after the adjustment by what was known before."""
    shown = []
    for one in result.metrics:
        label = _treated(result, one)
        for series, compared in (("raw difference", one.unadjusted), ("adjusted", one.comparison)):
            effect = _scaled(compared, relative)
            shown.append(Interval(label, effect.estimate, effect.lower, effect.upper, series))
    reductions = [f"{_treated(result, one)} {100 * one.variance_reduction:.0f} %" for one in result.metrics
                  if one.variance_reduction == one.variance_reduction]
    note = "variance removed: " + ", ".join(reductions) if reductions else "no metric has a covariate"
    return Picture("adjustment", "Before and after adjustment", _effect_axis(relative), note=note,
                   percent_x=relative, zero_x=True, intervals=shown)


def sample_ratio(result: ExperimentResult) -> Picture:
    """Units in each arm beside the number expected."""
    arms = result.experiment.arms
    total, expected = sum(arm.units for arm in arms), sum(arm.expected_share for arm in arms)
    check = next((one for one in result.checks if one.name == "sample_ratio"), None)
    bars = []
    for arm in arms:
        bars.append(Bar(arm.variant, arm.units, "observed"))
        if expected == expected and expected > 0:
            bars.append(Bar(arm.variant, total * arm.expected_share / expected, "expected"))
    return Picture("sample_ratio", "Units in each arm", "", "units", note=check.message if check else "", bars=bars)


def false_positives(result: AaResult) -> Picture:
    """Each metric's false-positive rate over random assignments, against the level it promises."""
    shown = [Interval(one.name, one.false_positives.estimate, one.false_positives.lower, one.false_positives.upper,
                      "as promised" if one.as_promised else "not as promised", result.alpha)
             for one in result.metrics]
    return Picture("false_positives", f"{result.replicates:,} random assignments", "false-positive rate",
                   note="95 % intervals; the red line is the level", percent_x=True, intervals=shown)


def power_found(result: AaResult) -> Picture:
    """Each metric's power over random assignments, at the effect its definition states."""
    shown = [Interval(one.name, one.power.estimate, one.power.lower, one.power.upper) for one in result.metrics
             if one.power.estimate == one.power.estimate]
    if not shown:
        raise NotFound("no metric states the effect that its power is of",
                       "State minimum_detectable_effect or a margin in the experiment.", "power")
    return Picture("power", f"{result.replicates:,} random assignments", "power at the stated effect",
                   note="95 % intervals", percent_x=True, intervals=shown)


# ---- operations ----


def comparison(result: Any, *, relative: bool = False) -> Picture:
    """The effect of one comparison with its interval, beside the unadjusted one where there is one."""
    shown = []
    parts = [("unadjusted", result.unadjusted)] if "unadjusted" in list(result) else []
    for label, part in [*parts, ("effect", result)]:
        effect = _scaled(part, relative)
        shown.append(Interval(label, effect.estimate, effect.lower, effect.upper))
    return Picture("effect", f"Effect ({result.method})", _effect_axis(relative), percent_x=relative, zero_x=True,
                   intervals=shown)


def shares(result: Any) -> Picture:
    """Observed shares beside those expected."""
    bars = []
    for place, (observed, expected) in enumerate(zip(result.observed_shares, result.expected_shares)):
        bars += [Bar(f"arm {place + 1}", observed, "observed"), Bar(f"arm {place + 1}", expected, "expected")]
    return Picture("sample_ratio", f"Shares of the arms, p = {result.p_value:.3g}", "", "share", percent_y=True,
                   bars=bars)


def bounds(result: Any) -> Picture:
    """The bounds of a sequential test at each look, and the statistic where there is one."""
    looks = result.looks
    fields = list(looks[0])
    named = "information_fraction" if "information_fraction" in fields else None
    x = [float(look[named]) if named else float(place + 1) for place, look in enumerate(looks)]
    curves = [Curve("upper bound", x, [look.upper for look in looks])]
    if "lower" in fields and any(look.lower == look.lower for look in looks):
        curves.append(Curve("lower bound", x, [look.lower for look in looks]))
    for name in ("statistic", "z"):
        if name in fields:
            curves.append(Curve("statistic", x, [look[name] for look in looks]))
            break
    return Picture("bounds", "Bounds by look", "information" if named else "look", "z", zero_y=True, curves=curves)


def planned_bounds(result: Any) -> Picture:
    """The bounds that a plan gives for each look."""
    x = [float(place + 1) for place in range(len(result.upper))]
    curves = [Curve("upper bound", x, list(result.upper))]
    if any(one == one for one in result.lower):
        curves.append(Curve("lower bound", x, list(result.lower)))
    return Picture("bounds", f"Bounds by look ({result.method})", "look", "z", zero_y=True, curves=curves)


def power_curve(baseline: dict[str, Any], *, n_totals: Sequence[int],
                minimum_detectable_effects: Sequence[float], **options: Any) -> Picture:
    """Power by the number of units, a curve for each relative effect."""
    from . import calc
    curves = []
    for effect in minimum_detectable_effects:
        found = [calc.run("power", baseline=dict(baseline), n_total=int(n), minimum_detectable_effect=effect,
                          **options)["power"] for n in n_totals]
        curves.append(Curve(f"effect of {100 * effect:g} %", [float(n) for n in n_totals], found))
    wanted = 0.8
    curves.append(Curve(f"power {wanted:g}", [float(min(n_totals)), float(max(n_totals))], [wanted, wanted],
                        dashed=True, muted=True))
    return Picture("power", "Power", "units in all arms", "probability to find the effect", percent_y=True,
                   log_x=max(n_totals) / max(min(n_totals), 1) > 20, curves=curves)


def sizes(result: Design) -> Picture:
    """Units that each metric of a design needs, or the effect that it can find."""
    rows = result.to_rows()
    titles = {"n_total": "units in all arms",
              "minimum_detectable_effect_relative": "smallest effect found, relative to control", "power": "power"}
    given = result.binding_metric is None
    member = next(name for name in titles if any(name in row for row in rows) and not (given and name == "n_total"))
    return Picture("sizes", f"Design: {result.n_total:,} units", "", titles[member], percent_y=member != "n_total",
                   bars=[Bar(row["metric"], row[member]) for row in rows if row.get(member) is not None])


# ---- units ----


def distribution(result: Distributions, *, metric: str | None = None) -> Picture:
    """One metric's values in each arm, as outlines over each other: shares of the arm's units."""
    name = metric or result.metrics[0].name
    found = [one for one in result.metrics if one.name == name]
    if not found:
        raise NotFound(f"there is no metric '{name}'", "Known: " + ", ".join(
            one.name for one in result.metrics) + ".", "metric")
    one = found[0]
    steps = [Steps(arm.variant, one.borders, [count / arm.n if arm.n else math.nan for count in arm.counts])
             for arm in one.arms]
    means = ", ".join(f"{arm.variant} {arm.mean:.4g}" for arm in one.arms)
    note = f"means: {means}" + ("; the last bar holds all larger values" if one.last_bar_is_open else "")
    return Picture("distribution", f"{name} by arm", name, "share of the arm's units", note=note, percent_y=True,
                   steps=steps)


def p_values(values: Sequence[float], *, name: str = "p-values") -> Picture:
    """P-values of experiments without effect against what chance gives: they should follow the line.

    The band holds the whole curve with probability 95 % (Dvoretzky, Kiefer and Wolfowitz 1956, with
    the constant of Massart 1990).
    """
    found = sorted(float(one) for one in values if one == one)
    if not found or found[0] < 0 or found[-1] > 1:
        raise InvalidRequest("p-values lie between 0 and 1, and there must be one", "", "values")
    n = len(found)
    width = math.sqrt(math.log(2 / 0.05) / (2 * n))
    grid = [place / 100 for place in range(101)]
    share, seen = [], 0
    for x in grid:
        while seen < n and found[seen] <= x:
            seen += 1
        share.append(seen / n)
    below = sum(one <= 0.05 for one in found) / n
    curves = [Curve("uniform", grid, grid, [max(0.0, x - width) for x in grid], [min(1.0, x + width) for x in grid],
                    dashed=True, muted=True), Curve(name, grid, share)]
    return Picture("p_values", f"{n:,} p-values, {100 * below:.1f} % at most 0.05", "p-value",
                   "share at most this", note="band: 95 % under chance", percent_y=True, curves=curves)
