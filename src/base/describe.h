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
// structs, and std::optional, std::vector and std::map<std::string, ...> of these. A default is
// whatever the struct's initialiser says. In results an undefined double is NaN and becomes null.

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
  bool omit_when_empty = false;  // leave an empty optional, vector or Json out when written
};

// Type-erased views of a value, so that a visitor is compiled once and not once per struct.
struct ObjectRef {
  void* object;
  void (*describe)(Describer&, void*);
};
struct ArrayRef;
struct MapRef;
struct OptionalRef;
using ValueRef = std::variant<double*, std::int64_t*, std::uint64_t*, bool*, std::string*, Json*,
                              ObjectRef, ArrayRef, MapRef, OptionalRef>;

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

class Describer {
 public:
  virtual ~Describer() = default;
  virtual void visit(const Field& field, ValueRef value) = 0;

  template <class T>
  void field(T& value, const Field& info);
};

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

template <class T>
ValueRef value_ref(T& value) {
  namespace detail = describe_detail;
  if constexpr (detail::kIsScalar<T>) {
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
                        f(value_ref(element));
                      }
                    },
                    [](const std::function<void(ValueRef)>& f) {
                      typename T::value_type element{};
                      f(value_ref(element));
                    }};
  } else if constexpr (detail::IsMap<T>::value) {
    return MapRef{&value,
                  [](void* p, const std::function<void(const std::string&, ValueRef)>& f) {
                    for (auto& [key, element] : *static_cast<T*>(p)) f(key, value_ref(element));
                  },
                  [](void* p, const std::string& key, const std::function<void(ValueRef)>& f) {
                    f(value_ref((*static_cast<T*>(p))[key]));
                  },
                  [](const std::function<void(ValueRef)>& f) {
                    typename T::mapped_type element{};
                    f(value_ref(element));
                  }};
  } else if constexpr (detail::IsOptional<T>::value) {
    return OptionalRef{
        &value, [](void* p) { return static_cast<T*>(p)->has_value(); },
        [](void* p) { static_cast<T*>(p)->emplace(); },
        [](void* p, const std::function<void(ValueRef)>& f) { f(value_ref(**static_cast<T*>(p))); },
        [](const std::function<void(ValueRef)>& f) {
          typename T::value_type element{};
          f(value_ref(element));
        }};
  } else {
    return ObjectRef{&value, [](Describer& d, void* p) { describe(d, *static_cast<T*>(p)); }};
  }
}

template <class T>
void Describer::field(T& value, const Field& info) {
  visit(info, value_ref(value));
}

void describe(Describer& d, Warning& warning);

}  // namespace descant
