// SPDX-License-Identifier: Apache-2.0
#pragma once

// A request or result struct describes its own fields once, and every interface is derived from
// that: JSON in and out, JSON Schema, command-line flags, reference pages. A struct takes part by
// a free function in its own namespace:
//
//   struct Request { std::vector<double> counts; double alpha = 0.05; };
//   void describe(Describer& d, Request& r) {
//     d.field(r.counts, {.name = "counts", .doc = "units seen in each arm", .required = true});
//     d.field(r.alpha, {.name = "alpha", .doc = "two-sided error rate", .minimum = 0,
//                       .maximum = 1, .open_interval = true});
//   }
//
// Field types: double, std::int64_t, std::uint64_t, bool, std::string, Json, other described
// structs, and std::optional, std::vector and std::map<std::string, ...> of these. Values that are
// written as text (a duration, a date, an enum's name) name their format: a struct with
//   static constexpr std::string_view kKind = "duration";
//   static Result<T> read(std::string_view text);   and   static std::string write(const T& value);
// as in `d.field<Duration>(r.window, {.name = "window"})`. A default is whatever the struct's
// initialiser says. In results an undefined double is NaN and becomes null.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace descant {

class Describer;

struct Field {
  std::string_view name;
  std::string_view doc = {};
  std::string_view unit = {};
  bool required = false;
  std::optional<double> minimum = std::nullopt;
  std::optional<double> maximum = std::nullopt;
  bool open_interval = false;  // minimum and maximum themselves are outside the domain
  std::vector<std::string_view> choices = {};  // closed set of values of a string
  bool default_depends = false;                // on other fields, so that no default is shown
  bool omit_when_empty = false;  // leave an empty optional, vector or Json out when written
};

// Type-erased views of a value, so that a visitor is compiled once and not once per struct.
struct ObjectRef {
  void* object;
  void (*describe)(Describer&, void*);
};
// A value that people write as text, such as a duration; `kind` is what messages call it.
struct TextRef {
  void* value;
  std::string_view kind;
  Result<void> (*read)(void*, std::string_view);
  std::string (*write)(const void*);
};
struct ArrayRef;
struct MapRef;
struct OptionalRef;
using ValueRef = std::variant<double*, std::int64_t*, std::uint64_t*, bool*, std::string*, Json*,
                              TextRef, ObjectRef, ArrayRef, MapRef, OptionalRef>;

struct ArrayRef {
  void* array;
  std::size_t (*size)(void*);
  void (*resize)(void*, std::size_t);
  void (*visit)(void*, std::size_t, const std::function<void(ValueRef)>&);
  void (*visit_prototype)(const std::function<void(ValueRef)>&);  // an element that is not there
};
struct MapRef {
  void* map;
  void (*for_each)(void*, const std::function<void(const std::string&, ValueRef)>&);
  void (*insert)(void*, const std::string&, const std::function<void(ValueRef)>&);
  void (*visit_prototype)(const std::function<void(ValueRef)>&);
};
struct OptionalRef {
  void* optional;
  bool (*has_value)(void*);
  void (*emplace)(void*);
  void (*visit)(void*, const std::function<void(ValueRef)>&);  // only when it has a value
  void (*visit_prototype)(const std::function<void(ValueRef)>&);
};

// One lambda per alternative of a ValueRef, for std::visit.
template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

class Describer {
 public:
  virtual ~Describer() = default;
  virtual void visit(const Field& field, ValueRef value) = 0;

  template <class Format = void, class T>
  void field(T& value, const Field& info);
};

// Whether a value lies in the field's domain or closed set; the Error names field and value.
Result<void> check_domain(const Field& field, double value);
Result<void> check_choice(const Field& field, std::string_view value);

namespace describe_detail {

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};

template <class T>
constexpr bool kIsScalar = std::is_same_v<T, double> || std::is_same_v<T, std::int64_t> ||
                           std::is_same_v<T, std::uint64_t> || std::is_same_v<T, bool> ||
                           std::is_same_v<T, std::string> || std::is_same_v<T, Json>;

}  // namespace describe_detail

template <class Format, class T>
TextRef text_ref(T& value) {
  return {&value, Format::kKind,
          [](void* p, std::string_view text) -> Result<void> {
            DESCANT_ASSIGN(*static_cast<T*>(p), Format::read(text));
            return {};
          },
          [](const void* p) { return std::string(Format::write(*static_cast<const T*>(p))); }};
}

template <class Format = void, class T>
ValueRef value_ref(T& value) {
  namespace detail = describe_detail;
  constexpr bool kIsPart =
      !detail::IsVector<T>::value && !detail::IsMap<T>::value && !detail::IsOptional<T>::value;
  if constexpr (kIsPart && !std::is_void_v<Format>) {
    return text_ref<Format>(value);
  } else if constexpr (detail::kIsScalar<T>) {
    return &value;
  } else if constexpr (detail::IsVector<T>::value) {
    return ArrayRef{&value, [](void* p) { return static_cast<T*>(p)->size(); },
                    [](void* p, std::size_t n) { static_cast<T*>(p)->resize(n); },
                    [](void* p, std::size_t i, const std::function<void(ValueRef)>& f) {
                      auto&& element = (*static_cast<T*>(p))[i];
                      if constexpr (std::is_same_v<T, std::vector<bool>>) {
                        bool copy = element;  // vector<bool> has no addressable elements
                        f(&copy);
                        element = copy;
                      } else {
                        f(value_ref<Format>(element));
                      }
                    },
                    [](const std::function<void(ValueRef)>& f) {
                      typename T::value_type element{};
                      f(value_ref<Format>(element));
                    }};
  } else if constexpr (detail::IsMap<T>::value) {
    return MapRef{&value,
                  [](void* p, const std::function<void(const std::string&, ValueRef)>& f) {
                    for (auto& [key, element] : *static_cast<T*>(p))
                      f(key, value_ref<Format>(element));
                  },
                  [](void* p, const std::string& key, const std::function<void(ValueRef)>& f) {
                    f(value_ref<Format>((*static_cast<T*>(p))[key]));
                  },
                  [](const std::function<void(ValueRef)>& f) {
                    typename T::mapped_type element{};
                    f(value_ref<Format>(element));
                  }};
  } else if constexpr (detail::IsOptional<T>::value) {
    return OptionalRef{&value, [](void* p) { return static_cast<T*>(p)->has_value(); },
                       [](void* p) { static_cast<T*>(p)->emplace(); },
                       [](void* p, const std::function<void(ValueRef)>& f) {
                         f(value_ref<Format>(**static_cast<T*>(p)));
                       },
                       [](const std::function<void(ValueRef)>& f) {
                         typename T::value_type element{};
                         f(value_ref<Format>(element));
                       }};
  } else {
    return ObjectRef{&value, [](Describer& d, void* p) { describe(d, *static_cast<T*>(p)); }};
  }
}

template <class Format, class T>
void Describer::field(T& value, const Field& info) {
  visit(info, value_ref<Format>(value));
}

void describe(Describer& d, Warning& warning);

}  // namespace descant
