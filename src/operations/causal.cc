// SPDX-License-Identifier: Apache-2.0
#include "operations/define.h"

namespace descant::operations {

std::vector<Operation> causal_operations() { return {}; }

}  // namespace descant::operations
