# SPDX-License-Identifier: Apache-2.0
"""The bounds of spotify-confidence, answering one line at a time: JSON arguments in, bounds out.

Its solver is one file that needs NumPy, pandas and SciPy only; the rest of the package, which would
import chart libraries, is left alone.
"""
import importlib.util
import json
import re
import sys
import sysconfig
import time
import warnings
from pathlib import Path

import numpy as np

SOLVER = "spotify_confidence/analysis/frequentist/sequential_bound_solver.py"


def solver():
    path = Path(sysconfig.get_paths()["purelib"]) / SOLVER
    specification = importlib.util.spec_from_file_location("sequential_bound_solver", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def peak_rss_bytes() -> int:
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text()).group(1)) * 1024


def main() -> None:
    warnings.simplefilter("ignore")
    bounds = solver().bounds
    for line in sys.stdin:
        arguments = json.loads(line)
        arguments["t"] = np.array(arguments["t"])
        start = time.perf_counter()
        result = bounds(**arguments)
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "rss": peak_rss_bytes(), "upper": list(result.bounds)}), flush=True)


if __name__ == "__main__":
    main()
