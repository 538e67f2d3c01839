// gdn2 gradcheck: every operator's hand-written adjoint against dual numbers and central differences.
//   tests  tests/tools/gdn2/command_test.cpp
#include "reference/check/gradcheck.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <memory>

#include "reference/baselines/operators.h"
#include "reference/delta_rule/operators.h"
#include "reference/io/text.h"
#include "reference/layers/mixer_operators.h"
#include "reference/layers/operators.h"
#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"
#include "tools/gdn2/progress.h"

namespace gdn2::tools {
namespace {

using check::GradcheckOptions;
using check::GradcheckReport;
using check::InputReport;
using check::Operator;
using nlohmann::json;

struct Arguments {
    std::vector<std::string> names;
    GradcheckOptions options;
    bool as_json = false;
};

/// The operators of every room.
std::vector<Operator> all_operators() {
    std::vector<Operator> all = operators();
    for (Operator& op : baselines::operators()) all.push_back(std::move(op));
    for (Operator& op : layer_operators()) all.push_back(std::move(op));
    for (Operator& op : mixer_operators()) all.push_back(std::move(op));
    return all;
}

/// The operators asked for, or all. Throws Error on an unknown name, listing the known ones.
std::vector<Operator> chosen(const std::vector<std::string>& names) {
    std::vector<Operator> all = all_operators();
    if (names.empty()) return all;
    std::string known;
    for (const Operator& op : all) known += (known.empty() ? "" : ", ") + op.name;
    std::vector<Operator> result;
    for (const std::string& name : names) {
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const Operator& op) { return op.name == name; });
        require(found != all.end(), "there is no operator `" + name + "`; there are " + known);
        result.push_back(*found);
    }
    return result;
}

void print_report(const GradcheckReport& report, const GradcheckOptions& options) {
    const std::string& name = report.name;
    if (!(report.value_error <= options.dual_tolerance))
        fmt::print("{:<18} {:<16} dual numbers compute another function: values differ by {}  FAIL\n",
                   name, "-", io::number(report.value_error, 2));
    for (const InputReport& input : report.inputs) {
        fmt::print("{:<18} {:<16} {:>12.1e} {:>20.1e}   {}\n", name, input.name, input.dual_error,
                   input.difference_error, input.passed ? "pass" : "FAIL");
        if (!input.passed)
            fmt::print("{:<18} worst at {}: adjoint {}, dual numbers {}\n", "",
                       to_string(input.worst_element), io::number(input.adjoint_value, 17),
                       io::number(input.dual_value, 17));
    }
}

json to_json(const GradcheckReport& report) {
    json inputs = json::array();
    for (const InputReport& input : report.inputs) {
        json entry{{"input", input.name},
                   {"dual_error", input.dual_error},
                   {"difference_error", input.difference_error},
                   {"passed", input.passed}};
        if (!input.passed)
            entry["worst"] = {
                {"index", input.worst_element}, {"adjoint", input.adjoint_value}, {"dual", input.dual_value}};
        inputs.push_back(std::move(entry));
    }
    return {{"name", report.name},
            {"value_error", report.value_error},
            {"inputs", inputs},
            {"passed", report.passed}};
}

GradcheckReport report_with_bar(const Operator& op, GradcheckOptions options) {
    Progress bar("gradcheck " + op.name);
    options.progress = [&bar](Index done, Index total) { bar.update(done, total); };
    return check::gradcheck(op, options);
}

void run(const Arguments& arguments) {
    const std::vector<Operator> ops = chosen(arguments.names);
    if (!arguments.as_json)
        fmt::print("{:<18} {:<16} {:>12} {:>20}   verdict\n{:<18} {:<16} {:>12} {:>20}\n", "operator",
                   "input", "dual numbers", "central differences", "", "allowed",
                   fmt::format("{:.0e}", arguments.options.dual_tolerance),
                   fmt::format("{:.0e}", arguments.options.difference_tolerance));
    json reports = json::array();
    Index failed = 0;
    for (const Operator& op : ops) {
        const GradcheckReport report = report_with_bar(op, arguments.options);
        failed += !report.passed;
        reports.push_back(to_json(report));
        if (!arguments.as_json) print_report(report, arguments.options);
    }
    if (arguments.as_json) {
        json document = new_document("gradcheck");
        document["dual_tolerance"] = arguments.options.dual_tolerance;
        document["difference_tolerance"] = arguments.options.difference_tolerance;
        document["operators"] = std::move(reports);
        document["passed"] = failed == 0;
        print_json(document);
    } else {
        const auto count = static_cast<Index>(ops.size());
        fmt::print("{} of {} passed\n", count - failed, counted(count, "operator"));
    }
    if (failed > 0) check_failed();
}

}  // namespace

void add_gradcheck(CLI::App& program) {
    CLI::App* command = program.add_subcommand(
        "gradcheck", "hold every hand-written adjoint against dual numbers and central differences");
    const auto arguments = std::make_shared<Arguments>();
    command->add_option("NAME", arguments->names, "operators to check; all when none is named");
    command->add_option("--directions", arguments->options.directions, "random directions per input")
        ->check(whole_number(1, 1000))
        ->capture_default_str();
    command->add_option("--seed", arguments->options.seed, "of the directions")
        ->check(whole_number(0, std::numeric_limits<std::int64_t>::max()))
        ->capture_default_str();
    command->add_flag("--json", arguments->as_json, "print a JSON document (docs/json.md)");
    command->footer("Example: gdn2 gradcheck chunk --directions 8");
    command->callback([arguments] { run(*arguments); });
}

}  // namespace gdn2::tools
