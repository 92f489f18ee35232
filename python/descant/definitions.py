# SPDX-License-Identifier: Apache-2.0
"""Metrics and experiments as objects, for tables of units and for the YAML of a project.

A metric's first argument is a column of a table of units, or a measure of a fact table. What a class
does not name goes through by keyword: the engine checks it, and names the nearest known word.

    ds.Mean("minutes", covariate="minutes_before")                                  # for ds.analyze
    ds.Mean("minutes", fact_table="plays", aggregate="sum", window="14d", unit="min")     # for YAML
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Union

from . import _catalogue, _yaml
from ._ask import ask_rows
from ._errors import InvalidDefinition
from ._shapes import Value

Part = Union[str, Mapping[str, Any]]

# Words of a metric that only a table of units, or only an experiment, knows.
_OF_UNITS = ("role", "margin", "covariate")
_KINDS_OF_UNITS = ("mean", "proportion", "ratio")


class Definition:
    """Words and their values, in the order given; unset ones are left out."""

    def __init__(self, **words: Any) -> None:
        self._words = {name: value for name, value in words.items() if value is not None}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._words[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} does not state '{name}'") from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._words})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Definition) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        words = ", ".join(f"{name}={value!r}" for name, value in self._words.items())
        return f"{type(self).__name__}({words})"

    def to_dict(self) -> dict[str, Any]:
        """The definition as it stands in YAML."""
        return {name: _plain(value) for name, value in self._words.items()}

    def to_yaml(self) -> str:
        """The definition as YAML."""
        return _yaml.write(self.to_dict())


def _plain(value: Any) -> Any:
    if isinstance(value, Definition):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


class Metric(Definition):
    """What is compared between variants; use one of its kinds."""

    type: ClassVar[str] = ""

    def __init__(self, *, role: str | None = None, margin: str | float | None = None,
                 covariate: str | None = None, direction: str | None = None,
                 cap: str | float | Mapping[str, float] | None = None, **words: Any) -> None:
        super().__init__(**words, direction=direction, cap=cap, role=role, margin=margin, covariate=covariate)

    def to_dict(self) -> dict[str, Any]:
        """As a project's YAML has it; roles and margins belong to its experiments there."""
        words = {name: value for name, value in super().to_dict().items() if name not in _OF_UNITS}
        if isinstance(words.get("cap"), (int, float)):
            words["cap"] = {"value": words["cap"]}
        elif isinstance(words.get("cap"), str):
            words["cap"] = _cap_words(words["cap"])
        return {"type": type(self).type, **words}

    def for_units(self, name: str) -> dict[str, Any]:
        """As ds.analyze asks for it, over columns of a table of units."""
        if type(self).type not in _KINDS_OF_UNITS:
            raise InvalidDefinition(f"{type(self).__name__} is of events in a project, not of a table of units",
                                    "Known for a table: ds.Mean, ds.Proportion, ds.Ratio.", f"metric {name}")
        known = {"measure", "numerator", "denominator", "direction", "cap", *_OF_UNITS}
        unknown = [word for word in self._words if word not in known]
        if unknown:
            raise InvalidDefinition(f"'{unknown[0]}' belongs to a metric of a project, not of a table of units",
                                    "Leave it out: a row already is a unit's total.", f"metric {name}")
        words = self._words
        request = {"name": name, "type": type(self).type,
                   "numerator": words.get("measure", words.get("numerator")),
                   "denominator": words.get("denominator"),
                   "margin": None if "margin" not in words else str(words["margin"]),
                   "cap": _cap_text(words.get("cap"))}
        request |= {word: words.get(word) for word in ("role", "direction", "covariate")}
        if request["numerator"] is None:
            raise InvalidDefinition(f"the metric '{name}' names no column",
                                    f'Write ds.{type(self).__name__}("column").', f"metric {name}")
        for part in ("numerator", "denominator", "covariate"):
            if isinstance(request[part], Mapping):
                raise InvalidDefinition(f"the {part} of '{name}' is an aggregate over events",
                                        "Name a column of the table.", f"metric {name}")
            if request[part] is not None and not isinstance(request[part], str):
                raise InvalidDefinition(
                    f"the {part} of '{name}' names a column, and {request[part]!r} is no name",
                    "Give text; columns that are named by numbers are read as their text.", f"metric {name}")
        return {word: value for word, value in request.items() if value is not None}

    def columns(self) -> list[str]:
        """The columns of a table of units that it reads."""
        parts = (self._words.get(word) for word in ("measure", "numerator", "denominator", "covariate"))
        return [part for part in parts if isinstance(part, str)]


def _cap_words(text: str) -> Any:
    """500 and p99.9 as YAML has them; anything else as it is, for the engine to name what is wrong."""
    try:
        return {"percentile": float(text[1:])} if text.startswith("p") else {"value": float(text)}
    except ValueError:
        return text


def _cap_text(cap: Any) -> str | None:
    if isinstance(cap, Mapping):
        return f"p{cap['percentile']}" if "percentile" in cap else str(cap.get("value"))
    return None if cap is None else str(cap)


class Mean(Metric):
    """The mean over units of a column, or of what each unit's events add up to."""

    type = "mean"

    def __init__(self, measure: str | None = None, *, covariate: str | None = None, role: str | None = None,
                 margin: str | float | None = None, direction: str | None = None,
                 cap: str | float | Mapping[str, float] | None = None, **words: Any) -> None:
        super().__init__(measure=measure, covariate=covariate, role=role, margin=margin, direction=direction,
                         cap=cap, **words)


class Proportion(Metric):
    """The share of units for which a column of 0 and 1 is 1, or that have an event."""

    type = "proportion"

    def __init__(self, measure: str | None = None, *, covariate: str | None = None, role: str | None = None,
                 margin: str | float | None = None, direction: str | None = None, **words: Any) -> None:
        super().__init__(measure=measure, covariate=covariate, role=role, margin=margin, direction=direction,
                         **words)


class Ratio(Metric):
    """The ratio of two totals: of columns, or of aggregates over events."""

    type = "ratio"

    def __init__(self, numerator: Part, denominator: Part, *, covariate: str | None = None,
                 role: str | None = None, margin: str | float | None = None, direction: str | None = None,
                 cap: str | float | Mapping[str, float] | None = None, **words: Any) -> None:
        super().__init__(numerator=numerator, denominator=denominator, covariate=covariate, role=role,
                         margin=margin, direction=direction, cap=cap, **words)

    def to_dict(self) -> dict[str, Any]:
        words = super().to_dict()
        for part in ("numerator", "denominator"):
            if isinstance(words[part], str):
                words[part] = {"measure": words[part], "aggregate": "sum"}
        return words


class Retention(Metric):
    """The share of units that are back in a later window; for events of a project."""

    type = "retention"


class Quantile(Metric):
    """A quantile of units' totals, or of their events' values; for events of a project."""

    type = "quantile"

    def __init__(self, measure: str | None = None, *, quantile: float | None = None, **words: Any) -> None:
        super().__init__(measure=measure, quantile=quantile, **words)


class CountDistinct(Metric):
    """The number of different values of a measure that a unit has; for events of a project."""

    type = "count_distinct"

    def __init__(self, measure: str | None = None, **words: Any) -> None:
        super().__init__(measure=measure, **words)


KINDS: dict[str, type[Metric]] = {kind.type: kind for kind in (Mean, Proportion, Ratio, Retention, Quantile,
                                                     CountDistinct)}


class ExperimentMetric(Definition):
    """A metric's part in an experiment: its name, its role, and the effect or harm that matters."""

    def __init__(self, metric: str, role: str = "success", *,
                 minimum_detectable_effect: str | float | None = None,
                 non_inferiority_margin: str | float | None = None, **words: Any) -> None:
        super().__init__(metric=metric, role=role, minimum_detectable_effect=minimum_detectable_effect,
                         non_inferiority_margin=non_inferiority_margin, **words)


class Experiment(Definition):
    """A comparison that ends in a decision."""

    def __init__(self, *, assignment_table: str, control: str, variants: Mapping[str, float], start: Any,
                 end: Any, metrics: Sequence[ExperimentMetric | Mapping[str, Any]], **words: Any) -> None:
        parts = [one if isinstance(one, ExperimentMetric) else ExperimentMetric(**one) for one in metrics]
        super().__init__(assignment_table=assignment_table, control=control, variants=dict(variants),
                         start=start, end=end, metrics=parts, **words)


class Definitions(Definition):
    """All of a project: entities, tables, metrics and experiments; `to_yaml()` is its descant.yaml."""

    def __init__(self, name: str, *, metrics: Mapping[str, Metric] | None = None,
                 experiments: Mapping[str, Experiment] | None = None, **words: Any) -> None:
        super().__init__(name=name, **words, metrics=dict(metrics or {}) or None,
                         experiments=dict(experiments or {}) or None)

    def check(self, folder: str = ".") -> Definitions:
        """The definitions as the engine reads them; an error names everything that is wrong."""
        return Definitions.from_yaml(self.to_yaml(), folder)

    @staticmethod
    def from_yaml(text: str, folder: str = ".") -> Definitions:
        """Reads the text of a descant.yaml, strictly."""
        read, _ = ask_rows("read_yaml", {"yaml": text, "folder": folder})
        return Definitions.from_dict(read)

    @staticmethod
    def from_dict(read: Mapping[str, Any]) -> Definitions:
        """From the JSON of a project's definitions, as the engine gives it."""
        words = _stated(read, Value("object", shape=_catalogue.entry("read_yaml").result))
        quantiles = {name: metric.get("quantile") for name, metric in read.get("metrics", {}).items()}
        words["metrics"] = {name: metric_of({**metric, "quantile": quantiles[name]})
                            for name, metric in words.get("metrics", {}).items()}
        words["experiments"] = {name: Experiment(**one) for name, one in words.get("experiments", {}).items()}
        return Definitions(**words)


def metric_of(read: Mapping[str, Any]) -> Metric:
    """A metric from its words in YAML."""
    words = _stated(read)
    kind = KINDS.get(words.pop("type", ""))
    if kind is None:
        raise InvalidDefinition(f"unknown metric type '{read.get('type')}'", "Known: " + ", ".join(KINDS) + ".")
    if kind is Ratio:
        for word in ("aggregate", "measure", "where"):
            words.pop(word, None)
    else:
        words.pop("numerator", None)
        words.pop("denominator", None)
    if words.get("from") in (None, "0s", "0d", "0m", "0h"):  # [0, to) is written as a window
        words.pop("from", None)
        words.pop("to", None)
    else:
        words.pop("window", None)
    if kind is not Quantile:
        words.pop("quantile_of", None)
        words.pop("quantile", None)
    return kind(**words)


def _stated(value: Any, wanted: Value | None = None) -> Any:
    """Without what is empty or as it is anyway: the engine writes every word, people those they need."""
    if isinstance(value, list):
        return [_stated(one, wanted.items if wanted else None) for one in value]
    if not isinstance(value, Mapping):
        return value
    if wanted and wanted.kind == "map":
        inner = {key: _stated(one, wanted.items) for key, one in value.items()}
    else:
        members = wanted.shape.members if wanted and wanted.shape else {}
        inner = {key: _stated(one, members[key].value if key in members else None) for key, one in value.items()
                 if key not in members or members[key].required or one != members[key].default}
    return {key: one for key, one in inner.items() if one not in (None, "", [], {})}
