// SPDX-License-Identifier: Apache-2.0
#pragma once

// What must hold within a manifest before a scan may trust the columns it names: types fit kinds,
// lengths fit each other, instants lie in the years the store knows, names are unique, and no path
// leaves the store. Files are not touched. The first contradiction is kCorrupt and says which table
// or column it is in.

#include "base/result.h"
#include "timelines/manifest.h"

namespace descant::timelines {

Result<void> check_manifest(const Manifest& manifest);

}  // namespace descant::timelines
