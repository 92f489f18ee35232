# SPDX-License-Identifier: Apache-2.0
"""`cmake --install` gives the program, the library and a package that another project builds on."""
import json
import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = Path(os.environ.get("DESCANT_PROGRAM", "build/descant")).resolve()
CONSUMER = Path(__file__).parent / "consumer"
# The installed copy has to find its libraries by itself.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}


LIBRARY = next(PROGRAM.parent.glob("libdescant.so.*"))


def run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], text=True, capture_output=True, check=False,
                          env=ENVIRONMENT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(b"libasan" in LIBRARY.read_bytes()[:100_000_000], reason="a sanitized library needs a sanitized program")
def test_a_consumer_builds_on_the_installed_package(tmp_path: Path) -> None:
    prefix, build = tmp_path / "prefix", tmp_path / "build"
    run("cmake", "--install", PROGRAM.parent, "--prefix", prefix, "--component", "library")
    assert run(prefix / "bin" / "descant", "version").startswith("descant ")
    run("cmake", "-S", CONSUMER, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", build)
    assert 0 < json.loads(run(build / "consumer"))["p_value"] < 0.05


def test_only_the_interface_is_visible(tmp_path: Path) -> None:
    names = {line.split()[-1].split("@")[0] for line in run("nm", "-D", "--defined-only", LIBRARY).splitlines()}
    declared = {"descant_version", "descant_open", "descant_close", "descant_call", "descant_free",
                "descant_error_release"}
    assert names == declared
