// SPDX-License-Identifier: Apache-2.0
#pragma once

// What can go wrong, as a value. An Error says what happened (`message`), where (`where`: a file
// with line and column, or the path of a field such as `control.variance`) and what to do about it
// (`hint`). The code tells whose turn it is: the request's author, the data's owner, or ours.

#include <string>
#include <string_view>
#include <vector>

namespace descant {

enum class ErrorCode {
  kInvalidRequest,     // a field, flag or argument is wrong
  kInvalidDefinition,  // a YAML definition is wrong
  kNotFound,           // a named thing (file, metric, experiment) does not exist
  kInvalidData,        // the data contradict what was declared about them
  kCorrupt,            // a stored file is damaged
  kLocked,             // another process is writing
  kIo,                 // the operating system refused
  kCancelled,          // the caller asked to stop
  kInternal,           // a bug of ours
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string hint;
  std::string where;
};

// Stable snake_case name, e.g. "invalid_request".
std::string_view error_code_name(ErrorCode code);

// Process exit status: 2 the request is wrong, 3 the data is wrong, 70 a bug.
int exit_status(ErrorCode code);

// "error: message" with " at where" and the hint on lines of their own; no trailing newline.
std::string to_text(const Error& error);

Error invalid_request(std::string message, std::string where = {}, std::string hint = {});
Error invalid_definition(std::string message, std::string where = {}, std::string hint = {});
Error not_found(std::string message, std::string where = {}, std::string hint = {});
Error invalid_data(std::string message, std::string where = {}, std::string hint = {});
Error corrupt(std::string message, std::string where = {}, std::string hint = {});
Error locked(std::string message, std::string where = {}, std::string hint = {});
Error io_error(std::string message, std::string where = {}, std::string hint = {});
Error cancelled();
Error internal_error(std::string message, std::string where = {});

// A remark that travels with a result: the result stands, but the reader must know. `field` is the
// path of the field it is about, or empty.
struct Warning {
  std::string code;
  std::string field;
  std::string message;
  bool operator==(const Warning&) const = default;
};
using Warnings = std::vector<Warning>;

}  // namespace descant
