# SPDX-License-Identifier: Apache-2.0
"""Collects the cases of one operation and writes them as JSON, numbers rounded to double once, at the end."""

import json
import os
import platform
from importlib import metadata

import mpmath as mp
import numpy as np


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, (mp.mpf, np.floating)):
        x = float(x)
    if isinstance(x, np.integer):
        return int(x)
    if isinstance(x, float):
        assert x == x and abs(x) != float("inf"), "a number is undefined: write None"
    return x


class Cases:
    def __init__(self, operation, packages=("mpmath", "numpy", "scipy")):
        self.operation = operation
        self.made_with = {"python": platform.python_version(), **{p: metadata.version(p) for p in packages}}
        self.cases = []

    def _append(self, case):
        assert case["name"] not in {c["name"] for c in self.cases}, case["name"]
        self.cases.append(plain(case))

    def add(self, name, request, expected, source, relative_tolerance=1e-8, **extra):
        if "method" in request:
            expected = {"method": request["method"], **expected}
        self._append(
            {
                "name": name,
                "request": request,
                "expected": expected,
                "relative_tolerance": relative_tolerance,
                "source": source,
                **extra,
            }
        )

    def insufficient(self, name, request, expected, source="OPERATIONS: too little data is a result with nulls"):
        self.add(name, request, expected, source, warnings_not_empty=True)

    def error(self, name, request):
        self._append({"name": name, "request": request, "error": {"code": "invalid_request"}})

    def write(self):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), self.operation + ".json")
        with open(path, "w") as f:
            f.write(
                '{"operation": %s,\n "made_with": %s,\n "cases": [\n'
                % (json.dumps(self.operation), json.dumps(self.made_with))
            )
            f.write(",\n".join("  " + json.dumps(c, allow_nan=False) for c in self.cases))
            f.write("\n ]}\n")
        print(self.operation, len(self.cases))


def close(a, b, tolerance=1e-9):
    """A cross-check of a number against a library, in the script that makes it."""
    a, b = float(a), float(b)
    assert abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-300), (a, b)
