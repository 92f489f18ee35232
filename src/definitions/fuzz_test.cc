// SPDX-License-Identifier: Apache-2.0
// Damaged definitions end in errors with a place, never in a crash, whatever the damage.
#include <random>

#include <gtest/gtest.h>

#include "base/text.h"
#include "definitions/example_for_tests.h"
#include "definitions/load.h"

namespace descant::definitions {
namespace {

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : random_(seed) {}

  std::string operator()(std::string text) {
    for (std::size_t times = 1 + below(4); times > 0 && !text.empty(); --times)
      below(2) == 0 ? bytes(text) : lines(text);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  void bytes(std::string& text) {
    static constexpr std::string_view kSpecial = ":-[]{},&*!|>'\"%@#?\n\t ~<.0\x01\xff";
    const std::size_t at = below(text.size());
    switch (below(5)) {
      case 0:
        text.erase(at, 1 + below(20));
        break;
      case 1:
        text.insert(at, text.substr(below(text.size()), below(20)));
        break;
      case 2:
        std::swap(text[at], text[below(text.size())]);
        break;
      case 3:
        text[at] = static_cast<char>(below(256));
        break;
      default:
        text.insert(at, 1 + below(3), kSpecial[below(kSpecial.size())]);
    }
  }

  void lines(std::string& text) {
    auto all = split(text, '\n');
    const std::size_t at = below(all.size()), other = below(all.size());
    switch (below(4)) {
      case 0:
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        all.insert(all.begin() + static_cast<std::ptrdiff_t>(at), std::string(all[other]));
        break;
      case 2:
        std::swap(all[at], all[other]);
        break;
      default:
        all[at].insert(0, below(6), ' ');
    }
    text = join(all, "\n");
  }

  std::mt19937_64 random_;
};

TEST(Fuzz, DamagedDefinitionsNeverCrash) {
  Damage damage(20260302);
  std::size_t wrong = 0;
  for (int run = 0; run < 20'000; ++run) {
    const std::string text = damage(kExample);
    const auto loaded = load_project_text(text, "d.yaml", "/p");
    wrong += loaded.errors.empty() ? 0 : 1;
    for (const auto& error : loaded.errors) {
      ASSERT_TRUE(error.where.starts_with("d.yaml:")) << to_text(error) << "\n" << text;
      ASSERT_FALSE(error.message.empty()) << text;
    }
    if (loaded.errors.empty()) {
      ASSERT_EQ(definition_hash(loaded.project).size(), 16U);
    }
  }
  EXPECT_GT(wrong, 10'000U);
  EXPECT_LT(wrong, 20'000U);
}

// Large files, each of one shape: all must be read or refused in a moment.
TEST(Fuzz, LargeFilesOfOneShapeDoNotHang) {
  const auto repeated = [](const std::string& head, const auto& line) {
    std::string text = head;
    for (std::size_t i = 0; text.size() < 100'000; ++i) text += line(i);
    return text;
  };
  const auto numbered = [](const char* before, const char* after) {
    return [=](std::size_t i) { return before + std::to_string(i) + after; };
  };
  for (const auto& text : {
           repeated("", numbered("k", ": 1\n")),
           repeated("metrics:\n", numbered("  m", ": {}\n")),
           repeated("metrics:\n", numbered("  m", ":\n    type: mean\n")),
           repeated("metrics: {", numbered("m", ": 1,")),
           repeated("x: [", numbered("", ",")),
           repeated("", numbered("- ", "\n")),
           repeated("x: \"", numbered("", " ")),
           repeated("# ", numbered("", " ")),
           repeated("x: |\n", numbered("  ", "\n")),
           repeated("", numbered("---\nk", ": 1\n")),
           repeated("", numbered("? a", "\n")),
           repeated("", numbered("&a", " ")),
       }) {
    const auto loaded = load_project_text(text, "d.yaml", "/p");
    EXPECT_FALSE(loaded.errors.empty());
  }
}

}  // namespace
}  // namespace descant::definitions
