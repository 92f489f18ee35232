// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <set>
#include <vector>

#include <fmt/format.h>

namespace descant {

Result<Json> parse_json(std::string_view text, std::string_view source) {
  std::vector<std::set<std::string>> keys;
  std::string duplicate;
  // Values are later walked by recursion, which must not exhaust the stack.
  constexpr int kDeepest = 500;
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    too_deep = too_deep || depth > kDeepest;
    if (too_deep) return false;
    if (event == Json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      if (!keys.empty()) keys.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys.empty() && !keys.back().insert(key).second && duplicate.empty()) duplicate = key;
    }
    return true;
  };
  try {
    Json json = Json::parse(text.begin(), text.end(), watch);
    if (too_deep)
      return invalid_request("the JSON is nested more than 500 deep", std::string(source));
    if (!duplicate.empty())
      return invalid_request(fmt::format("the key '{}' stands twice in one object", duplicate),
                             std::string(source));
    return json;
  } catch (const Json::exception& failure) {
    std::string what = failure.what();
    if (const auto end = what.find("] "); end != std::string::npos) what.erase(0, end + 2);
    return invalid_request("not valid JSON: " + what, std::string(source));
  }
}

std::string write_json(const Json& json, int indent) {
  // Bytes that are not UTF-8 are replaced, so that writing never fails.
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace descant
