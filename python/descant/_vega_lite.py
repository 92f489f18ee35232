# SPDX-License-Identifier: Apache-2.0
"""Pictures as Vega-Lite specifications, with the data inside."""
from __future__ import annotations

import math
import textwrap
from typing import Any

from ._geometry import MUTED, Picture

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_MARGIN_COLOR = "#B00020"


def specification(picture: Picture) -> dict[str, Any]:
    layers = [*_intervals(picture), *_curves(picture), *_bars(picture), *_steps(picture), *_zero(picture)]
    title: dict[str, Any] = {"text": picture.title, "anchor": "start"}
    if picture.note:
        title["subtitle"] = textwrap.wrap(picture.note, 88)
    return {"$schema": _SCHEMA, "title": title, "width": 520, "layer": layers,
            "config": {"view": {"stroke": None}, "axis": {"labelLimit": 320}, "legend": {"labelLimit": 320},
                       "axisX": {"labelOverlap": True}}}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _rows(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"values": [{key: _finite(value) for key, value in row.items()} for row in rows]}


def _axis(title: str, percent: bool) -> dict[str, Any]:
    return {"title": title or None, "axis": {"format": ".1%" if percent else ",~f"}}


def _color(picture: Picture, name: str = "series") -> dict[str, Any]:
    series = picture.series()
    if not series:
        return {"value": picture.color("")}
    if len(series) == 1:  # a legend of one word says nothing
        return {"value": picture.color(series[0])}
    return {"field": name, "type": "nominal", "title": None,
            "scale": {"domain": series, "range": [picture.color(one) for one in series]}}


def _intervals(picture: Picture) -> list[dict[str, Any]]:
    if not picture.intervals:
        return []
    rows = [{"label": one.label, "estimate": one.estimate, "lower": one.lower, "upper": one.upper,
             "series": one.series, "margin": one.margin} for one in picture.intervals]
    y: dict[str, Any] = {"field": "label", "type": "nominal", "sort": picture.labels(), "title": None}
    shared: dict[str, Any] = {"y": y, "color": _color(picture)}
    rivals = {(one.label, one.series) for one in picture.intervals}
    if len(rivals) > len(picture.labels()):
        shared["yOffset"] = {"field": "series", "type": "nominal", "sort": picture.series()}
    x = _axis(picture.x_title, picture.percent_x) | {"type": "quantitative"}
    layers = [
        {"mark": {"type": "rule", "strokeWidth": 2.2},
         "encoding": {**shared, "x": {"field": "lower", **x}, "x2": {"field": "upper"}}},
        {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
         "encoding": {**shared, "x": {"field": "estimate", **x}}}]
    if any(math.isfinite(one.margin) for one in picture.intervals):
        layers.append({"mark": {"type": "tick", "color": _MARGIN_COLOR, "thickness": 2, "size": 18},
                       "encoding": {"y": y, "x": {"field": "margin", **x}}})
    return [{"data": _rows(rows), **layer} for layer in layers]


def _curves(picture: Picture) -> list[dict[str, Any]]:
    layers = []
    for curve in picture.curves:
        points = [{"x": x, "y": y, "series": curve.name} for x, y in zip(curve.x, curve.y)]
        for point, low, high in zip(points, curve.lower, curve.upper):
            point |= {"lower": low, "upper": high}
        is_text = bool(curve.x) and isinstance(curve.x[0], str)
        x: dict[str, Any] = {"field": "x", "type": "ordinal" if is_text else "quantitative", "title": picture.x_title}
        if all(float(one).is_integer() for one in curve.x if not isinstance(one, str)):
            x["axis"] = {"tickMinStep": 1}
        if is_text:
            x["axis"] = {"labelAngle": -30}
        if picture.log_x:
            x["scale"] = {"type": "log"}
        y = _axis(picture.y_title, picture.percent_y) | {"type": "quantitative"}
        color = {"value": MUTED} if curve.muted else _color(picture)
        if curve.lower:
            layers.append({"data": _rows(points), "mark": {"type": "area", "opacity": 0.16}, "encoding": {
                "x": x, "y": {"field": "lower", **y}, "y2": {"field": "upper"}, "color": color}})
        mark: dict[str, Any] = {"type": "line", "point": is_text and not curve.dashed}
        if curve.dashed:
            mark["strokeDash"] = [5, 3]
        layers.append({"data": _rows(points), "mark": mark,
                       "encoding": {"x": x, "y": {"field": "y", **y}, "color": color}})
    return layers


def _bars(picture: Picture) -> list[dict[str, Any]]:
    if not picture.bars:
        return []
    rows = [{"label": one.label, "value": one.value, "series": one.series} for one in picture.bars]
    encoding: dict[str, Any] = {
        "x": {"field": "label", "type": "nominal", "sort": picture.labels(), "title": None, "axis": {"labelAngle": 0}},
        "y": _axis(picture.y_title, picture.percent_y) | {"field": "value", "type": "quantitative"},
        "color": _color(picture)}
    if len(picture.series()) > 1:
        encoding["xOffset"] = {"field": "series", "type": "nominal", "sort": picture.series()}
    return [{"data": _rows(rows), "mark": "bar", "encoding": encoding}]


def _steps(picture: Picture) -> list[dict[str, Any]]:
    layers = []
    for one in picture.steps:
        ends = [*one.heights, *one.heights[-1:]]
        rows = [{"x": x, "y": y, "series": one.name} for x, y in zip(one.borders, ends)]
        layers.append({"data": _rows(rows), "mark": {"type": "line", "interpolate": "step-after"}, "encoding": {
            "x": {"field": "x", "type": "quantitative", "title": picture.x_title},
            "y": _axis(picture.y_title, picture.percent_y) | {"field": "y", "type": "quantitative"},
            "color": _color(picture)}})
    return layers


def _zero(picture: Picture) -> list[dict[str, Any]]:
    lines = []
    for shown, channel in ((picture.zero_x, "x"), (picture.zero_y, "y")):
        if shown:
            lines.append({"data": {"values": [{"zero": 0}]}, "mark": {"type": "rule", "color": "#4D4D4D"},
                          "encoding": {channel: {"field": "zero", "type": "quantitative"}}})
    return lines
