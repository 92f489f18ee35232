# SPDX-License-Identifier: Apache-2.0
"""As timelines_build, with its SQL, over listener keys of 22 letters and digits."""
from cases import timelines_build
from setting import Row, Setting


def measure(setting: Setting) -> list[Row]:
    return timelines_build.measure(setting, "timelines_build_string_keys", "string")
