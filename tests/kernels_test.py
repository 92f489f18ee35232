# SPDX-License-Identifier: Apache-2.0
"""A kernel compiled for a newer CPU must not lend its inline functions to the rest of the program.

The linker keeps one copy of an inline function. The baseline objects come first in the archive, so
it keeps one that every CPU can run, provided that the baseline objects have it at all.
"""
import os
import subprocess
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("DESCANT_PROGRAM", "build/descant")).parent
LEVELS = ("avx2", "avx512")
FOLDERS = ("stats", "timelines", "folds")


def shared_symbols(folder: str, level: str) -> set[str]:
    """The weak functions of a level's objects, without those in the level's own namespace."""
    objects = sorted((BUILD / "CMakeFiles" / f"descant_{folder}_{level}.dir").rglob("*.o"))
    if not objects:
        return set()
    listing = subprocess.run(["nm", "--defined-only", *objects], capture_output=True, text=True, check=True)
    lines = [line.split() for line in listing.stdout.splitlines()]
    return {line[2] for line in lines if len(line) == 3 and line[1] == "W" and level not in line[2]}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("folder", FOLDERS)
def test_inline_functions_exist_at_the_baseline_too(folder, level):
    if not (BUILD / "CMakeFiles" / f"descant_{folder}_{level}.dir").exists():
        pytest.skip("this build has no kernels for newer CPUs")
    only_here = shared_symbols(folder, level) - shared_symbols(folder, "baseline")
    assert not only_here, f"give these internal linkage or inline them away: {sorted(only_here)}"
