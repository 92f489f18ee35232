// SPDX-License-Identifier: Apache-2.0
#include "cli/parse_error.h"

#include <fmt/format.h>

#include "base/text.h"

namespace descant::cli {
namespace {

const CLI::App& deepest(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : deepest(*chosen.back());
}

std::string path_of(const CLI::App& app) {
  const auto* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : path_of(*parent) + " " + app.get_name();
}

std::vector<std::string> flags_of(const CLI::App* app) {
  std::vector<std::string> flags;
  for (; app != nullptr; app = app->get_parent())
    for (const auto* option : app->get_options())
      for (const auto& name : option->get_lnames()) flags.push_back("--" + name);
  return flags;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::string first_sentence(std::string text) {
  if (const auto end = text.find('\n'); end != std::string::npos) text.resize(end);
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

}  // namespace

Error parse_error(const CLI::App& app, const CLI::ParseError& failure) {
  const auto& command = deepest(app);
  const std::string where = path_of(command);
  const std::string help = fmt::format("See `{} --help`.", where);
  const auto extras = app.remaining(true);
  const auto commands = commands_of(command);
  // A missing command is also what the parser reports when it does not know the one given.
  const bool surplus = dynamic_cast<const CLI::ExtrasError*>(&failure) != nullptr;
  const bool no_command =
      dynamic_cast<const CLI::RequiredError*>(&failure) != nullptr && !commands.empty();
  // A flag nobody knows is named first: it is often the required one, misspelt.
  const bool flag = !extras.empty() && extras.front().size() > 1 && extras.front()[0] == '-';
  if ((surplus || no_command || flag) && !extras.empty()) {
    const std::string& word = extras.front();
    if (flag) {
      const std::string name = word.substr(0, word.find('='));
      return invalid_request(fmt::format("There is no flag '{}'.", name), where,
                             did_you_mean(name, flags_of(&command)));
    }
    if (commands.empty())
      return invalid_request(fmt::format("'{}' is one argument too many.", word), where, help);
    return invalid_request(fmt::format("There is no command '{}'.", word), where,
                           did_you_mean(word, commands));
  }
  if (no_command)
    return invalid_request("A command is missing.", where,
                           fmt::format("Add one of: {}.", join(commands, ", ")));
  return invalid_request(first_sentence(failure.what()), where, help);
}

}  // namespace descant::cli
