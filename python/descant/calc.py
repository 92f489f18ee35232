# SPDX-License-Identifier: Apache-2.0
"""Every statistical operation as a function: `ds.calc.mean_difference(control=…, treatment=…)`.

Arguments are those of the operation's request, by keyword; `help(ds.calc.mean_difference)` lists
them. A sample is a dict in one of its forms, such as {"n": 90, "mean": 11, "variance": 5}, or simply
its values: a list, an array, a series. Long arrays and whole frames cross as Arrow.
"""
from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from . import _catalogue, _frames
from ._ask import ask, split_rows
from ._errors import NotFound
from ._records import Record, class_of, result_class
from ._shapes import Member, Shape, Value, field_name, python_name

_SAMPLE_VALUES = "values"


def __dir__() -> list[str]:
    return [*_catalogue.names("operations"), "run"]


def __getattr__(name: str) -> Any:
    if name in _catalogue.names("operations"):
        function = _function(name)
        globals()[name] = function
        return function
    for operation in _catalogue.names("operations") if name[:1].isupper() else ():
        shape = _catalogue.entry(operation).result
        if shape.name == name:
            return result_class(operation)
        for inner in shape.inner():
            if inner.name == name:
                return class_of(inner)
    raise AttributeError(f"module 'descant.calc' has no operation '{name}'{_near(name)}")


def _near(name: str) -> str:
    import difflib
    near = difflib.get_close_matches(name, _catalogue.names("operations"), 1)
    return f". Did you mean '{near[0]}'?" if near else ""


def run(operation: str, **request: Any) -> Record:
    """Runs an operation by its name."""
    if operation not in _catalogue.names("operations"):
        raise NotFound(f"there is no operation '{operation}'", _near(operation).lstrip(". "), operation)
    shape = _catalogue.entry(operation).request
    prepared = {field_name(name): _sample(value, shape.members.get(field_name(name)))
                for name, value in request.items() if value is not None}
    kept, streams = split_rows(prepared)
    return ask(operation, kept, inputs=streams)


def _sample(value: Any, member: Member | None) -> Any:
    """The values of a sample may stand for the sample."""
    shape = member.value.shape if member else None
    if shape is None or _SAMPLE_VALUES not in shape.members or isinstance(value, (Mapping, str)):
        return value
    if isinstance(value, Record) or _frames.is_frame(value):
        return value
    return {_SAMPLE_VALUES: _counted(value)}


def _counted(values: Any) -> Any:
    """True and false as 1 and 0, as a long column of them is read."""
    if getattr(getattr(values, "dtype", None), "kind", "") == "b" and hasattr(values, "astype"):
        return values.astype("float64")
    if isinstance(values, (list, tuple)) and values and type(values[0]).__name__ in ("bool", "bool_"):
        return [int(one) if type(one).__name__ in ("bool", "bool_") else one for one in values]
    return values


def _function(name: str) -> Callable[..., Record]:
    entry = _catalogue.entry(name)

    def operation(**request: Any) -> Record:
        return run(name, **request)

    operation.__name__ = operation.__qualname__ = name
    operation.__module__ = __name__
    operation.__doc__ = documentation(entry.summary, entry.request, entry.result)
    operation.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(python_name(member.name), inspect.Parameter.KEYWORD_ONLY,
                           default=inspect.Parameter.empty if member.required else member.default)
         for member in ordered(entry.request)], return_annotation=entry.result.name)
    return operation


def ordered(shape: Shape) -> list[Member]:
    """Required members first."""
    return sorted(shape.members.values(), key=lambda member: not member.required)


def documentation(summary: str, request: Shape, result: Shape) -> str:
    lines = [summary, "", "Arguments:"]
    lines += [f"    {python_name(member.name)}: {described(member)}" for member in ordered(request)]
    lines += ["", "Gives:"]
    lines += [f"    {member.name}: {described(member)}" for member in result.members.values()]
    return "\n".join(lines)


def described(member: Member) -> str:
    """A member in words: what it is, its unit, its choices, its limits and its default."""
    text = member.doc or _kind(member.value)
    notes = [f"in {member.unit}"] if member.unit else []
    choices = member.value.choices
    if choices:
        notes.append(" | ".join(choices))
    if member.limits:
        notes.append(member.limits)
    if member.default not in (None, ""):
        notes.append(f"default {member.default}")
    return text + (f" ({'; '.join(notes)})" if notes else "")


def _kind(value: Value) -> str:
    return f"list of {_kind(value.items)}" if value.items else value.kind
