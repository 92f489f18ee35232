// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs work so that whoever called can watch and stop it: the work goes on on a thread of its own,
// while the calling thread, and no other, calls the two functions of the watch. Programs whose
// callbacks belong to one thread (Python, R) need that. Without callbacks the work runs where it
// is.

#include <functional>

#include "base/parallel.h"
#include "capi/descant.h"

namespace descant::capi {

void run_watched(const descant_watch* watch, const std::function<void(const Watch&)>& work);

}  // namespace descant::capi
