# SPDX-License-Identifier: Apache-2.0
"""Types: the stubs fit the operations, and the package and its users pass the checkers."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

USER = '''
import descant as ds

result = ds.calc.mean_difference(control=[1.0, 2.0], treatment={"n": 3, "mean": 1.0, "variance": 2.0})
effect: float = result.absolute.estimate
analysis = ds.analyze("table.parquet", variant="group", metrics={"m": ds.Mean("x", covariate="y")})
text: str = analysis.explain()
project = ds.open("folder")
other: ds.ExperimentResult = project.experiments["one"].analyze()
sizes: int = ds.design(metrics={"m": {"mean": 1, "variance": 2}}, minimum_detectable_effect=0.1).n_total
'''
WRONG = USER + '\nds.calc.mean_difference(control=[1.0], treatment=[2.0], method="welsh")\n'


def check(*command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"MYPYPATH": str(ROOT / "python")}
    return subprocess.run([sys.executable, "-m", *command], text=True, capture_output=True, check=False, cwd=ROOT,
                          env=environment)


def test_the_stubs_fit_the_operations() -> None:
    done = subprocess.run([sys.executable, ROOT / "tools" / "python_stubs", "--check"], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_mypy_strict(tmp_path) -> None:
    cache = f"--cache-dir={tmp_path / 'cache'}"
    done = check("mypy", cache)
    assert done.returncode == 0, done.stdout
    for text, passes in ((USER, True), (WRONG, False)):
        (tmp_path / "user.py").write_text(text)
        done = check("mypy", cache, "--strict", str(tmp_path / "user.py"))
        assert (done.returncode == 0) is passes, done.stdout


def test_pyright() -> None:
    pytest.importorskip("pyright")
    done = check("pyright")
    assert done.returncode == 0, done.stdout
