# SPDX-License-Identifier: Apache-2.0
"""Any table that speaks Arrow, as a stream: pandas, polars, pyarrow, DuckDB relations, readers.

Only the columns asked for are touched. pandas goes column by column through pyarrow, which copies
nothing that is already laid out as Arrow wants it.
"""
from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ._errors import InvalidData, NotFound

STREAM = "__arrow_c_stream__"


def _module(value: Any) -> str:
    return type(value).__module__.split(".", maxsplit=1)[0].lstrip("_")


def is_pandas(value: Any) -> bool:
    return _module(value) == "pandas" and hasattr(value, "columns")


def is_frame(value: Any) -> bool:
    """A table of columns, not a single column."""
    if isinstance(value, (str, bytes, Mapping)):
        return False
    if _module(value) in ("pandas", "polars") and not hasattr(value, "columns"):
        return False
    chunked = type(value).__name__ in ("ChunkedArray", "Array") or not hasattr(value, STREAM)
    return is_pandas(value) or hasattr(value, "collect_schema") or not chunked


def is_long_column(value: Any, least: int) -> bool:
    if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__len__") or len(value) < least:
        return False
    if isinstance(value, (list, tuple)):
        return isinstance(value[0], (int, float, type(None))) and "pyarrow" in sys.modules
    return hasattr(value, "dtype") or hasattr(value, STREAM) or _module(value) == "pyarrow"


def stream_of(data: Any, columns: Sequence[str] | None = None) -> object:
    """The capsule of an Arrow stream over the data, of these columns where that saves work.

    Columns that are missing stay missing: the engine's error names the nearest.
    """
    if is_pandas(data):
        return _pandas_table(data, columns).__arrow_c_stream__()
    if hasattr(data, "collect_schema") and hasattr(data, "collect"):  # a lazy polars query
        data = data.collect() if columns is None else data.select(_present(columns, data.collect_schema())).collect()
    if isinstance(data, Mapping):
        return stream_of_columns(data)
    if _module(data) == "pyarrow" and hasattr(data, "scanner"):  # a dataset of files
        data = data.scanner(columns=None if columns is None else _present(columns, data.schema.names))
    if _module(data) == "pyarrow" and hasattr(data, "to_reader") and not hasattr(data, STREAM):
        data = data.to_reader()
    if columns is not None:
        data = _narrowed(data, columns)
    if not hasattr(data, STREAM):
        raise TypeError(
            f"{type(data).__name__} is no table Descant can read: give a pandas, polars or pyarrow table, "
            "a DuckDB relation, a record batch reader, or a path of a CSV or Parquet file")
    return getattr(data, STREAM)()


def _present(columns: Sequence[str], names: Iterable[str]) -> list[str]:
    there = set(names)
    found = [name for name in dict.fromkeys(columns) if name in there]
    return found if len(found) == len(set(columns)) else list(names)


def _narrowed(data: Any, columns: Sequence[str]) -> Any:
    module = _module(data)
    if module == "polars":
        return data.select(_present(columns, data.columns))
    if module == "pyarrow" and hasattr(data, "select") and hasattr(data, "column_names"):
        if len(set(data.column_names)) == len(data.column_names):
            return data.select(_present(columns, data.column_names))
    if module == "duckdb" and hasattr(data, "project"):
        quoted = ('"' + name.replace('"', '""') + '"' for name in _present(columns, data.columns))
        return data.project(", ".join(quoted))
    return data


def _pandas_table(frame: Any, columns: Sequence[str] | None) -> Any:
    arrow = _pyarrow("pandas frames")
    names = list(frame.columns)
    texts = [name if isinstance(name, str) else str(name) for name in names]
    wanted = range(len(names)) if columns is None else [
        place for place, name in enumerate(texts) if name in set(columns)]
    if columns is not None and len({texts[place] for place in wanted}) < len(set(columns)):
        missing = next(name for name in columns if name not in texts)
        raise _missing_column(missing, texts)
    return arrow.table([_pandas_column(arrow, frame.iloc[:, place], texts[place]) for place in wanted],
                       names=[texts[place] for place in wanted])


def _pandas_column(arrow: Any, series: Any, name: str) -> Any:
    if type(series.dtype).__module__.startswith("numpy") and series.dtype.kind in "fiu":
        return arrow.array(_of_arrow(series.to_numpy()))  # as it lies: the engine itself takes NaN for missing
    try:
        if type(series.dtype).__name__ == "CategoricalDtype":  # -1, where it is missing, is no code of any value
            values = series.cat.categories
            if type(values.dtype).__name__ == "IntervalDtype":  # what pandas.cut makes
                values = values.astype(str)
            return arrow.DictionaryArray.from_arrays(
                arrow.array(series.cat.codes.to_numpy()), arrow.array(values), safe=False)
        if type(series.dtype).__name__ == "SparseDtype":
            series = series.sparse.to_dense()
        return arrow.array(series, from_pandas=True)
    except (arrow.ArrowException, TypeError, ValueError, OverflowError) as failure:
        kinds = sorted({type(one).__name__ for one in series.head(10_000).dropna()})
        raise InvalidData(
            f"the column '{name}' of type {series.dtype} holds values that make no column: "
            + (", ".join(kinds) if len(kinds) > 1 else str(failure)),
            "Give its values one type, such as with astype or pandas.to_numeric.", name) from failure


def _of_arrow(values: Any) -> Any:
    """Numbers of another machine's byte order, or of 128 bits, as those that Arrow has."""
    dtype: Any = getattr(values, "dtype", None)
    if not type(dtype).__module__.startswith("numpy"):
        return values
    if dtype.char == "g":
        return values.astype("float64")
    return values if dtype.isnative else values.astype(dtype.newbyteorder("="))


def _missing_column(name: str, known: Sequence[str]) -> NotFound:
    import difflib
    near = difflib.get_close_matches(name, known, 1)
    hint = f"Did you mean '{near[0]}'?" if near else (
        "Known: " + ", ".join(known[:12]) + "." if known else "It has no columns.")
    return NotFound(f"the table has no column '{name}'", hint, name)


def stream_of_columns(columns: Mapping[str, Any]) -> object:
    """A stream of single columns: arrays, series or lists of one length."""
    arrow = _pyarrow("long columns")
    arrays = []
    for name, values in columns.items():
        if type(values).__name__ == "Series" and hasattr(values, "to_arrow"):
            values = values.to_arrow()
        if hasattr(values, "combine_chunks"):
            values = values.combine_chunks()
        try:
            arrays.append(values if isinstance(values, arrow.Array) else
                          arrow.array(_of_arrow(values), from_pandas=True))
        except (arrow.ArrowException, TypeError, ValueError, OverflowError) as failure:
            raise InvalidData(f"'{name}' is no column of numbers: {failure}", "", name) from failure
    lengths = {len(one) for one in arrays}
    if len(lengths) > 1:
        raise InvalidData(f"the columns {', '.join(columns)} have different lengths",
                          "Give each unit one value in every column.", next(iter(columns)))
    return arrow.table(arrays, names=list(columns)).__arrow_c_stream__()


def _pyarrow(what: str) -> Any:
    try:
        import pyarrow
    except ImportError as missing:
        raise ImportError(f"{what} need pyarrow: pip install pyarrow") from missing
    return pyarrow


class Rows:
    """Rows of an answer, read once, or as often as needed after the first conversion."""

    def __init__(self, capsule: object) -> None:
        self._capsule: object | None = capsule
        self._table: Any = None

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        if self._table is None and self._capsule is not None and "pyarrow" not in sys.modules:
            capsule, self._capsule = self._capsule, None
            return capsule
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> Any:
        """A pyarrow table."""
        if self._table is None:
            if self._capsule is None:
                raise InvalidData("the rows were read before", "Ask again for them.", "rows")
            self._table = _pyarrow("rows").table(_Once(self._capsule))
            self._capsule = None
        return self._table

    def to_pandas(self) -> Any:
        """A pandas data frame."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """A polars data frame."""
        import polars
        return polars.DataFrame(self.to_arrow())

    def __len__(self) -> int:
        return int(self.to_arrow().num_rows)

    def __repr__(self) -> str:
        table = self.to_arrow()
        return f"{table.num_rows} rows: {', '.join(table.column_names)}\n{table.slice(0, 10).to_pylist()}"

    def _repr_html_(self) -> str:
        import html
        table = self.to_arrow()
        head = "".join(f"<th>{html.escape(name)}</th>" for name in table.column_names)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(str(value))}</td>" for value in row.values())
                       + "</tr>" for row in table.slice(0, 20).to_pylist())
        return f"<table><caption>{table.num_rows} rows</caption><tr>{head}</tr>{body}</table>"


class _Once:
    def __init__(self, capsule: object) -> None:
        self._capsule = capsule

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._capsule
