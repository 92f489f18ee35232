// SPDX-License-Identifier: Apache-2.0
#include "base/describe_json.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant {

// A value written as text: an even number, doubled from its half.
struct Doubled {
  static constexpr std::string_view kKind = "doubled number";
  static Result<int> read(std::string_view text) {
    if (text.size() != 1 || text[0] < '0' || text[0] > '9')
      return invalid_request("not one digit", {}, "Write one digit.");
    return (text[0] - '0') * 2;
  }
  static std::string write(int value) { return std::to_string(value / 2); }
};

struct Inner {
  double x = 1.5;
};
void describe(Describer& d, Inner& inner) {
  d.field(inner.x, {.name = "x", .doc = "a number", .minimum = 0, .open_interval = true});
}

struct Everything {
  double real = 0.5;
  std::int64_t whole = -1;
  std::uint64_t count = 2;
  bool flag = true;
  std::string choice = "one";
  std::string name;
  Json any;
  std::optional<double> maybe;
  std::vector<std::string> list;
  std::map<std::string, Inner> map;
  Inner inner;
  int doubled = 4;
  std::optional<int> maybe_doubled;
  std::vector<int> many_doubled;
};
void describe(Describer& d, Everything& e) {
  d.field(e.real, {.name = "real", .doc = "a share", .unit = "1", .minimum = 0, .maximum = 1});
  d.field(e.whole, {.name = "whole"});
  d.field(e.count, {.name = "count"});
  d.field(e.flag, {.name = "flag"});
  d.field(e.choice, {.name = "choice", .choices = {"one", "two"}});
  d.field(e.name, {.name = "name", .required = true});
  d.field(e.any, {.name = "any", .omit_when_empty = true});
  d.field(e.maybe, {.name = "maybe", .omit_when_empty = true});
  d.field(e.list, {.name = "list"});
  d.field(e.map, {.name = "map"});
  d.field(e.inner, {.name = "inner"});
  d.field<Doubled>(e.doubled, {.name = "doubled"});
  d.field<Doubled>(e.maybe_doubled, {.name = "maybe_doubled"});
  d.field<Doubled>(e.many_doubled, {.name = "many_doubled"});
}

namespace {

Error error_of(const char* text) {
  const auto json = parse_json(text);
  EXPECT_TRUE(json) << text;
  const auto read = from_json<Everything>(*json);
  EXPECT_FALSE(read) << text;
  return read ? Error{} : read.error();
}

TEST(DescribeJson, ReadsAndWritesEveryType) {
  const auto json = parse_json(R"({"real": 1, "whole": -3, "count": 1e3, "flag": false,
    "choice": "two", "name": "n", "any": [1, {"a": null}], "maybe": 2.5, "list": ["a", "b"],
    "map": {"k": {"x": 3.0}}, "inner": {}, "doubled": "3", "maybe_doubled": "1",
    "many_doubled": ["1", "2"]})");
  const auto read = from_json<Everything>(*json);
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_EQ(read->real, 1);
  EXPECT_EQ(read->whole, -3);
  EXPECT_EQ(read->count, 1000U);
  EXPECT_FALSE(read->flag);
  EXPECT_EQ(read->choice, "two");
  EXPECT_EQ(read->maybe, 2.5);
  EXPECT_EQ(read->list, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read->map.at("k").x, 3);
  EXPECT_EQ(read->inner.x, 1.5);
  EXPECT_EQ(read->doubled, 6);
  EXPECT_EQ(read->maybe_doubled, 2);
  EXPECT_EQ(read->many_doubled, (std::vector<int>{2, 4}));
  const Json written = to_json_document(*read);
  const auto again = from_json<Everything>(written);
  ASSERT_TRUE(again) << to_text(again.error());
  EXPECT_EQ(write_json(to_json_document(*again)), write_json(written));
  EXPECT_TRUE(write_json(written).starts_with(R"({"real":1.0,"whole":-3,"count":1000)"))
      << write_json(written);
}

TEST(DescribeJson, NamesTheFirstWrongField) {
  EXPECT_EQ(error_of(R"({})").where, "name");
  EXPECT_EQ(error_of(R"({"name": "n", "reel": 1})").hint, "Did you mean 'real'?");
  EXPECT_EQ(error_of(R"({"name": "n", "real": "1"})").where, "real");
  EXPECT_EQ(error_of(R"({"name": "n", "real": null})").where, "real");
  EXPECT_EQ(error_of(R"({"name": "n", "real": 1.5})").message,
            "real must be less than or equal to 1, got 1.5");
  EXPECT_EQ(error_of(R"({"name": "n", "inner": {"x": 0}})").message,
            "x must be greater than 0, got 0");
  EXPECT_EQ(error_of(R"({"name": "n", "map": {"k": {"y": 0}}})").where, "map.k.y");
  EXPECT_EQ(error_of(R"({"name": "n", "list": ["a", 1]})").where, "list[1]");
  EXPECT_EQ(error_of(R"({"name": "n", "count": -1})").where, "count");
  EXPECT_EQ(error_of(R"({"name": "n", "whole": 0.5})").where, "whole");
  EXPECT_EQ(error_of(R"({"name": "n", "whole": 18446744073709551615})").where, "whole");
  EXPECT_EQ(error_of(R"({"name": "n", "choice": "tow"})").hint, "Did you mean 'two'?");
  EXPECT_EQ(error_of(R"({"name": "n", "doubled": 3})").where, "doubled");
  EXPECT_EQ(error_of(R"({"name": "n", "many_doubled": ["1", "x"]})").where, "many_doubled[1]");
  EXPECT_EQ(error_of(R"({"name": "n", "many_doubled": ["x"]})").hint, "Write one digit.");
  EXPECT_EQ(error_of(R"([])").message, "expected an object, got array");
}

TEST(DescribeJson, UndefinedNumbersAreNull) {
  Everything value;
  value.real = std::nan("");
  value.maybe = INFINITY;
  const Json json = to_json_document(value);
  EXPECT_TRUE(json["real"].is_null());
  EXPECT_FALSE(json.contains("maybe"));
  EXPECT_FALSE(json.contains("any"));
}

TEST(DescribeJson, SchemaStatesTypesRangesAndDefaults) {
  const Json schema = json_schema<Everything>();
  const Json& fields = schema["properties"];
  EXPECT_EQ(schema["required"], Json::array({"name"}));
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(fields["real"]["type"], "number");
  EXPECT_EQ(fields["real"]["description"], "a share");
  EXPECT_EQ(fields["real"]["maximum"], 1.0);
  EXPECT_EQ(fields["real"]["default"], 0.5);
  EXPECT_EQ(fields["inner"]["properties"]["x"]["exclusiveMinimum"], 0.0);
  EXPECT_EQ(fields["choice"]["enum"], Json::array({"one", "two"}));
  EXPECT_EQ(fields["list"]["items"]["type"], "string");
  EXPECT_EQ(fields["map"]["additionalProperties"]["type"], "object");
  EXPECT_EQ(fields["doubled"]["type"], "string");
  EXPECT_EQ(fields["doubled"]["format"], "doubled number");
  EXPECT_EQ(fields["doubled"]["default"], "2");
}

TEST(Json, ParsesStrictly) {
  EXPECT_TRUE(parse_json("[1]"));
  for (const char* text : {"", "{", "[1] x", "{\"a\":1,\"a\":2}", "[NaN]", "[1e999]", "{'a':1}",
                           "[{\"a\":{\"b\":1,\"b\":1}}]", "\"\xff\""}) {
    const auto json = parse_json(text, "request.json");
    ASSERT_FALSE(json) << text;
    EXPECT_EQ(json.error().code, ErrorCode::kInvalidRequest);
    EXPECT_EQ(json.error().where, "request.json");
  }
  EXPECT_TRUE(parse_json("[{\"a\":1},{\"a\":1}]"));
}

TEST(Json, DeepNestingIsAnError) {
  const std::string open(1'000'000, '['), close(1'000'000, ']');
  EXPECT_FALSE(parse_json(open + close));
  EXPECT_FALSE(parse_json(open));
  EXPECT_TRUE(parse_json(open.substr(0, 400) + close.substr(0, 400)));
}

TEST(Json, WritesFewestDigitsAndNeverFails) {
  EXPECT_EQ(write_json(Json{{"b", 0.1}, {"a", std::nan("")}}), R"({"b":0.1,"a":null})");
  EXPECT_EQ(write_json(Json("\xff")), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(write_json(Json{{"a", 1}}, 2), "{\n  \"a\": 1\n}");
}

}  // namespace
}  // namespace descant
