# SPDX-License-Identifier: Apache-2.0
"""Questions about a table of units, one row each: analysis, distributions, design."""
from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Union

from . import _frames
from ._ask import ask
from ._errors import InvalidRequest
from ._records import Record
from ._results import Design, Distributions, ExperimentResult
from .definitions import Mean, Metric

Metrics = Union[Mapping[str, Metric], Sequence[Union[str, Metric]]]


def _named(metrics: Metrics) -> dict[str, Metric]:
    if isinstance(metrics, (str, Metric)):
        metrics = [metrics]
    if not metrics or not isinstance(metrics, (Mapping, Sequence)):
        raise InvalidRequest("no metric is named", 'Give such as {"minutes": ds.Mean("minutes")}.', "metrics")
    if not isinstance(metrics, Mapping):
        listed = [Mean(one) if isinstance(one, str) else one for one in metrics]
        metrics = {_name(one): one for one in listed}
    for name, metric in metrics.items():
        if not isinstance(metric, Metric):
            kind = metric.__name__ + " without its column" if isinstance(metric, type) else type(metric).__name__
            raise InvalidRequest(f"the metric '{name}' is a {kind}",
                                 'Give ds.Mean("column"), ds.Ratio("a", "b") or ds.Proportion("column").', name)
    return {str(name): metric for name, metric in metrics.items()}


def _name(metric: Any) -> str:
    if not isinstance(metric, Metric):
        return str(metric)
    return "/".join(metric.columns()[:2 if metric.type == "ratio" else 1])


def _label(value: Any) -> str | None:
    """A variant as its label reads: 0.0 is 0, True is true."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return str(bool(value)).lower()
    return f"{value:.17g}" if isinstance(value, float) else str(value)


def _must_name_columns(arguments: Mapping[str, Any]) -> None:
    for argument, given in arguments.items():
        for one in given if isinstance(given, list) else [given]:
            if one is not None and not isinstance(one, str):
                raise InvalidRequest(f"{argument} names a column, and {one!r} is no name",
                                     "Give text; columns that are named by numbers are read as their text.", argument)


def _ask_units(question: str, data: Any, request: dict[str, Any], columns: Sequence[str],
               progress: bool | None) -> Record:
    if isinstance(data, (str, os.PathLike)):
        return ask(question, {"file": os.fspath(data), **request}, progress=progress)
    stream = _frames.stream_of(data, columns)
    return ask(question, {"file": "table", **request}, inputs={"units": stream}, progress=progress)


def analyze(data: Any, *, variant: str, metrics: Metrics, control: Any = None,
            segments: str | Sequence[str] = (), unit: str | None = None,
            shares: Mapping[str, float] | None = None, alpha: float = 0.05, power: float = 0.8,
            deterioration_alpha: float = 0.01, confidence_level: float = 0.95, threads: int = 0,
            progress: bool | None = None) -> ExperimentResult:
    """Analyses a table with one row per unit as an experiment.

    `data` is a pandas, polars or pyarrow table, a DuckDB relation, anything with __arrow_c_stream__
    (also a stream larger than memory), or the path of a CSV or Parquet file. `variant` names the
    column that says which variant a unit was in; others are compared with `control` (the first by
    name unless given). `metrics` is {name: ds.Mean("column"), …}. `segments` names columns to split
    by, `unit` one that identifies units (each row unless given). `shares` are the expected shares by
    variant, equal unless given.
    """
    named = _named(metrics)
    split = [segments] if isinstance(segments, str) or not isinstance(segments, Iterable) else list(segments)
    _must_name_columns({"variant": variant, "unit": unit, "segments": split})
    if shares is not None and not isinstance(shares, Mapping):
        raise InvalidRequest("the shares are by variant", 'Give such as {"A": 0.5, "B": 0.5}.', "shares")
    request = {
        "variant": variant, "control": _label(control), "unit": unit, "segments": split,
        "metrics": [metric.for_units(name) for name, metric in named.items()],
        "shares": [f"{_label(name)}={share}" for name, share in (shares or {}).items()],
        "alpha": alpha, "power": power, "deterioration_alpha": deterioration_alpha,
        "confidence_level": confidence_level, "threads": threads}
    columns = [variant, *split, *([unit] if unit else []),
               *(column for metric in named.values() for column in metric.columns())]
    result = _ask_units("analyze_units", data, request, columns, progress)
    assert isinstance(result, ExperimentResult)
    return result


def distributions(data: Any, *, metrics: Metrics, variant: str | None = None, control: Any = None,
                  bins: int = 40, threads: int = 0, progress: bool | None = None) -> Distributions:
    """Moments, quantiles and histograms of each metric, by variant where one is named."""
    named = _named(metrics)
    _must_name_columns({"variant": variant})
    request = {"variant": variant, "control": _label(control), "bins": bins, "threads": threads,
               "metrics": [metric.for_units(name) for name, metric in named.items()]}
    columns = [*([variant] if variant else []),
               *(column for metric in named.values() for column in metric.columns())]
    result = _ask_units("unit_distributions", data, request, columns, progress)
    assert isinstance(result, Distributions)
    return result


def design(data: Any = None, *, metrics: Metrics | Mapping[str, Mapping[str, Any]],
           minimum_detectable_effect: float | Mapping[str, float] | None = None,
           n_total: int | None = None, decision_rule: str = "spotify", **options: Any) -> Design:
    """How many units an experiment needs, or what a given number of units can find.

    `metrics` is {name: ds.Mean("column"), …} over `data`, a table of units from before the
    experiment, or {name: baseline} with a baseline such as {"mean": 5, "variance": 4}. A guardrail
    has a relative margin, every other metric a relative `minimum_detectable_effect` (one for all, or
    by name). With `n_total` instead, it gives the smallest effect that so many units find. More
    options are those of ds.calc.sample_size: alpha, power, allocation, arms …
    """
    from ._design import design_metrics
    return design_metrics(data, metrics, minimum_detectable_effect, n_total, decision_rule, options)
