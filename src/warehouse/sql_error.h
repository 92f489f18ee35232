// SPDX-License-Identifier: Apache-2.0
#pragma once

// Turns a message of the SQL engine into an Error a user can act on: its first sentence without the
// engine's own query text, the engine's candidates as the hint, and whose turn it is (a query that
// does not bind is the definition's fault, a value that does not convert is the data's).

#include <string>
#include <string_view>

#include "base/error.h"

namespace descant::warehouse {

Error sql_error(std::string_view engine_message, std::string where);

}  // namespace descant::warehouse
