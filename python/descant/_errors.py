# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, as Python raises it: the message, what to do about it, and where it is."""
from __future__ import annotations

import json
from typing import Any, NoReturn


class DescantError(Exception):
    """Something Descant could not do.

    `message` says what, `where` the field, file or column it is about, `hint` what to do, and
    `errors` holds all of them when a project has several.
    """

    code = "error"

    def __init__(self, message: str, hint: str = "", where: str = "",
                 errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message, hint, where, errors)
        self.message = message
        self.hint = hint
        self.where = where
        self.errors = errors or []

    def __str__(self) -> str:
        lines = [self.message + (f" (at {self.where})" if self.where else "")]
        if self.hint:
            lines.append(self.hint)
        lines += [f"also: {other['message']} (at {other['where']})" for other in self.errors[1:]]
        return "\n".join(lines)


class InvalidRequest(DescantError, ValueError):
    """A name, a field or an argument is wrong."""

    code = "invalid_request"


class InvalidDefinition(DescantError, ValueError):
    """A definition of a project is wrong."""

    code = "invalid_definition"


class NotFound(DescantError, LookupError):
    """A named thing does not exist: a column, a metric, an experiment, a file."""

    code = "not_found"


class InvalidData(DescantError, ValueError):
    """The data contradict what was said about them."""

    code = "invalid_data"


class Corrupt(DescantError):
    """A stored file is damaged."""

    code = "corrupt"


class Locked(DescantError):
    """Another process is writing."""

    code = "locked"


class IoError(DescantError, OSError):
    """The operating system refused, or memory ran out."""

    code = "io"

    def __init__(self, message: str, hint: str = "", where: str = "",
                 errors: list[dict[str, Any]] | None = None) -> None:
        DescantError.__init__(self, message, hint, where, errors)


class Cancelled(DescantError):
    """The caller asked to stop."""

    code = "cancelled"


class InternalError(DescantError):
    """A bug of Descant."""

    code = "internal"


class DescantWarning(UserWarning):
    """A remark that travels with a result: the result stands, but its reader must know."""


# By the statuses of descant.h.
_BY_STATUS: dict[int, type[DescantError]] = {
    1: InvalidRequest, 2: InvalidDefinition, 3: NotFound, 4: InvalidData, 5: Corrupt, 6: Locked,
    7: IoError, 8: Cancelled, 9: InternalError}


def raise_error(status: int, message: str, hint: str, where: str, every: str) -> NoReturn:
    """Called by the compiled module."""
    raise _BY_STATUS.get(status, InternalError)(
        message or "out of memory", hint, where, json.loads(every) if every else [])
