// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <filesystem>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/progress.h"
#include "report/text_layout.h"

namespace descant::cli {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status = 0;
  std::string out, err;
};

std::string content(std::FILE* file) {
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  std::fclose(file);
  return text;
}

Outcome run_with(std::vector<std::string> arguments, const std::string& input = {}) {
  Streams streams{std::tmpfile(), std::tmpfile(), std::tmpfile()};
  std::fwrite(input.data(), 1, input.size(), streams.in);
  std::rewind(streams.in);
  Outcome outcome;
  outcome.status = run(std::move(arguments), streams);
  outcome.out = content(streams.out);
  outcome.err = content(streams.err);
  std::fclose(streams.in);
  return outcome;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string fresh_folder(const char* name) {
  const auto folder =
      fs::temp_directory_path() / fs::path("descant_cli_test_" + std::to_string(::getpid())) / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder.string();
}

std::string unit_table(const std::string& folder) {
  std::string csv = "arm,minutes\n";
  for (int i = 0; i < 40; ++i) csv += (i % 2 ? "A," : "B,") + std::to_string(i % 9) + "\n";
  const std::string path = folder + "/units.csv";
  EXPECT_TRUE(write_file_atomically(path, csv));
  return path;
}

TEST(Run, HelpAndVersionSucceed) {
  EXPECT_TRUE(contains(run_with({}).out, "descant demo"));
  EXPECT_TRUE(contains(run_with({"--help"}).out, "experiment"));
  EXPECT_TRUE(contains(run_with({"experiment", "analyze", "--help"}).out, "--as-of"));
  EXPECT_TRUE(run_with({"version"}).out.starts_with("descant "));
  for (const auto& arguments : {std::vector<std::string>{}, {"--help"}, {"--version"}})
    EXPECT_EQ(run_with(arguments).status, 0);
}

TEST(Run, SlipsNameTheNearest) {
  const auto command = run_with({"refrsh"});
  EXPECT_EQ(command.status, 2);
  EXPECT_TRUE(contains(command.err, "Did you mean 'refresh'?")) << command.err;
  const auto flag = run_with({"experiment", "analyze", "x", "--formt=json"});
  EXPECT_EQ(flag.status, 2);
  EXPECT_TRUE(contains(flag.err, "Did you mean '--format'?")) << flag.err;
  const auto global = run_with({"version", "--colour", "never"});
  EXPECT_EQ(global.status, 2);
  EXPECT_TRUE(contains(global.err, "Did you mean '--color'?")) << global.err;
  EXPECT_TRUE(contains(run_with({"metric"}).err, "Add one of: list."));
  const auto misspelt = run_with({"analyze", "t.csv", "--variants", "arm", "--metric", "m:mean"});
  EXPECT_TRUE(contains(misspelt.err, "There is no flag '--variants'")) << misspelt.err;
  EXPECT_TRUE(contains(misspelt.err, "--variant'?")) << misspelt.err;
}

TEST(Run, CalcAnswersEveryLineAndRemembersAFailure) {
  const std::string good = R"({"counts": [50, 50], "expected": [0.5, 0.5]})";
  const auto all_good = run_with({"calc", "sample_ratio_test"}, good + "\n\n" + good);
  EXPECT_EQ(all_good.status, 0);
  EXPECT_EQ(std::count(all_good.out.begin(), all_good.out.end(), '\n'), 2);
  const auto one_bad = run_with({"calc", "sample_ratio_test", "-"}, "{}\n" + good + "\n");
  EXPECT_EQ(one_bad.status, 2);
  EXPECT_TRUE(one_bad.out.starts_with(R"({"error":)"));
  EXPECT_TRUE(contains(one_bad.out, "\"p_value\":1"));
  EXPECT_TRUE(one_bad.err.empty()) << "an error of a line stands on its line";
  EXPECT_EQ(run_with({"calc", "nothing_like_it", "{}"}).status, 2);
}

TEST(Run, OutputReplacesAFileWholeAndRefusesAFolder) {
  const std::string folder = fresh_folder("output"), table = unit_table(folder);
  const std::vector<std::string> analyze = {"analyze", table,      "--variant",
                                            "arm",     "--metric", "minutes:mean"};
  auto to_folder = analyze;
  to_folder.insert(to_folder.end(), {"--output", folder});
  const auto refused = run_with(to_folder);
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(contains(refused.err, "is a folder")) << refused.err;

  const std::string file = folder + "/result.json";
  auto to_file = analyze;
  to_file.insert(to_file.end(), {"--format", "json", "--output", file});
  const auto written = run_with(to_file);
  EXPECT_EQ(written.status, 0) << written.err;
  EXPECT_TRUE(written.out.empty());
  const auto json = parse_json(*read_file(file));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["metrics"][0]["name"], "minutes");
  to_file.back() = folder + "/no/such/folder/result.json";
  EXPECT_EQ(run_with(to_file).status, 3);
}

TEST(Run, OutputNeverReplacesALinkOrAPipe) {
  const std::string folder = fresh_folder("special_output"), table = unit_table(folder);
  const auto analyze_to = [&](const std::string& file) {
    return run_with({"analyze", table, "--variant", "arm", "--metric", "minutes:mean", "--format",
                     "json", "--output", file});
  };
  const std::string pipe = folder + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  const auto piped = analyze_to(pipe);
  EXPECT_EQ(piped.status, 0) << piped.err;
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  char first = 0;
  EXPECT_EQ(::read(reader, &first, 1), 1);
  EXPECT_EQ(first, '{');
  ::close(reader);

  const std::string target = folder + "/target.json", link = folder + "/link.json";
  ASSERT_TRUE(write_file_atomically(target, "old"));
  std::filesystem::create_symlink(target, link);
  EXPECT_EQ(analyze_to(link).status, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_NE(*read_file(target), "old");
}

TEST(Run, CheckReportsAllErrorsAtOnce) {
  const std::string folder = fresh_folder("check");
  ASSERT_TRUE(write_file_atomically(folder + "/descant.yaml",
                                    "name: x\ntimezone: Nowhere/Land\nmetrcs: {}\n"));
  const auto checked = run_with({"check", folder});
  EXPECT_EQ(checked.status, 2);
  EXPECT_TRUE(contains(checked.err, "Nowhere/Land")) << checked.err;
  EXPECT_TRUE(contains(checked.err, "metrcs")) << checked.err;
  EXPECT_TRUE(contains(checked.err, "3 errors")) << checked.err;
  EXPECT_TRUE(contains(run_with({"refresh", folder}).err, "metrcs"));
}

TEST(Run, AFullDiskIsAnError) {
  std::FILE* full = std::fopen("/dev/full", "w");
  if (full == nullptr) GTEST_SKIP() << "this system has no /dev/full";
  Streams streams{std::tmpfile(), full, std::tmpfile()};
  EXPECT_EQ(run({"version"}, streams), 3);
  EXPECT_TRUE(contains(content(streams.err), "could not be written"));
  std::fclose(full);
  std::fclose(streams.in);
}

TEST(Run, AReaderThatGoesAwayIsNoError) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  Streams streams{std::tmpfile(), ::fdopen(ends[1], "w"), std::tmpfile()};
  EXPECT_EQ(run({"operations"}, streams), 0);
  EXPECT_EQ(content(streams.err), "");
  std::fclose(streams.out);
  std::fclose(streams.in);
}

TEST(Run, ColourOnlyWhenAsked) {
  EXPECT_FALSE(contains(run_with({"operations"}).out, "\x1b"));
  EXPECT_TRUE(contains(run_with({"operations", "--color", "always"}).out, "\x1b[1m"));
  EXPECT_TRUE(contains(run_with({"nothing", "--color", "always"}).err, "error"));
}

TEST(ProgressLine, ShowsWhatIsKnownWithinTheWidth) {
  const Progress half{"plays", 1'000'000, 2'000'000, "rows"};
  const auto line = progress_line(half, 2.0, 100);
  for (const char* part : {"plays", " 50%", "1,000,000 rows", "500,000 rows/s", "2.0 s left"})
    EXPECT_TRUE(contains(line, part)) << line;
  for (const std::size_t width : {10U, 30U, 50U, 70U})
    EXPECT_LE(report::display_width(progress_line(half, 2.0, width)), width);
  EXPECT_EQ(progress_line({"plays", 10, 0, "rows"}, 0.1, 100), "plays  10 rows");
}

}  // namespace
}  // namespace descant::cli
