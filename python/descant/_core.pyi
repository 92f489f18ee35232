# SPDX-License-Identifier: Apache-2.0
"""The C interface of Descant."""
from collections.abc import Callable

def version() -> str: ...

class Project:
    def __init__(self, folder: str) -> None: ...

def call(
    name: str,
    request: str = "{}",
    project: Project | None = None,
    inputs: dict[str, object] = ...,
    progress: Callable[[str, int, int, str], None] | None = None,
) -> tuple[str, object | None]: ...
