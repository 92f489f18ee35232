// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rows for an operation that takes lists of numbers: the columns of an Arrow stream become the
// lists of the request's object of that name, as if they had been written there. A column
// `covariates.x` becomes member `x` of `covariates`. Missing numbers are null, and the operation
// says whether it takes them. A list that stands in the request as well is an error.

#include <string>

#include "base/arrow_c.h"
#include "base/json.h"
#include "base/result.h"

namespace descant::capi {

// `name` is the member of the request, such as "control"; empty: the request itself.
Result<void> put_rows(const std::string& name, ArrowArrayStream& stream, Json& request);

}  // namespace descant::capi
