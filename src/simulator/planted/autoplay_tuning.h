// SPDX-License-Identifier: Apache-2.0
#pragma once

// An experiment without any effect: a true null, against which false positives show. To be stopped,
// because success is not shown.

#include <memory>

#include "simulator/planted/planted.h"

namespace descant::simulator {

std::unique_ptr<Planted> make_autoplay_tuning();

}  // namespace descant::simulator
