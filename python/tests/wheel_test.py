# SPDX-License-Identifier: Apache-2.0
"""The wheel, built by pip's ordinary client and installed where there is neither compiler nor checkout."""
import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = Path(os.environ.get("DESCANT_BUILD", ROOT / "build"))

USE = """
import descant as ds, warnings
warnings.simplefilter("ignore")
assert ds.calc.sample_ratio_test(counts=[50, 50], expected=[0.5, 0.5]).p_value == 1
assert ds.analyze("t.csv", variant="g", metrics=["x"]).decision.action
project = ds.demo("demo", listeners=200, days=30, progress=False)
assert project.experiments.home_ranker.analyze().decision.action
print(ds.__version__, ds.__file__)
"""


def run(*command: object, **options: object) -> str:
    done = subprocess.run([str(one) for one in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, **options)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def test_the_wheel_runs_in_a_clean_environment(tmp_path) -> None:
    # Next to the other build folder, so that the compiler's cache knows every file already.
    wheels = tmp_path / "wheels"
    run(sys.executable, "-m", "pip", "wheel", ROOT, "--no-build-isolation", "--no-deps", "-w", wheels, "-q",
        f"--config-settings=build-dir={BUILD.parent / (BUILD.name + '-wheel')}", cwd=tmp_path)
    wheel = next(wheels.glob("descant-*.whl"))
    names = {Path(name).name for name in zipfile.ZipFile(wheel).namelist()}
    assert {"libduckdb.so", "libdescant.so.0", "calc.pyi", "py.typed"} <= names
    assert any(name.startswith("_core.") and name.endswith(".so") for name in names)
    run(sys.executable, "-m", "venv", tmp_path / "clean")
    python = tmp_path / "clean" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel)
    (tmp_path / "t.csv").write_text("g,x\n" + "A,1\nB,2\nA,2\nB,4\n" * 20)
    clean = {"PATH": "/nowhere", "HOME": str(tmp_path)}
    assert str(tmp_path / "clean") in run(python, "-c", USE, cwd=tmp_path, env=clean)
