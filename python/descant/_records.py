# SPDX-License-Identifier: Apache-2.0
"""Results as objects: attributes as the schema names them, and the ways out to other tools.

A record keeps the JSON it came from. An undefined number is NaN; to_json writes null again.
"""
from __future__ import annotations

import functools
import html
import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from . import _catalogue
from ._shapes import Shape, Value, field_name, python_name

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

_ABSENT: dict[str, Any] = {"number": math.nan, "string": "", "boolean": False}


class Record:
    """An object of a result. Fields are attributes; `record["name"]` works too."""

    _shape: Shape = Shape("Record")

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data

    def __getattr__(self, name: str) -> Any:
        shape = type(self)._shape
        member = None if name.startswith("__") else shape.members.get(field_name(name))
        if member is None:
            raise AttributeError(f"{shape.name} has no field '{name}'{_nearest(name, shape)}")
        value = _convert(self._data.get(member.name), member.value)
        self.__dict__[name] = value
        return value

    def __getitem__(self, name: str) -> Any:
        if name not in type(self)._shape.members:
            raise KeyError(name)
        return getattr(self, python_name(name))

    def __iter__(self) -> Iterator[str]:
        return iter(type(self)._shape.members)

    def keys(self) -> list[str]:
        return list(type(self)._shape.members)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *type(self)._shape.members})

    def _ipython_key_completions_(self) -> list[str]:
        return self.keys()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and type(self) is type(other) and self._data == other._data

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return restore, (*_address(type(self)), self._data)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain Python values, undefined numbers as None."""
        copied: dict[str, Any] = json.loads(json.dumps(self._data))
        return copied

    def to_json(self, indent: int | None = None) -> str:
        """The result as JSON, with null where a number is undefined."""
        return json.dumps(self._data, indent=indent, ensure_ascii=False)

    def to_rows(self) -> list[dict[str, Any]]:
        """The result as flat rows: those of its list of results, or one row of everything."""
        shape = type(self)._shape
        for name in ("metrics", "looks", "effects", "segments", "days", "points", "tables"):
            member = shape.members.get(name)
            if member and member.value.items and member.value.items.shape and self._data.get(name):
                return [_flat(one) for one in self._data[name]]
        return [_flat(self._data)]

    def to_arrow(self) -> pyarrow.Table:
        """The rows as a pyarrow table."""
        return table_of(self.to_rows())

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a pandas data frame."""
        return cast("pandas.DataFrame", _needs("pandas").DataFrame(self.to_rows()))

    def to_polars(self) -> polars.DataFrame:
        """The rows as a polars data frame."""
        return cast("polars.DataFrame", _needs("polars").DataFrame(self.to_rows(), infer_schema_length=None))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def explain(self) -> str:
        """What each number is, in words."""
        return "\n".join(_explained(self._data, type(self)._shape, ""))

    def __repr__(self) -> str:
        return f"{type(self)._shape.name}\n" + "\n".join(_lines(self._data, "  "))

    def _repr_html_(self) -> str:
        lines = "".join(
            f'<tr><th style="text-align:left">{html.escape(name)}</th>'
            f'<td style="text-align:left">{html.escape(text)}</td></tr>'
            for name, text in _pairs(self._data))
        return f"<table><caption>{html.escape(type(self)._shape.name)}</caption>{lines}</table>"


def _nearest(name: str, shape: Shape) -> str:
    import difflib
    near = difflib.get_close_matches(name, shape.members, 1)
    return f". Did you mean '{near[0]}'?" if near else ""


def _needs(package: str) -> Any:
    import importlib
    try:
        return importlib.import_module(package)
    except ImportError as missing:
        raise ImportError(f"This needs {package}: pip install {package}") from missing


def _convert(value: Any, wanted: Value) -> Any:
    if value is None:
        return [] if wanted.kind == "list" else {} if wanted.kind == "map" else _ABSENT.get(wanted.kind)
    if wanted.kind == "number":
        return float(value)
    if wanted.kind == "object" and wanted.shape is not None:
        return class_of(wanted.shape)(value)
    if wanted.kind == "list" and wanted.items is not None:
        return [_convert(one, wanted.items) for one in value]
    if wanted.kind == "map" and wanted.items is not None:
        return {key: _convert(one, wanted.items) for key, one in value.items()}
    return value


_CLASSES: dict[int, tuple[Shape, type[Record]]] = {}


def class_of(shape: Shape, base: type[Record] = Record) -> type[Record]:
    """The class of a shape, made once."""
    found = _CLASSES.get(id(shape))
    if found is None:
        made = type(shape.name, (base,), {"_shape": shape, "__doc__": shape.doc or base.__doc__,
                                          "__module__": "descant"})
        found = _CLASSES.setdefault(id(shape), (shape, made))
    return found[1]


@functools.cache
def result_class(name: str) -> type[Record]:
    """The class of an operation's or question's result."""
    from ._results import base_of
    shape = _catalogue.entry(name).result
    made = class_of(shape, base_of(shape))
    made._entry = name  # type: ignore[attr-defined]
    return made


def _address(kind: type[Record]) -> tuple[str, str]:
    """Where a class is found again: the name of what was asked, and of the shape within."""
    for name in (*_catalogue.names("operations"), *_catalogue.names("questions")):
        shape = _catalogue.entry(name).result
        if shape is kind._shape:
            return name, ""
        if any(inner is kind._shape for inner in shape.inner()):
            return name, kind._shape.name
    raise TypeError(f"{kind.__name__} cannot be pickled")


def restore(name: str, inner: str, data: dict[str, Any]) -> Record:
    """Makes a record again from what was pickled."""
    if not inner:
        return result_class(name)(data)
    shape = next(one for one in _catalogue.entry(name).result.inner() if one.name == inner)
    return class_of(shape)(data)


def _flat(data: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested objects as columns `absolute_estimate`; lists of objects are left to tables of their own."""
    out: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            out |= _flat(value, f"{prefix}{key}_")
        elif not (isinstance(value, list) and (not value or isinstance(value[0], dict))):
            out[prefix + key] = value
    return out


def table_of(rows: list[dict[str, Any]]) -> pyarrow.Table:
    arrow = _needs("pyarrow")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return cast("pyarrow.Table", arrow.table({key: [row.get(key) for row in rows] for key in columns}))


def shown(value: Any) -> str:
    """A value for people."""
    if value is None:
        return "undefined"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def _pairs(data: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _pairs(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            if value and isinstance(value[0], dict):
                if key == "warnings":
                    yield from ((f"{prefix}warning", one["message"]) for one in value)
                else:
                    yield prefix + key, f"{len(value)} rows"
            elif value:
                text = ", ".join(shown(one) for one in value[:8])
                yield prefix + key, text + (", …" if len(value) > 8 else "")
        elif value != "":
            yield prefix + key, shown(value)


def _lines(data: dict[str, Any], indent: str) -> Iterator[str]:
    pairs = list(_pairs(data))
    width = max((len(name) for name, _ in pairs), default=0)
    for name, text in pairs:
        yield f"{indent}{name.ljust(width)}  {text}"


def _explained(data: dict[str, Any], shape: Shape, prefix: str) -> Iterator[str]:
    for name, member in shape.members.items():
        value = data.get(name)
        if isinstance(value, dict) and member.value.shape:
            yield from _explained(value, member.value.shape, f"{prefix}{name}.")
        elif not isinstance(value, (list, dict)) and name in data and value != "":
            unit = f" {member.unit}" if member.unit else ""
            yield f"{prefix}{name} = {shown(value)}{unit}: {member.doc}."
        elif name == "warnings" and value:
            yield from (f"Note: {one['message']}" for one in value)
