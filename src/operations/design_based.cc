// SPDX-License-Identifier: Apache-2.0
#include "operations/define.h"

namespace descant::operations {

std::vector<Operation> design_based_operations() { return {}; }

}  // namespace descant::operations
