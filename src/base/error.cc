// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <utility>

namespace descant {
namespace {

Error make_error(ErrorCode code, std::string message, std::string where, std::string hint) {
  return Error{code, std::move(message), std::move(hint), std::move(where)};
}

}  // namespace

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidRequest:
      return "invalid_request";
    case ErrorCode::kInvalidDefinition:
      return "invalid_definition";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kInvalidData:
      return "invalid_data";
    case ErrorCode::kCorrupt:
      return "corrupt";
    case ErrorCode::kLocked:
      return "locked";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

int exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidRequest:
    case ErrorCode::kInvalidDefinition:
    case ErrorCode::kNotFound:
      return 2;
    case ErrorCode::kInvalidData:
    case ErrorCode::kCorrupt:
    case ErrorCode::kLocked:
    case ErrorCode::kIo:
    case ErrorCode::kCancelled:
      return 3;
    case ErrorCode::kInternal:
      return 70;
  }
  return 70;
}

std::string to_text(const Error& error) {
  std::string text = "error: " + error.message;
  if (!error.where.empty()) text += "\n  where: " + error.where;
  if (!error.hint.empty()) text += "\n  hint:  " + error.hint;
  return text;
}

Error invalid_request(std::string message, std::string where, std::string hint) {
  return make_error(ErrorCode::kInvalidRequest, std::move(message), std::move(where),
                    std::move(hint));
}
Error invalid_definition(std::string message, std::string where, std::string hint) {
  return make_error(ErrorCode::kInvalidDefinition, std::move(message), std::move(where),
                    std::move(hint));
}
Error not_found(std::string message, std::string where, std::string hint) {
  return make_error(ErrorCode::kNotFound, std::move(message), std::move(where), std::move(hint));
}
Error invalid_data(std::string message, std::string where, std::string hint) {
  return make_error(ErrorCode::kInvalidData, std::move(message), std::move(where), std::move(hint));
}
Error corrupt(std::string message, std::string where, std::string hint) {
  return make_error(ErrorCode::kCorrupt, std::move(message), std::move(where), std::move(hint));
}
Error locked(std::string message, std::string where, std::string hint) {
  return make_error(ErrorCode::kLocked, std::move(message), std::move(where), std::move(hint));
}
Error io_error(std::string message, std::string where, std::string hint) {
  if (hint.empty()) hint = "Check that the path exists, its permissions, and the room on its disk.";
  return make_error(ErrorCode::kIo, std::move(message), std::move(where), std::move(hint));
}
Error cancelled() { return make_error(ErrorCode::kCancelled, "stopped on request", {}, {}); }
Error internal_error(std::string message, std::string where) {
  return make_error(ErrorCode::kInternal, std::move(message), std::move(where),
                    "This is a bug in Descant; please report it with the command that showed it.");
}

}  // namespace descant
