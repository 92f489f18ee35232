// SPDX-License-Identifier: Apache-2.0
// Runs every case of tests/reference/*.json through the registry and compares what the case
// expects: a subset of the result, nested, within a relative tolerance.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "operations/registry.h"

namespace descant {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

struct Tolerance {
  double relative = 0;
  double absolute = 0;  // of numbers that depend on random draws
};

bool close(double actual, double expected, const Tolerance& tolerance) {
  return std::abs(actual - expected) <= tolerance.relative * std::abs(expected) +
                                            1e-13 * tolerance.relative / 1e-8 + tolerance.absolute;
}

// Where `actual` departs from `expected`, one line each.
void compare(const Json& actual, const Json& expected, const Tolerance& tolerance,
             const std::string& path, std::vector<std::string>& differences) {
  if (expected.is_object() && actual.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      if (!actual.contains(key))
        differences.push_back(fmt::format("{}.{} is missing", path, key));
      else
        compare(actual[key], value, tolerance, path + "." + key, differences);
    }
    return;
  }
  if (expected.is_array() && actual.is_array() && expected.size() == actual.size()) {
    for (std::size_t i = 0; i < expected.size(); ++i)
      compare(actual[i], expected[i], tolerance, fmt::format("{}[{}]", path, i), differences);
    return;
  }
  if (expected.is_number() && actual.is_number()) {
    if (close(actual.get<double>(), expected.get<double>(), tolerance)) return;
  } else if (actual == expected) {
    return;
  }
  differences.push_back(fmt::format("{}: {}, expected {}", path, actual.dump(), expected.dump()));
}

std::vector<std::string> differences_of(const operations::Operation& operation, const Json& item) {
  std::vector<std::string> differences;
  const auto answer = operations::answer(operation, item["request"].dump());
  if (item.contains("error")) {
    if (!answer.json.contains("error"))
      differences.push_back("no error, got " + answer.json.dump());
    else
      compare(answer.json["error"], item["error"], {}, "error", differences);
    EXPECT_EQ(answer.exit_status, 2) << item["name"];
    return differences;
  }
  if (answer.json.contains("error")) return {answer.json.dump()};
  compare(answer.json, item["expected"],
          {item.value("relative_tolerance", 1e-9), item.value("absolute_tolerance", 0.0)}, "",
          differences);
  if (item.value("warnings_not_empty", false) && answer.json["warnings"].empty())
    differences.push_back("expected a warning");
  return differences;
}

std::vector<fs::path> reference_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator("tests/reference"))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

TEST(ReferenceTest, EveryNumberAgrees) {
  const auto files = reference_files();
  ASSERT_FALSE(files.empty());
  for (const auto& file : files) {
    const Json document = Json::parse(read_file(file));
    // A file without an operation holds numbers for a unit test of its own.
    if (!document.contains("operation")) continue;
    const auto operation = operations::find(document["operation"].get<std::string>());
    ASSERT_TRUE(operation.ok()) << file;
    std::size_t failed = 0;
    for (const auto& item : document["cases"]) {
      const auto differences = differences_of(**operation, item);
      if (differences.empty()) continue;
      ++failed;
      ADD_FAILURE() << file.stem().string() << " / " << item["name"].get<std::string>() << "\n  "
                    << fmt::format("{}", fmt::join(differences, "\n  "));
    }
    std::printf("%-28s %4zu cases, %zu failed\n", file.stem().c_str(), document["cases"].size(),
                failed);
  }
}

}  // namespace
}  // namespace descant
