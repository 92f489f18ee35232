// SPDX-License-Identifier: Apache-2.0
#include "definitions/document.h"

#include <gtest/gtest.h>

namespace descant::definitions {
namespace {

struct Outcome {
  Parsed parsed;
  std::vector<Error> errors;
};

Outcome parse(const std::string& text) {
  Findings findings;
  auto parsed = parse_yaml(text, 0, findings);
  return {std::move(parsed), findings.errors({"d.yaml"})};
}

Error only_error(const std::string& text) {
  const auto errors = parse(text).errors;
  EXPECT_EQ(errors.size(), 1U);
  return errors.empty() ? Error{} : errors[0];
}

TEST(Document, KeepsKindsAndPlaces) {
  const auto [parsed, errors] = parse("a: ~\n\"b\": [x, 'y']\nc:\n  d: |\n    text\n");
  ASSERT_TRUE(errors.empty());
  ASSERT_EQ(parsed.documents.size(), 1U);
  const Node& root = parsed.documents[0];
  ASSERT_EQ(root.entries.size(), 3U);
  EXPECT_EQ(root.entries[0].value.kind, Node::Kind::kEmpty);
  const Node& list = root.entries[1].value;
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(root.entries[1].place, (Place{0, 2, 1}));
  EXPECT_EQ(list.place, (Place{0, 2, 6}));
  EXPECT_EQ(list.items[1].text, "y");
  EXPECT_EQ(list.items[1].place, (Place{0, 2, 10}));
  EXPECT_FALSE(list.items[0].quoted);
  EXPECT_TRUE(list.items[1].quoted);
  const Entry* d = root.find("c")->value.find("d");
  ASSERT_NE(d, nullptr);
  EXPECT_EQ(d->value.text, "text\n");
  EXPECT_TRUE(d->value.quoted);
  EXPECT_EQ(root.find("z"), nullptr);
}

TEST(Document, CountsColumnsInCharacters) {
  const auto [parsed, errors] = parse("{ähnlich: 1, b: 2}\r\nx: [");
  ASSERT_EQ(parse("{ähnlich: 1, b: 2}").parsed.documents[0].entries[1].place, (Place{0, 1, 14}));
}

TEST(Document, EmptyDocumentsAreFine) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n---\n...\n", "\xEF\xBB\xBF"}) {
    const auto [parsed, errors] = parse(text);
    EXPECT_TRUE(errors.empty()) << text;
    EXPECT_TRUE(parsed.complete);
    for (const auto& document : parsed.documents) EXPECT_EQ(document.kind, Node::Kind::kEmpty);
  }
}

TEST(Document, AliasesRepeatTheirAnchor) {
  const auto [parsed, errors] = parse("a: &x {k: [1, 2]}\nb: *x\n");
  ASSERT_TRUE(errors.empty());
  const auto& repeated = parsed.documents[0].find("b")->value;
  EXPECT_EQ(repeated.find("k")->value.items.size(), 2U);
}

TEST(Document, AnAliasInsideItsAnchorIsAnError) {
  const auto error = only_error("a: &x [1, *x]\n");
  EXPECT_EQ(error.where, "d.yaml:1:11");
  EXPECT_NE(error.message.find("inside the value"), std::string::npos);
}

TEST(Document, AnUnknownAliasIsAnError) {
  EXPECT_EQ(only_error("a: *nowhere\n").where, "d.yaml:1:4");
}

TEST(Document, AliasesThatMultiplyAreStopped) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const auto name = "a" + std::to_string(i), before = "*a" + std::to_string(i - 1);
    text += name + ": &" + name + " [" + before;
    for (int j = 1; j < 10; ++j) text += ", " + before;
    text += "]\n";
  }
  EXPECT_NE(only_error(text).message.find("more than 200,000 values"), std::string::npos);
}

TEST(Document, DeepNestingIsAnError) {
  EXPECT_TRUE(parse(std::string(60, '[') + std::string(60, ']')).errors.empty());
  for (const char* part : {"[", "{a: ", "- ", "? "}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += part;
    const auto error = only_error(text.substr(0, 190'000));
    EXPECT_NE(error.message.find("not valid YAML"), std::string::npos) << error.message;
  }
}

TEST(Document, BytesThatAreNoTextAreAnErrorAtTheirPlace) {
  EXPECT_EQ(only_error("a: b\nc: é\xff\n").where, "d.yaml:2:5");
  EXPECT_EQ(only_error(std::string("a: \0b", 5)).where, "d.yaml:1:4");
  for (const char* text : {"\xFF\xFEn\x01", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80",
                           "\xF5\x80\x80\x80", "\xE2\x82", "a\x04"})
    EXPECT_EQ(only_error(text).message, "this is not UTF-8 text") << text;
  EXPECT_TRUE(parse("a: \"€ 𝄞 ø\"\n").errors.empty());
}

TEST(Document, LargeFilesAreAnError) {
  EXPECT_EQ(only_error(std::string(kLargestFileBytes + 1, ' ')).message,
            "the file is larger than 200 kB");
}

TEST(Findings, AreSortedAndGivenOnce) {
  Findings findings;
  findings.add({1, 1, 1}, "third");
  findings.add({0, 2, 1}, "second");
  findings.add({0, 1, 9}, "first", "hint");
  findings.add({0, 1, 9}, "first", "hint");
  const auto errors = findings.errors({"a.yaml", "b.yaml"});
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(errors[0].message, "first");
  EXPECT_EQ(errors[0].hint, "hint");
  EXPECT_EQ(errors[0].where, "a.yaml:1:9");
  EXPECT_EQ(errors[2].where, "b.yaml:1:1");
}

}  // namespace
}  // namespace descant::definitions
