// SPDX-License-Identifier: Apache-2.0
#pragma once

// An experiment with a true effect: a new ranking of Home brings listeners back for more and longer
// sessions, by a lift that grows over the days since exposure towards its full size, and lowers
// skips for listeners of one plan only. To be shipped.

#include <memory>

#include "simulator/planted/planted.h"

namespace descant::simulator {

std::unique_ptr<Planted> make_home_ranker();

}  // namespace descant::simulator
