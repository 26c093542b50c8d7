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
    auto* value = po::value<std::vector<std::string>>();
    if (!option.implied.empty()) value->implicit_value({std::string(option.implied)}, "");
    description.add_options()(names.c_str(), value, "");
  }
  return description;
}

const Option& option_named(std::span<const Option> options, std::string_view name) {
  for (const Option& option : options) {
    if (option.name == name) return option;
  }
  return options.front();
}

std::string unknown_option(std::string_view written, std::span<const Option> options) {
  const auto name = written.substr(std::min(written.find_first_not_of('-'), written.size()));
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
    const auto parsed = po::command_line_parser(words).options(description).style(kStyle).run();
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
      // The parser leaves an implied value to its store() step, which is not used here.
      if (found.value.empty()) {
        values.emplace_back(option.implied);
      } else {
        values.insert(values.end(), found.value.begin(), found.value.end());
      }
    }
    if (result.positional_.size() > max_positional) {
      return std::unexpected("unexpected argument '" + result.positional_[max_positional] + "'");
    }
    return result;
  } catch (const po::unknown_option& problem) {
    return std::unexpected(unknown_option(problem.get_option_name(), options));
  } catch (const po::invalid_command_line_syntax& problem) {
    return std::unexpected(
        "option '--" + problem.get_option_name() + "': " +
        (problem.kind() == po::invalid_syntax::missing_parameter ? "a value is missing" : "no value is expected"));
  } catch (const po::error& problem) {
    return std::unexpected(std::string(problem.what()));
  }
}

}  // namespace vuurmuur::cli
