# SPDX-License-Identifier: Apache-2.0
"""What Descant can be asked, as it says itself: operations and questions with their shapes."""
from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Any

from . import _core
from ._shapes import Shape, pascal, shape_of


@dataclass(frozen=True)
class Entry:
    """One operation or question."""

    name: str
    summary: str
    group: str  # of an operation; "" for a question
    request: Shape
    result: Shape


# Results of questions whose names say better what they are.
_RESULT_NAMES = {"analyze_units": "ExperimentResult", "analyze_experiment": "ExperimentResult",
                 "status": "ProjectStatus", "definitions": "ProjectDefinitions",
                 "read_yaml": "ProjectDefinitions", "unit_distributions": "UnitDistributions",
                 "experiment_distributions": "UnitDistributions", "experiment_aa": "AaResult",
                 "explain_experiment": "Explanation",
                 "report": "Document"}


@functools.cache
def _description() -> dict[str, Any]:
    described: dict[str, Any] = json.loads(_core.call("describe")[0])
    return described


def _entry(described: dict[str, Any]) -> Entry:
    name = described["name"]
    return Entry(name, described["summary"], described.get("group", ""),
                 shape_of(described["request"], pascal(name) + "Request"),
                 shape_of(described["result"], _RESULT_NAMES.get(name, pascal(name) + "Result"),
                          described["summary"]))


@functools.cache
def names(kind: str) -> tuple[str, ...]:
    """Names of all "operations" or "questions", in the order shown to people."""
    return tuple(entry["name"] for entry in _description()[kind])


@functools.cache
def entry(name: str) -> Entry:
    """The operation or question of this name; KeyError when there is none."""
    for kind in ("operations", "questions"):
        for described in _description()[kind]:
            if described["name"] == name:
                return _entry(described)
    raise KeyError(name)
