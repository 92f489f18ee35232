# SPDX-License-Identifier: Apache-2.0
"""From units before an experiment to its size: baselines, then the operations that size tests."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import calc
from ._errors import InvalidRequest
from ._records import Record
from ._results import Design
from .definitions import Metric


def design_metrics(data: Any, metrics: Any, effects: Any, n_total: int | None, decision_rule: str,
                   options: dict[str, Any]) -> Design:
    from ._units import _named
    if n_total is not None and effects is not None:
        raise InvalidRequest("both n_total and minimum_detectable_effect are given",
                             "Leave one out: it is what the design finds. ds.calc.power takes both.", "n_total")
    if isinstance(effects, str):
        effects = _number(effects, "minimum_detectable_effect")
    if data is None and isinstance(metrics, Mapping) and not any(isinstance(one, Metric) for one in metrics.values()):
        baselines = {name: _stated(name, baseline) for name, baseline in metrics.items()}
        guardrails: dict[str, tuple[float, str]] = {}
    else:
        named = _named(metrics)
        baselines = _baselines(data, named)
        guardrails = {name: _margin(name, one) for name, one in named.items()
                      if getattr(one, "role", "success") == "guardrail"}
    counts = {"success_metrics": len(baselines) - len(guardrails), "guardrail_metrics": len(guardrails),
              "decision_rule": decision_rule} if len(baselines) > 1 else {}
    results = {name: _size(name, dict(baseline), effects, guardrails.get(name), n_total, {**counts, **options})
               for name, baseline in baselines.items()}
    return Design(results, n_total)


def _stated(name: str, baseline: Any) -> dict[str, Any]:
    if not isinstance(baseline, Mapping):
        raise InvalidRequest(f"the baseline of '{name}' is {baseline!r}",
                             'Give such as {"mean": 5, "variance": 4} or {"proportion": 0.4}.', name)
    return dict(baseline)


def _number(text: str, where: str) -> float:
    """0.02 and 2% are the same relative effect."""
    try:
        return (0.01 if text.strip().endswith("%") else 1.0) * float(text.strip().removesuffix("%"))
    except ValueError:
        raise InvalidRequest(f"'{text}' is no effect", "Write 0.02, or 2% of the control.", where) from None


def _margin(name: str, metric: Metric) -> tuple[float, str]:
    """The margin and its scale: 1% is relative, 1pp and a number are in the metric's unit."""
    text = str(getattr(metric, "margin", "")).strip()
    scale = 0.01 if text.endswith(("%", "pp")) else 1.0
    try:
        return scale * float(text.removesuffix("%").removesuffix("pp")), "relative" if "%" in text else "absolute"
    except ValueError:
        raise InvalidRequest(f"the guardrail '{name}' needs a margin", 'Write margin="1%".', name) from None


def _baselines(data: Any, named: dict[str, Metric]) -> dict[str, dict[str, Any]]:
    from ._units import distributions
    if data is None:
        raise InvalidRequest("there is no table to take baselines from",
                             'Give one, or baselines such as {"mean": 5, "variance": 4}.', "data")
    found = {}
    for metric in distributions(data, metrics=named, bins=1).metrics:
        arm = metric.arms[0]
        kind = named[metric.name].type
        if arm.variance != arm.variance:
            raise InvalidRequest(f"'{metric.name}' has {arm.n} units with a value; a baseline needs two or more",
                                 "Give a table of units from before the experiment.", metric.name)
        baseline: dict[str, Any] = {"mean": arm.mean, "variance": arm.variance}
        if kind == "proportion":
            baseline = {"proportion": arm.mean}
        elif kind == "ratio":
            baseline = {"numerator": {"mean": arm.mean, "variance": arm.variance},
                        "denominator": {"mean": arm.denominator_mean, "variance": arm.denominator_variance},
                        "covariance": arm.denominator_covariance}
        if arm.covariate_correlation == arm.covariate_correlation:  # there is a covariate
            baseline["covariate_correlation"] = arm.covariate_correlation
        found[metric.name] = baseline
    return found


def _size(name: str, baseline: dict[str, Any], effects: Any, margin: tuple[float, str] | None, n_total: int | None,
          options: dict[str, Any]) -> Record:
    request: dict[str, Any] = {"covariate_correlation": baseline.pop("covariate_correlation", None), **options}
    if margin is not None:
        request |= {"non_inferiority_margin": margin[0], "effect_scale": margin[1]}
    if n_total is not None:
        if margin is None:
            return calc.run("minimum_detectable_effect", baseline=baseline, n_total=n_total, **request)
        return calc.run("power", baseline=baseline, n_total=n_total, **request)
    if margin is None:
        effect = effects.get(name) if isinstance(effects, Mapping) else effects
        if isinstance(effect, str):
            effect = _number(effect, "minimum_detectable_effect")
        if effect is None:
            raise InvalidRequest(f"no minimum detectable effect is stated for '{name}'",
                                 "Give minimum_detectable_effect, such as 0.01 for 1 %, or n_total.",
                                 "minimum_detectable_effect")
        request |= {"minimum_detectable_effect": effect}
    return calc.run("sample_size", baseline=baseline, **request)
