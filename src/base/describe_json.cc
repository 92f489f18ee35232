// SPDX-License-Identifier: Apache-2.0
#include "base/describe_json.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"

namespace descant {

void describe(Describer& d, Warning& warning) {
  d.field(warning.code, {.name = "code", .doc = "stable name of the remark"});
  d.field(warning.field, {.name = "field", .doc = "path of the field it is about"});
  d.field(warning.message, {.name = "message", .doc = "what the reader must know"});
}

Result<void> check_domain(const Field& field, double value) {
  const bool low =
      field.minimum && (field.open_interval ? value <= *field.minimum : value < *field.minimum);
  const bool high =
      field.maximum && (field.open_interval ? value >= *field.maximum : value > *field.maximum);
  if (!low && !high) return {};
  return invalid_request(fmt::format(
      "{} must be {} than{} {}, got {}", field.name, low ? "greater" : "less",
      field.open_interval ? "" : " or equal to", low ? *field.minimum : *field.maximum, value));
}

Result<void> check_choice(const Field& field, std::string_view value) {
  if (field.choices.empty()) return {};
  for (const auto choice : field.choices)
    if (choice == value) return {};
  return invalid_request(fmt::format("unknown {} '{}'", field.name, value), {},
                         did_you_mean(value, field.choices));
}

namespace {

std::string join_path(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

// ---- reading ----

Result<void> read_value(const Json& json, ValueRef value, const Field& field,
                        const std::string& path);

Error wrong_type(const Json& json, std::string_view wanted, const std::string& path) {
  return invalid_request(fmt::format("expected {}, got {}", wanted, json.type_name()), path);
}

// The same error, with the field's place.
Result<void> at(Result<void> checked, const std::string& path) {
  if (!checked) checked.error().where = path;
  return checked;
}

Result<void> read_double(const Json& json, double& out, const Field& field,
                         const std::string& path) {
  if (json.is_null())
    return invalid_request("expected a number, got null", path,
                           "Leave missing values out before the call; they are not skipped here.");
  if (!json.is_number()) return wrong_type(json, "a number", path);
  out = json.get<double>();
  if (!std::isfinite(out)) return invalid_request("expected a finite number", path);
  return at(check_domain(field, out), path);
}

template <class Integer>
Result<void> read_integer(const Json& json, Integer& out, const Field& field,
                          const std::string& path) {
  if (json.is_number_unsigned()) {
    const auto wide = json.get<std::uint64_t>();
    if (wide > static_cast<std::uint64_t>(std::numeric_limits<Integer>::max()))
      return invalid_request("the integer is too large", path);
    out = static_cast<Integer>(wide);
  } else if (json.is_number_integer()) {
    const auto wide = json.get<std::int64_t>();
    if (wide < 0 && !std::numeric_limits<Integer>::is_signed)
      return invalid_request("expected an integer of at least 0", path);
    out = static_cast<Integer>(wide);
  } else if (json.is_number_float()) {
    // 1000.0 and 1e6 are integers to the people who write them.
    const double x = json.get<double>();
    if (std::trunc(x) != x || std::abs(x) > 9007199254740992.0)
      return wrong_type(json, "an integer", path);
    if (x < 0 && !std::numeric_limits<Integer>::is_signed)
      return invalid_request("expected an integer of at least 0", path);
    out = static_cast<Integer>(x);
  } else {
    return wrong_type(json, "an integer", path);
  }
  return at(check_domain(field, static_cast<double>(out)), path);
}

Result<void> read_string(const Json& json, std::string& out, const Field& field,
                         const std::string& path) {
  if (!json.is_string()) return wrong_type(json, "a string", path);
  out = json.get<std::string>();
  return at(check_choice(field, out), path);
}

Result<void> read_text(const Json& json, TextRef ref, const Field& field, const std::string& path) {
  if (!json.is_string()) return wrong_type(json, "a string", path);
  const auto& text = json.get_ref<const std::string&>();
  DESCANT_CHECK(at(check_choice(field, text), path));
  return at(ref.read(ref.value, text), path);
}

class ObjectReader : public Describer {
 public:
  ObjectReader(const Json& json, std::string_view path) : json_(json), path_(path) {}

  void visit(const Field& field, ValueRef value) override {
    names_.push_back(field.name);
    if (error_.code != ErrorCode::kInternal || !error_.message.empty()) return;
    const auto found = json_.find(field.name);
    if (found == json_.end()) {
      if (field.required)
        error_ = invalid_request(fmt::format("{} is missing", field.name),
                                 join_path(path_, field.name), std::string(field.doc));
      return;
    }
    if (auto read = read_value(*found, value, field, join_path(path_, field.name)); !read)
      error_ = std::move(read.error());
  }

  Result<void> finish() {
    for (const auto& [key, unused] : json_.items()) {
      bool known = false;
      for (const auto name : names_) known = known || name == key;
      if (!known)
        return invalid_request(fmt::format("unknown field '{}'", key), join_path(path_, key),
                               did_you_mean(key, names_));
    }
    if (!error_.message.empty()) return std::move(error_);
    return {};
  }

 private:
  const Json& json_;
  std::string_view path_;
  std::vector<std::string_view> names_;
  Error error_{ErrorCode::kInternal, {}, {}, {}};
};

Result<void> read_array(const Json& json, ArrayRef ref, const Field& field,
                        const std::string& path) {
  if (!json.is_array()) return wrong_type(json, "a list", path);
  ref.resize(ref.array, json.size());
  Result<void> result;
  for (std::size_t i = 0; i < json.size() && result; ++i)
    ref.visit(ref.array, i, [&](ValueRef element) {
      result = read_value(json[i], element, field, fmt::format("{}[{}]", path, i));
    });
  return result;
}

Result<void> read_map(const Json& json, MapRef ref, const Field& field, const std::string& path) {
  if (!json.is_object()) return wrong_type(json, "an object", path);
  Result<void> result;
  for (const auto& item : json.items()) {
    ref.insert(ref.map, item.key(), [&](ValueRef value) {
      result = read_value(item.value(), value, field, join_path(path, item.key()));
    });
    if (!result) return result;
  }
  return result;
}

Result<void> read_value(const Json& json, ValueRef value, const Field& field,
                        const std::string& path) {
  return std::visit(Overloaded{
                        [&](double* out) { return read_double(json, *out, field, path); },
                        [&](std::int64_t* out) { return read_integer(json, *out, field, path); },
                        [&](std::uint64_t* out) { return read_integer(json, *out, field, path); },
                        [&](bool* out) -> Result<void> {
                          if (!json.is_boolean()) return wrong_type(json, "true or false", path);
                          *out = json.get<bool>();
                          return {};
                        },
                        [&](std::string* out) { return read_string(json, *out, field, path); },
                        [&](Json* out) -> Result<void> {
                          *out = json;
                          return {};
                        },
                        [&](TextRef ref) { return read_text(json, ref, field, path); },
                        [&](ObjectRef ref) { return read_described(json, ref, path); },
                        [&](ArrayRef ref) { return read_array(json, ref, field, path); },
                        [&](MapRef ref) { return read_map(json, ref, field, path); },
                        [&](OptionalRef ref) -> Result<void> {
                          if (json.is_null()) return {};
                          ref.emplace(ref.optional);
                          Result<void> result;
                          ref.visit(ref.optional, [&](ValueRef inner) {
                            result = read_value(json, inner, field, path);
                          });
                          return result;
                        },
                    },
                    value);
}

// ---- writing ----

Json write_value(ValueRef value);

Json write_number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json write_array(ArrayRef ref) {
  Json out = Json::array();
  for (std::size_t i = 0; i < ref.size(ref.array); ++i)
    ref.visit(ref.array, i, [&](ValueRef element) { out.push_back(write_value(element)); });
  return out;
}

Json write_map(MapRef ref) {
  Json out = Json::object();
  ref.for_each(ref.map,
               [&](const std::string& key, ValueRef element) { out[key] = write_value(element); });
  return out;
}

Json write_value(ValueRef value) {
  return std::visit(Overloaded{
                        [](double* x) { return write_number(*x); },
                        [](TextRef ref) { return Json(ref.write(ref.value)); },
                        [](ObjectRef ref) { return write_described(ref); },
                        [](ArrayRef ref) { return write_array(ref); },
                        [](MapRef ref) { return write_map(ref); },
                        [](OptionalRef ref) {
                          Json out = nullptr;
                          if (ref.has_value(ref.optional))
                            ref.visit(ref.optional, [&](ValueRef v) { out = write_value(v); });
                          return out;
                        },
                        [](auto* plain) { return Json(*plain); },
                    },
                    value);
}

class ObjectWriter : public Describer {
 public:
  void visit(const Field& field, ValueRef value) override {
    Json written = write_value(value);
    const bool empty = written.is_null() ||
                       ((written.is_array() || written.is_object() || written.is_string()) &&
                        written.size() == 0) ||
                       (written.is_string() && written.get_ref<const std::string&>().empty());
    if (field.omit_when_empty && empty) return;
    out[std::string(field.name)] = std::move(written);
  }
  Json out = Json::object();
};

// ---- schema ----

Json schema_of_value(ValueRef value, const Field& field);

Json number_schema(const char* type, const Field& field) {
  Json out = {{"type", type}};
  if (field.minimum) out[field.open_interval ? "exclusiveMinimum" : "minimum"] = *field.minimum;
  if (field.maximum) out[field.open_interval ? "exclusiveMaximum" : "maximum"] = *field.maximum;
  return out;
}

Json string_schema(const Field& field) {
  Json out = {{"type", "string"}};
  if (!field.choices.empty()) {
    out["enum"] = Json::array();
    for (const auto choice : field.choices) out["enum"].push_back(std::string(choice));
  }
  return out;
}

Json schema_of_value(ValueRef value, const Field& field) {
  const auto prototype = [&](auto visit_prototype) {
    Json inner;
    visit_prototype([&](ValueRef v) { inner = schema_of_value(v, field); });
    return inner;
  };
  return std::visit(Overloaded{
                        [&](double*) { return number_schema("number", field); },
                        [&](std::int64_t*) { return number_schema("integer", field); },
                        [&](std::uint64_t*) { return number_schema("integer", field); },
                        [&](bool*) {
                          return Json{{"type", "boolean"}};
                        },
                        [&](std::string*) { return string_schema(field); },
                        [&](TextRef ref) {
                          Json out = string_schema(field);
                          if (field.choices.empty()) out["format"] = std::string(ref.kind);
                          return out;
                        },
                        [&](Json*) { return Json::object(); },
                        [&](ObjectRef ref) { return schema_of(ref); },
                        [&](ArrayRef ref) {
                          return Json{{"type", "array"}, {"items", prototype(ref.visit_prototype)}};
                        },
                        [&](MapRef ref) {
                          return Json{{"type", "object"},
                                      {"additionalProperties", prototype(ref.visit_prototype)}};
                        },
                        [&](OptionalRef ref) { return prototype(ref.visit_prototype); },
                    },
                    value);
}

class SchemaWriter : public Describer {
 public:
  void visit(const Field& field, ValueRef value) override {
    Json schema = schema_of_value(value, field);
    if (!field.doc.empty()) schema["description"] = std::string(field.doc);
    if (!field.unit.empty()) schema["unit"] = std::string(field.unit);
    Json initial = write_value(value);
    if (!field.required && !field.default_depends && !initial.is_null() && !initial.is_structured())
      schema["default"] = std::move(initial);
    properties[std::string(field.name)] = std::move(schema);
    if (field.required) required.push_back(std::string(field.name));
  }
  Json properties = Json::object();
  Json required = Json::array();
};

}  // namespace

Result<void> read_described(const Json& json, ObjectRef object, std::string_view path) {
  if (!json.is_object()) return wrong_type(json, "an object", std::string(path));
  ObjectReader reader(json, path);
  object.describe(reader, object.object);
  return reader.finish();
}

Json write_described(ObjectRef object) {
  ObjectWriter writer;
  object.describe(writer, object.object);
  return std::move(writer.out);
}

Json schema_of(ObjectRef object) {
  SchemaWriter writer;
  object.describe(writer, object.object);
  Json out = {{"type", "object"}, {"properties", std::move(writer.properties)}};
  if (!writer.required.empty()) out["required"] = std::move(writer.required);
  out["additionalProperties"] = false;
  return out;
}

}  // namespace descant
