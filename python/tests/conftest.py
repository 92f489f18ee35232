# SPDX-License-Identifier: Apache-2.0
"""Data that several tests share: a frame of units, and the project of the golden tests."""
import shutil
import warnings
from pathlib import Path

import descant as ds
import matplotlib
import numpy
import pandas
import pytest

matplotlib.use("Agg")
SMALL = Path(__file__).parents[2] / "tests" / "golden" / "data" / "small"


@pytest.fixture(autouse=True)
def quiet():
    """Remarks of results are not what most tests are about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ds.DescantWarning)
        yield


@pytest.fixture(scope="session")
def frame() -> pandas.DataFrame:
    random = numpy.random.default_rng(20260302)
    n = 5_000
    treated = random.integers(0, 2, n)
    before = random.gamma(2.0, 10.0, n)
    return pandas.DataFrame({
        "group": numpy.where(treated == 1, "B", "A"),
        "minutes": 0.8 * before + random.gamma(2.0, 5.0, n) + 0.9 * treated,
        "before": before,
        "skips": random.poisson(3, n),
        "plays": random.poisson(10, n) + 1,
        "kept": random.random(n) < 0.4,
        "platform": pandas.Categorical(random.choice(["ios", "android", "web"], n)),
        "country": random.choice(["SE", "US", "BR"], n),
    })


@pytest.fixture(scope="session")
def metrics() -> dict[str, ds.Metric]:
    return {"minutes": ds.Mean("minutes", covariate="before"),
            "skip_rate": ds.Ratio("skips", "plays", role="guardrail", margin="2%", direction="decrease"),
            "kept": ds.Proportion("kept", role="guardrail", margin="4pp")}


@pytest.fixture(scope="session")
def result(frame, metrics) -> ds.ExperimentResult:
    return ds.analyze(frame, variant="group", control="A", metrics=metrics, segments=["platform", "country"])


@pytest.fixture
def project(tmp_path: Path) -> ds.Project:
    folder = tmp_path / "small"
    shutil.copytree(SMALL, folder)
    opened = ds.open(folder)
    opened.refresh()
    return opened
