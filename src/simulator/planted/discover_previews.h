// SPDX-License-Identifier: Apache-2.0
#pragma once

// An experiment that cannot be trusted and does harm: on some phones the treatment crashes before
// its assignment is logged, which leaves a sample-ratio mismatch, and wherever it runs it makes
// listeners skip more, the guardrail. To be declared invalid.

#include <memory>

#include "simulator/planted/planted.h"

namespace descant::simulator {

std::unique_ptr<Planted> make_discover_previews();

}  // namespace descant::simulator
