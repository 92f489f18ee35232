# SPDX-License-Identifier: Apache-2.0
"""The results that have more to say than their fields: analysed experiments, distributions, designs."""
from __future__ import annotations

import html
import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from ._ask import ask_rows
from ._errors import InvalidData, InvalidRequest, NotFound
from ._records import Record, _flat, _needs, shown, table_of
from ._shapes import Shape

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow
    from matplotlib.axes import Axes


class Plotted:
    """Results with pictures: `plot()` draws one with matplotlib, `chart()` gives it as Vega-Lite."""

    def pictures(self) -> tuple[str, ...]:
        """The names of the pictures that this result has, the default first."""
        from . import pictures
        return pictures.names_of(self)

    def plot(self, picture: str | None = None, *, ax: Axes | None = None, **options: Any) -> Axes:
        """Draws a picture and returns its Axes, to go on with."""
        from . import pictures
        return pictures.draw(pictures.picture(self, picture, **options), ax)

    def chart(self, picture: str | None = None, **options: Any) -> dict[str, Any]:
        """The same picture as a Vega-Lite specification."""
        from . import pictures
        return pictures.vega_lite(pictures.picture(self, picture, **options))


class OperationResult(Plotted, Record):
    """The result of an operation."""


class AaResult(Plotted, Record):
    """How an experiment's tests behave when nothing differs."""

    if TYPE_CHECKING:
        metrics: list[Any]
        alpha: float
        replicates: int


class ExperimentResult(Plotted, Record):
    """An analysed experiment: its decision, its metrics with intervals, its checks."""

    _TABLES = ("metrics", "segments", "days", "checks", "arms", "left_out")

    if TYPE_CHECKING:
        experiment: Any
        decisions: list[Any]
        checks: list[Any]
        metrics: list[Any]
        record: Any
        warnings: list[Any]

    @property
    def decision(self) -> Any:
        """The decision on the one treatment; `decisions` has those of several."""
        if len(self.decisions) != 1:
            raise InvalidRequest(f"there are {len(self.decisions)} treatments, each with its decision",
                                 "Take one of `decisions`.", "decision")
        return self.decisions[0]

    def metric(self, name: str, treatment: str | None = None) -> Any:
        """One metric's result, of one treatment where there are several."""
        found = [one for one in self.metrics if one.name == name and treatment in (None, one.treatment)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InvalidRequest(f"'{name}' has {len(found)} treatments",
                                 "Name one: " + ", ".join(one.treatment for one in found) + ".", "treatment")
        known = dict.fromkeys(one.name for one in self.metrics)
        raise NotFound(f"there is no metric '{name}'", "Known: " + ", ".join(known) + ".", "metric")

    def to_rows(self, table: str = "metrics") -> list[dict[str, Any]]:
        """The rows of one of its tables: metrics, segments, days, checks, arms, left_out."""
        if table not in self._TABLES:
            raise NotFound(f"there is no table '{table}'", "Known: " + ", ".join(self._TABLES) + ".", "table")
        if table in ("arms", "left_out"):
            return [_flat(one) for one in self._data["experiment"][table]]
        if table == "checks":
            return [_flat(one) for one in self._data["checks"]]
        if table == "metrics":
            return [_flat(one) for one in self._data["metrics"]]
        return [{"metric": metric["name"], "treatment": metric["treatment"], **_flat(one)}
                for metric in self._data["metrics"] for one in metric[table]]

    def to_arrow(self, table: str = "metrics") -> pyarrow.Table:
        """One of its tables as a pyarrow table; see to_rows()."""
        return table_of(self.to_rows(table))

    def to_pandas(self, table: str = "metrics") -> pandas.DataFrame:
        """One of its tables as a pandas data frame; see to_rows()."""
        return cast("pandas.DataFrame", _needs("pandas").DataFrame(self.to_rows(table)))

    def to_polars(self, table: str = "metrics") -> polars.DataFrame:
        """One of its tables as a polars data frame; see to_rows()."""
        return cast("polars.DataFrame", _needs("polars").DataFrame(self.to_rows(table), infer_schema_length=None))

    def to_text(self, width: int = 100) -> str:
        """Verdict first, then tables, as the program prints it."""
        return str(ask_rows("report", {"results": [self._data], "width": width})[0]["text"])

    def to_html(self) -> str:
        """One page with prose and charts, which loads nothing."""
        title = self._data["experiment"]["name"]
        return str(ask_rows("report", {"results": [self._data], "format": "html", "title": title})[0]["text"])

    def save(self, file: str | os.PathLike[str]) -> None:
        """Writes the page of to_html to a file."""
        with open(file, "w", encoding="utf-8") as out:
            out.write(self.to_html())

    def explain(self) -> str:
        """How each decision came about, and what moved each interval from raw difference to final."""
        return "\n".join(_explained(self))

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        decisions = "".join(
            f"<p><b>{html.escape(one.treatment)}: {html.escape(one.action)}</b>. {html.escape(one.explanation)}</p>"
            for one in self.decisions)
        head = "".join(f'<th style="text-align:left">{name}</th>' for name in (
            "metric", "treatment", "role", "control", "treatment mean", "effect", "interval", "one-sided p", "verdict"))
        body = "".join(_html_row(metric) for metric in self.metrics)
        notes = "".join(f"<li>{html.escape(one.message)}</li>" for one in self.warnings)
        name = html.escape(self.experiment.name)
        return (f"<div><h4>{name}</h4>{decisions}<table><tr>{head}</tr>{body}</table>"
                + (f"<ul>{notes}</ul>" if notes else "") + "</div>")


def percent(share: float) -> str:
    return "undefined" if share != share else f"{100 * share:+.2f} %"


def interval_text(interval: Any) -> str:
    lower, upper = interval.lower, interval.upper
    return f"{'unbounded' if lower != lower else percent(lower)} to {'unbounded' if upper != upper else percent(upper)}"


def _html_row(metric: Any) -> str:
    compared = metric.comparison
    cells = (metric.name, metric.treatment, metric.role, shown(compared.control.estimate),
             shown(compared.treatment.estimate), percent(compared.relative.estimate),
             interval_text(compared.relative), shown(metric.p_value_one_sided), metric.verdict)
    return "<tr>" + "".join(f'<td style="text-align:left">{html.escape(str(cell))}</td>' for cell in cells) + "</tr>"


def _explained(result: ExperimentResult) -> Iterator[str]:
    for decision in result.decisions:
        yield f"{decision.treatment}: {decision.action}. {decision.explanation}"
        yield from (f"  - {reason}" for reason in decision.reasons)
    for check in result.checks:
        yield f"check {check.name}: {'passed' if check.passed else 'FAILED'}. {check.message}"
    for metric in result.metrics:
        yield ""
        yield f"{metric.name} ({metric.role}, {metric.treatment} against {result.experiment.control}):"
        raw, final = metric.unadjusted, metric.comparison
        yield f"  raw difference     {percent(raw.relative.estimate)}  ({interval_text(raw.relative)}), method {raw.method}"
        if final.method != raw.method or final.relative.estimate != raw.relative.estimate:
            yield (f"  after adjustment   {percent(final.relative.estimate)}  ({interval_text(final.relative)}), "
                   f"method {final.method}")
        if metric.variance_reduction == metric.variance_reduction:
            yield f"  the covariate removed {100 * metric.variance_reduction:.1f} % of the effect's variance"
        if metric.cap_numerator == metric.cap_numerator:
            yield f"  unit totals above {shown(metric.cap_numerator)} count as that"
        for count, why in ((metric.immature_units, "their window is not complete"),
                           (metric.missing_units, "they have no finite value")):
            if count:
                yield f"  left out: {count} units, because {why}"
        if metric.margin == metric.margin:
            margin = percent(metric.margin) if metric.margin_scale == "relative" else shown(metric.margin)
            yield f"  tested against a margin of {margin.lstrip('+')}"
        level = "not decided on" if metric.alpha_used != metric.alpha_used else f"level {shown(metric.alpha_used)}"
        yield f"  one-sided p = {shown(metric.p_value_one_sided)}, {level}: {metric.verdict}"


def _cells(rows: list[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return columns, [[shown(None if row.get(name) != row.get(name) else row.get(name)) for name in columns]
                     for row in rows]


def text_table(rows: list[dict[str, Any]]) -> str:
    columns, cells = _cells(rows)
    widths = [max(len(line[place]) for line in [columns, *cells]) for place in range(len(columns))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                     for line in [columns, *cells])


def html_table(rows: list[dict[str, Any]], caption: str) -> str:
    columns, cells = _cells(rows)
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in line) + "</tr>" for line in cells)
    return f"<table><caption>{html.escape(caption)}</caption><tr>{head}</tr>{body}</table>"


class Distributions(Plotted, Record):
    """How the values of units are distributed in each arm."""

    if TYPE_CHECKING:
        levels: list[float]
        metrics: list[Any]

    def __repr__(self) -> str:
        return text_table(self.to_rows())

    def _repr_html_(self) -> str:
        return html_table(self.to_rows(), "")

    def to_rows(self) -> list[dict[str, Any]]:
        """One row for each metric and arm, quantiles as columns."""
        rows = []
        for metric in self.metrics:
            for arm in metric.arms:
                row = {"metric": metric.name, "variant": arm.variant, "n": arm.n, "missing": arm.missing,
                       "mean": arm.mean, "variance": arm.variance, "minimum": arm.minimum, "maximum": arm.maximum}
                rows.append(row | {f"p{100 * level:g}": value for level, value in zip(self.levels, arm.quantiles)})
        return rows


class Design(Plotted):
    """The sizes of an experiment's metrics, and the one that binds."""

    def __init__(self, results: dict[str, Record], n_total: int | None) -> None:
        self.metrics = results
        self._n_total = n_total

    @property
    def n_total(self) -> int:
        """Units in all arms that every metric together needs, or that were given."""
        if self._n_total is not None:
            return self._n_total
        return max(self._needs.values())

    @property
    def _needs(self) -> dict[str, int]:
        needs = {name: one["n_total"] for name, one in self.metrics.items()}
        for name, n_total in needs.items():
            if n_total is None or n_total != n_total:
                raise InvalidData(f"no number of units finds the effect on '{name}'",
                                  "Its values do not vary, or their mean is 0, so that it has no relative effect.",
                                  name)
        return needs

    @property
    def binding_metric(self) -> str | None:
        """The metric that needs the most units; None when their number was given."""
        if self._n_total is not None:
            return None
        return max(self._needs, key=lambda name: self._needs[name])

    def to_rows(self) -> list[dict[str, Any]]:
        """One row for each metric."""
        return [{"metric": name, **_flat(one.to_dict())} for name, one in self.metrics.items()]

    def to_dict(self) -> dict[str, Any]:
        """Each metric's result as plain Python values."""
        return {name: one.to_dict() for name, one in self.metrics.items()}

    def to_json(self, indent: int | None = None) -> str:
        """Each metric's result as JSON, with null where a number is undefined."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    def to_pandas(self) -> pandas.DataFrame:
        """One row for each metric, as a pandas data frame."""
        return cast("pandas.DataFrame", _needs("pandas").DataFrame(self.to_rows()))

    def to_polars(self) -> polars.DataFrame:
        """One row for each metric, as a polars data frame."""
        return cast("polars.DataFrame", _needs("polars").DataFrame(self.to_rows(), infer_schema_length=None))

    def to_arrow(self) -> pyarrow.Table:
        """One row for each metric, as a pyarrow table."""
        return table_of(self.to_rows())

    def explain(self) -> str:
        """The design in words."""
        if self._n_total is None:
            lines = [f"{self.n_total:,} units in all; {self.binding_metric} needs the most."]
        else:
            lines = [f"With {self.n_total:,} units in all:"]
        for name, one in self.metrics.items():
            lines.append(f"{name}:")
            lines += [f"  {line}" for line in one.explain().splitlines()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        lines = [f"{self.n_total:,} units" + (f", {self.binding_metric} binds" if self.binding_metric else "")]
        for row in self.to_rows():
            facts = ", ".join(f"{key} {shown(value)}" for key, value in row.items() if key not in ("metric", "method"))
            lines.append(f"  {row['metric']}: {facts}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return html_table(self.to_rows(), f"{self.n_total:,} units")


_BASES: dict[str, type[Record]] = {"AaResult": AaResult, "ExperimentResult": ExperimentResult, "UnitDistributions": Distributions}


def base_of(shape: Shape) -> type[Record]:
    """The class that a result's own class derives from."""
    return _BASES.get(shape.name, OperationResult)
