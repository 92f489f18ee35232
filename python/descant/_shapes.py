# SPDX-License-Identifier: Apache-2.0
"""The shapes of requests and results, read from their JSON Schemas.

One place names the classes behind nested objects, for the classes at run time and for the stubs.
"""
from __future__ import annotations

import keyword
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

# Objects that many results share have the field's own words for a name; others are named after
# the result and the member that holds them.
_KNOWN = {
    frozenset({"n", "estimate", "standard_error"}): "ArmEstimate",
    frozenset({"estimate", "standard_error", "lower", "upper"}): "EffectInterval",
    frozenset({"code", "field", "message"}): "Remark",
    frozenset({"code", "message", "hint", "where"}): "Finding",
    frozenset({"method", "control", "treatment", "absolute", "relative", "statistic",
               "degrees_of_freedom", "p_value", "warnings"}): "Comparison",
}
_KNOWN_REQUEST_MARK = frozenset({"values", "successes", "sum_of_squares"})


@dataclass(frozen=True)
class Value:
    """The type of one value."""

    kind: str  # number | integer | boolean | string | any | object | list | map
    choices: tuple[str, ...] = ()
    shape: Shape | None = None  # of an object
    items: Value | None = None  # of a list or a map


@dataclass(frozen=True)
class Member:
    """One field of a shape."""

    name: str
    value: Value
    doc: str = ""
    unit: str = ""
    required: bool = False
    default: Any = None
    limits: str = ""


@dataclass
class Shape:
    """The members of an object, in order."""

    name: str
    members: dict[str, Member] = field(default_factory=dict)
    doc: str = ""

    def inner(self) -> Iterator[Shape]:
        """Every shape within, the innermost first."""
        for member in self.members.values():
            value: Value | None = member.value
            while value is not None:
                if value.shape is not None:
                    yield from value.shape.inner()
                    yield value.shape
                value = value.items


def python_name(name: str) -> str:
    """A field's name as an argument or attribute: `lambda` is `lambda_`."""
    return name + "_" if keyword.iskeyword(name) else name


def field_name(name: str) -> str:
    """The field behind a Python name."""
    return name[:-1] if name.endswith("_") and keyword.iskeyword(name[:-1]) else name


def pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def shape_of(schema: dict[str, Any], name: str, doc: str = "") -> Shape:
    """The shape of an object's schema. Nested objects of one name are one shape."""
    return _shape(schema, name, doc, {})


def _shape(schema: dict[str, Any], name: str, doc: str, seen: dict[str, Shape]) -> Shape:
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    shape = Shape(name, doc=doc)
    for key, inner in properties.items():
        shape.members[key] = Member(
            key, _value(inner, pascal(name) + pascal(key), seen), inner.get("description", ""),
            inner.get("unit", ""), key in required, inner.get("default"), _limits(inner))
    known = seen.get(name)
    if known is not None and known.members.keys() == shape.members.keys():
        return known
    if known is not None:  # the same name for other members: number it
        shape.name = f"{name}{len(seen)}"
    seen[shape.name] = shape
    return shape


def _value(schema: dict[str, Any], name: str, seen: dict[str, Shape]) -> Value:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), None)
    if kind == "array":
        return Value("list", items=_value(schema.get("items", {}), name, seen))
    if kind == "object" and "properties" in schema:
        names = frozenset(schema["properties"])
        known = _KNOWN.get(names) or ("Sample" if names >= _KNOWN_REQUEST_MARK else None)
        return Value("object", shape=_shape(schema, known or name, "", seen))
    if kind == "object":
        return Value("map", items=_value(schema.get("additionalProperties") or {}, name, seen))
    if kind in ("number", "integer", "boolean", "string"):
        return Value(kind, choices=tuple(one for one in schema.get("enum", ()) if one))
    return Value("any")


def _limits(schema: dict[str, Any]) -> str:
    words = {"minimum": "at least", "exclusiveMinimum": "greater than", "maximum": "at most",
             "exclusiveMaximum": "less than"}
    return ", ".join(f"{text} {schema[key]:g}" for key, text in words.items() if key in schema)
