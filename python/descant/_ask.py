# SPDX-License-Identifier: Apache-2.0
"""One way to ask anything: Python values in, a record or rows out, remarks as warnings."""
from __future__ import annotations

import json
import math
import sys
import time
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from . import _core, _frames
from ._errors import DescantWarning, InvalidRequest
from ._records import Record, result_class

_PACKAGE = __name__.split(".", maxsplit=1)[0]
_LONG_LIST = 1_000  # from here on a list of numbers crosses as Arrow


def ask(name: str, request: Mapping[str, Any] | None = None, *, project: Any = None,
        inputs: Mapping[str, Any] | None = None, progress: bool | None = None) -> Record:
    """The answer to a question or operation. Remarks of the result are issued as warnings."""
    answer, _ = ask_rows(name, request, project=project, inputs=inputs, progress=progress)
    record = result_class(name)(answer)
    remark(answer.get("warnings", ()))
    return record


def ask_rows(name: str, request: Mapping[str, Any] | None = None, *, project: Any = None,
             inputs: Mapping[str, Any] | None = None,
             progress: bool | None = None) -> tuple[dict[str, Any], object | None]:
    """The JSON of an answer, and the Arrow stream of its rows, if it has any."""
    text = json.dumps(plain(request or {}), allow_nan=False)
    bar = ProgressBar(progress)
    try:
        answer, rows = _core.call(name, text, project, dict(inputs or {}),
                                  None if bar.disabled else bar)
    finally:
        bar.close()
    return json.loads(answer), rows


def plain(value: Any) -> Any:
    """A value as JSON has it: arrays and series are lists, NaN is null, unset members are left out."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if math.isinf(value):
            raise InvalidRequest("an infinite number has no form in a request", "Leave it out, or take a finite one.")
        return None if math.isnan(value) else value
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items() if one is not None}
    for method in ("tolist", "to_list", "to_pylist", "isoformat"):
        if hasattr(value, method):
            return plain(getattr(value, method)())
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if isinstance(value, Iterable):
        return [plain(one) for one in value]
    if hasattr(value, "__float__"):  # decimals, fractions
        return plain(float(value))
    raise TypeError(f"{type(value).__name__} has no form in a request: give numbers, text, lists or dicts")


def split_rows(request: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, object]]:
    """Takes long lists of numbers and whole frames out of a request, as Arrow streams."""
    kept: dict[str, Any] = {}
    streams: dict[str, object] = {}
    for name, value in request.items():
        if _frames.is_frame(value):
            streams[name] = _frames.stream_of(value)
            continue
        if isinstance(value, Mapping):
            rest, columns = _long_columns(value)
            kept[name] = rest
            if columns:
                streams[name] = _frames.stream_of_columns(columns)
            continue
        kept[name] = value
    return kept, streams


def _long_columns(sample: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    rest: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    for key, value in sample.items():
        if isinstance(value, Mapping):
            inner, found = _long_columns(value)
            columns |= {f"{key}.{name}": column for name, column in found.items()}
            if inner or not found:
                rest[key] = inner
        elif _frames.is_long_column(value, _LONG_LIST) and "." not in key:
            columns[key] = value
        else:
            rest[key] = value
    return rest, columns


def remark(found: Iterable[Mapping[str, str]]) -> None:
    """Issues the warnings of a result at the line outside this package that asked."""
    for one in found:
        warnings.warn(f"{one['message']} [{one['code']}]", DescantWarning, stacklevel=_outside())


def _outside() -> int:
    level = 1
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == _PACKAGE:
        frame = frame.f_back
        level += 1
    return level


def _in_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


class ProgressBar:
    """A tqdm bar for each step, shown once a step takes a while, in a terminal or a notebook.

    `shown` None: where someone can see it; True: always; False: never.
    """

    _PATIENCE_SECONDS = 0.5

    def __init__(self, shown: bool | None) -> None:
        visible = sys.stderr is not None and sys.stderr.isatty() or _in_notebook()
        self.disabled = shown is False or (shown is None and not visible)
        self._began = time.monotonic()
        self._bar: Any = None
        self._step = ""

    def __call__(self, step: str, done: int, total: int, unit: str) -> None:
        if step != self._step:
            self.close()
            self._step = step
        if self._bar is None:
            if time.monotonic() - self._began < self._PATIENCE_SECONDS:
                return
            from tqdm.auto import tqdm
            self._bar = tqdm(total=total or None, desc=step, unit=f" {unit}", unit_scale=True, leave=False)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
