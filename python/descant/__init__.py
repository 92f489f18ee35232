# SPDX-License-Identifier: Apache-2.0
"""Descant: from a log of listening events, or a table of units, to decisions.

    import descant as ds
    result = ds.analyze(frame, variant="group", control="A",
                        metrics={"minutes": ds.Mean("minutes", covariate="minutes_before")})
    result.decision.action    # 'ship' | 'stop' | 'continue' | 'invalid'
    result.plot()

    project = ds.open("my-project")
    project.experiments.home_ranker.analyze()

Every statistic is in ds.calc. Errors are ds.DescantError and its kinds.
"""
from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import _core
from ._errors import (
    Cancelled,
    Corrupt,
    DescantError,
    DescantWarning,
    InternalError,
    InvalidData,
    InvalidDefinition,
    InvalidRequest,
    IoError,
    Locked,
    NotFound,
)

if TYPE_CHECKING:
    from . import calc, definitions, pictures
    from ._project import Project, demo
    from ._project import Project as open
    from ._records import Record
    from ._results import Design, Distributions, ExperimentResult
    from ._units import analyze, design, distributions
    from .definitions import (
        CountDistinct,
        Definitions,
        Experiment,
        ExperimentMetric,
        Mean,
        Metric,
        Proportion,
        Quantile,
        Ratio,
        Retention,
    )

__version__: str = _core.version()

# Loaded when they are first used, so that importing the package costs little.
_LAZY = {
    "_project": ("Project", "demo"),
    "_records": ("Record",),
    "_results": ("Design", "Distributions", "ExperimentResult"),
    "_units": ("analyze", "design", "distributions"),
    "definitions": ("CountDistinct", "Definitions", "Experiment", "ExperimentMetric", "Mean", "Metric", "Proportion",
                    "Quantile", "Ratio", "Retention"),
}
_HOME = {name: module for module, names in _LAZY.items() for name in names} | {"open": "_project"}

__all__ = [
    "Cancelled", "Corrupt", "CountDistinct", "Definitions", "DescantError", "DescantWarning", "Design", "Distributions",
    "Experiment", "ExperimentMetric", "ExperimentResult", "InternalError", "InvalidData",
    "InvalidDefinition", "InvalidRequest", "IoError", "Locked", "Mean", "Metric", "NotFound", "Project",
    "Proportion", "Quantile", "Ratio", "Record", "Retention", "__version__", "analyze", "calc", "definitions",
    "demo", "design", "distributions", "open", "pictures",
]


def __getattr__(name: str) -> Any:
    if name in ("calc", "definitions", "pictures"):
        return importlib.import_module(f".{name}", __name__)
    if name in _HOME:
        value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), "Project" if name == "open" else name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'descant' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
