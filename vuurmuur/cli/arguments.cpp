// SPDX-License-Identifier: GPL-2.0-or-later
// The only file that includes Boost.Program_options, which is slow to compile.
#include "cli/arguments.h"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>

#include "base/nearest.h"

namespace vuurmuur::cli {
namespace {

namespace po = boost::program_options;

// No guessing of shortened names: a script that relies on "--fo" would break with the next option that begins so.
constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

po::options_description describe(std::span<const Option> options) {
  po::options_description description;
  for (const Option& option : options) {
    std::string names(option.name);
    if (option.letter != '\0') names += {',', option.letter};
    if (option.argument.empty()) {
      description.add_options()(names.c_str(), "");
      continue;
    }
    description.add_options()(names.c_str(), po::value<std::vector<std::string>>(), "");
  }
  return description;
}

/// The words with implied values written out. The parser's own way would take the next word for the value.
std::vector<std::string> with_implied_values(std::span<const Option> options, std::vector<std::string> words) {
  for (std::string& word : words) {
    for (const Option& option : options) {
      if (!option.implied.empty() && word == "--" + std::string(option.name)) word += "=" + std::string(option.implied);
    }
  }
  return words;
}

const Option& option_named(std::span<const Option> options, std::string_view name) {
  for (const Option& option : options) {
    if (option.name == name) return option;
  }
  return options.front();
}

/// "--form=script" without its value, and without its dashes.
std::string_view bare_name(std::string_view written) {
  const auto name = written.substr(std::min(written.find_first_not_of('-'), written.size()));
  return name.substr(0, name.find('='));
}

std::string unknown_option(std::string_view token, std::span<const Option> options) {
  const std::string_view written = token.substr(0, token.find('='));
  const std::string_view name = bare_name(written);
  std::vector<std::string_view> names;
  for (const Option& option : options) names.push_back(option.name);
  return "unknown option '" + std::string(written) + "'" + did_you_mean(name, names, "--");
}

}  // namespace

std::optional<std::string> Arguments::value(std::string_view option) const {
  const auto found = values_.find(option);
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates, std::string_view prefix) {
  const auto near = base::nearest(word, candidates);
  return near ? "; did you mean '" + std::string(prefix) + *near + "'?" : "";
}

std::expected<Arguments, std::string> parse_arguments(std::span<const Option> options, std::size_t max_positional,
                                                      const std::vector<std::string>& words) {
  try {
    const po::options_description description = describe(options);
    const auto parsed =
        po::command_line_parser(with_implied_values(options, words)).options(description).style(kStyle).run();
    Arguments result;
    for (const auto& found : parsed.options) {
      if (found.position_key >= 0) {
        result.positional_.insert(result.positional_.end(), found.value.begin(), found.value.end());
        continue;
      }
      const Option& option = option_named(options, found.string_key);
      auto& values = result.values_[found.string_key];
      if (!values.empty() && !option.repeatable) {
        return std::unexpected("option '--" + found.string_key + "' is given twice");
      }
      values.insert(values.end(), found.value.begin(), found.value.end());
      if (option.argument.empty()) values.emplace_back();
    }
    if (result.positional_.size() > max_positional) {
      return std::unexpected("unexpected argument '" + result.positional_[max_positional] + "'");
    }
    return result;
  } catch (const po::unknown_option& problem) {
    return std::unexpected(unknown_option(problem.get_option_name(), options));
  } catch (const po::invalid_command_line_syntax& problem) {
    return std::unexpected(
        "option '--" + std::string(bare_name(problem.get_option_name())) + "': " +
        (problem.kind() == po::invalid_syntax::missing_parameter ? "a value is missing" : "no value is expected"));
  } catch (const po::error& problem) {
    return std::unexpected(std::string(problem.what()));
  }
}

}  // namespace vuurmuur::cli
