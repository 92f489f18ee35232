// SPDX-License-Identifier: Apache-2.0
#pragma once

// Result<T>: a T or the Error that prevented it. `Result<void>` carries only success or the Error.
// Reading the value of a failed result is a bug and throws std::bad_variant_access; always test
// first, or use DESCANT_ASSIGN / DESCANT_CHECK, which return the Error to the caller.

#include <utility>
#include <variant>

#include "base/error.h"

namespace descant {

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() { return std::get<1>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::in_place_index<1>, std::move(error)) {}
  bool ok() const { return error_.index() == 0; }
  explicit operator bool() const { return ok(); }
  Error& error() { return std::get<1>(error_); }
  const Error& error() const { return std::get<1>(error_); }

 private:
  std::variant<std::monostate, Error> error_;
};

}  // namespace descant

#define DESCANT_CONCAT_INNER(a, b) a##b
#define DESCANT_CONCAT(a, b) DESCANT_CONCAT_INNER(a, b)

// Returns the error of `expression` (any Result) from the enclosing function, if there is one.
#define DESCANT_CHECK(expression) \
  DESCANT_CHECK_INNER(DESCANT_CONCAT(descant_checked_, __COUNTER__), expression)
#define DESCANT_CHECK_INNER(result, expression)                                \
  do {                                                                         \
    if (auto result = (expression); !result) return std::move(result.error()); \
  } while (false)

// `DESCANT_ASSIGN(auto x, f());` declares x from the value of f(), or returns its error.
#define DESCANT_ASSIGN(declaration, expression) \
  DESCANT_ASSIGN_INNER(DESCANT_CONCAT(descant_result_, __COUNTER__), declaration, expression)
#define DESCANT_ASSIGN_INNER(result, declaration, expression) \
  auto result = (expression);                                 \
  if (!result) return std::move(result.error());              \
  declaration = std::move(result).value()
