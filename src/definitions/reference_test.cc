// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "definitions/grammar.h"

namespace descant::definitions {
namespace {

constexpr const char* kPage = "docs/reference/definitions.md";

// DESCANT_UPDATE=1 writes the page anew.
TEST(DefinitionsReference, TheCommittedPageIsTheGeneratedOne) {
  if (std::getenv("DESCANT_UPDATE") != nullptr) std::ofstream(kPage) << definitions_reference();
  std::ifstream stream(kPage);
  ASSERT_TRUE(stream.good()) << "run in the project's root";
  std::stringstream committed;
  committed << stream.rdbuf();
  EXPECT_EQ(committed.str(), definitions_reference())
      << "run build/bin/definitions_test with DESCANT_UPDATE=1 to write the page anew";
}

TEST(DefinitionsReference, DescribesKeysWithTheirDefaultsAndChoices) {
  const std::string page = definitions_reference();
  for (const char* line : {"## `fact_tables.NAME`", "| `alpha` | number | `0.05` |",
                           "| `lookback` | duration | `14d` |",
                           "| `type` | `mean`, `proportion`, `ratio`, `retention`, `quantile`, "
                           "`count_distinct` | required |",
                           "| `dimensions` | list of columns |", "| `week_start` | `monday`, "})
    EXPECT_NE(page.find(line), std::string::npos) << line;
  EXPECT_EQ(page.find("| |  |"), std::string::npos) << "a key without a type";
}

}  // namespace
}  // namespace descant::definitions
