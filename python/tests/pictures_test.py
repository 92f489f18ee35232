# SPDX-License-Identifier: Apache-2.0
"""Pictures show the numbers of their results, in both forms."""
import json
import math

import descant as ds
import matplotlib
import pytest
from descant import _geometry, pictures

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def test_effects_are_the_intervals_of_the_metrics(result) -> None:
    picture = pictures.picture(result, "effects")
    for shown, metric in zip(picture.intervals, result.metrics):
        effect = metric.comparison.relative
        assert (shown.estimate, shown.lower, shown.upper) == (effect.estimate, effect.lower, effect.upper)
    assert picture.intervals[1].margin == 0.02  # a decrease is good, so the harm is an increase
    absolute = pictures.picture(result, "effects", relative=False)
    assert absolute.intervals[2].margin == -0.04
    for place in (1, 2):  # a margin has its line in either scale
        control = result.metrics[place].comparison.control.estimate
        assert absolute.intervals[place].margin == pytest.approx(picture.intervals[place].margin * control)
    axes = result.plot()
    assert [text.get_text() for text in axes.get_yticklabels()] == picture.labels()
    centres = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert centres == [metric.comparison.relative.estimate for metric in result.metrics]


def test_every_picture_draws_in_both_forms(result, frame, metrics, project) -> None:
    by_day = project.experiment(next(iter(project.experiments))).analyze()
    drawn = [(result, name) for name in result.pictures()]
    drawn += [(by_day, "days"), (ds.distributions(frame, metrics=metrics, variant="group"), "distribution"),
              (ds.design(frame, metrics=metrics, minimum_detectable_effect=0.02), "sizes"),
              (ds.design(frame, metrics={"m": ds.Mean("minutes")}, n_total=5_000), "sizes"),
              (ds.calc.mean_difference(control=[1, 2, 3.5], treatment=[2, 3, 4.5]), "effect"),
              (ds.calc.sample_ratio_test(counts=[10, 20], expected=[0.5, 0.5]), "sample_ratio")]
    for what, name in drawn:
        assert name in what.pictures()
        axes = what.plot(name)
        assert axes.get_title(loc="left") and axes.figure.canvas.draw() is None
        chart = what.chart(name)
        assert chart["$schema"].endswith("v6.json") and chart["layer"]
        assert "NaN" not in json.dumps(chart)


def test_days_follow_the_analysis(project) -> None:
    found = project.experiment(next(iter(project.experiments))).analyze()
    name = found.metrics[0].name
    curve = pictures.picture(found, "days", metric=name).curves[0]
    expected = [one.comparison.relative.estimate for one in found.metrics[0].days]
    while len(expected) > 1 and math.isnan(expected[0]):
        expected.pop(0)
    assert curve.y == pytest.approx(expected, nan_ok=True)


def test_adjustment_shows_before_and_after(result) -> None:
    first, second = pictures.picture(result, "adjustment").intervals[:2]
    assert (first.series, second.series) == ("raw difference", "adjusted")
    assert second.upper - second.lower < first.upper - first.lower


def test_sample_ratio_counts_units(result) -> None:
    bars = pictures.picture(result, "sample_ratio").bars
    assert [bar.value for bar in bars if bar.series == "observed"] == [arm.units for arm in result.experiment.arms]
    assert sum(bar.value for bar in bars if bar.series == "expected") == pytest.approx(5_000)


def test_distributions_sum_to_one(frame, metrics) -> None:
    found = ds.distributions(frame, metrics=metrics, variant="group")
    for steps in pictures.picture(found, metric="skip_rate").steps:
        assert sum(steps.heights) == pytest.approx(1)


def test_power_rises_and_p_values_follow_chance() -> None:
    curve = pictures.power_curve({"mean": 10, "variance": 80}, n_totals=[1_000, 5_000, 20_000],
                                 minimum_detectable_effects=[0.03]).curves[0]
    assert curve.y == sorted(curve.y)
    uniform = pictures.p_values([(place + 0.5) / 200 for place in range(200)])
    assert all(abs(y - x) <= 0.011 for x, y in zip(uniform.curves[1].x, uniform.curves[1].y))
    assert pictures.draw(uniform).get_xlabel().startswith("p-value")
    with pytest.raises(ds.InvalidRequest):
        pictures.p_values([1.2])


def test_planned_bounds_are_the_published_ones() -> None:
    plan = ds.calc.group_sequential_bounds(information=[0.2, 0.4, 0.6, 0.8, 1.0])
    upper, lower = pictures.picture(plan).curves
    assert upper.y == pytest.approx([4.8769, 3.3570, 2.6803, 2.2898, 2.0310], abs=6e-5)
    assert lower.y == [-one for one in upper.y]
    assert plan.plot().get_xlabel().startswith("look") and plan.chart()["layer"]


def test_given_axes_are_used_and_wrong_names_are_errors(result) -> None:
    _, axes = pyplot.subplots()
    assert result.plot("segments", metric="kept", dimension="country", ax=axes) is axes
    with pytest.raises(ds.NotFound, match="no picture 'effect'"):
        result.plot("effect")
    with pytest.raises(ds.NotFound, match="no effect by day"):
        result.plot("days")
    with pytest.raises(ds.NotFound, match="not split by 'x'"):
        result.plot("segments", dimension="x")


def test_colours_are_told_apart_by_lightness_or_marker() -> None:
    assert len(set(_geometry.PALETTE)) == len(_geometry.PALETTE) >= 7


def test_only_pictures_with_something_to_show_are_named(frame, result) -> None:
    assert "days" not in result.pictures() and "segments" in result.pictures()
    with pytest.raises(ds.NotFound, match="no effect by day"):
        result.plot("days")
    plain = ds.analyze(frame, variant="group", metrics=["minutes"])
    assert plain.pictures() == ("effects", "adjustment", "sample_ratio")


def test_long_words_stay_inside_the_picture(frame) -> None:
    names = {"A": "control", "B": "a treatment whose name takes many words to say"}
    found = ds.analyze(frame.assign(group=frame.group.map(names)), variant="group", control="control",
                       metrics={"a metric that somebody gave a very long name": ds.Mean("minutes")})
    for name in found.pictures():
        figure = found.plot(name).figure
        figure.canvas.draw()
        box = figure.get_tightbbox()
        assert box.x0 >= -0.05 and box.x1 <= figure.get_figwidth() + 0.05, name
    assert all(len(line) <= 88 for line in found.chart("sample_ratio")["title"]["subtitle"])


def test_intervals_of_every_look_are_absolute() -> None:
    from types import SimpleNamespace as Made
    days = [Made(look=None), Made(look=Made(lower=-1.0, upper=3.0)), Made(look=Made(lower=-0.5, upper=2.5))]
    lower, upper = pictures._sequential_curves(Made(days=days), False, ["1", "2", "3"])
    assert math.isnan(lower.y[0]) and lower.y[1:] == [-1.0, -0.5] and upper.y[1:] == [3.0, 2.5]
    assert pictures._sequential_curves(Made(days=days), True, ["1", "2", "3"]) == []
