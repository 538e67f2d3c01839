// gdn2 check: somebody's outputs and gradients against the float64 reference, tensor by tensor. What is judged, and
// how, is reference/delta_rule/judge.h.
//   tests  tests/tools/gdn2/check_test.cpp, check_undecided_test.cpp
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <optional>

#include "reference/delta_rule/problem_file.h"
#include "reference/io/text.h"
#include "tools/gdn2/check_report.h"
#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"
#include "tools/gdn2/progress.h"

namespace gdn2::tools {
namespace {

struct Arguments {
    std::string problem, claim;
    Index chunk = 64;
    int threads = 0;
    std::optional<double> tolerance;
    bool as_json = false;
};

/// The same, naming the claim's file. Before anything is computed.
void require_shapes_of(const Claim& claim, const Sizes& sizes, const std::string& file) {
    try {
        require_shapes(claim, sizes);
    } catch (const Error& error) {
        throw Error(io::quote_file(file) + ": " + error.what());
    }
}

/// With a bar for each of the reference's paths.
Judgement judge_with_progress(const Problem<double>& problem, const Claim& claim, const Arguments& arguments) {
    std::optional<Progress> bar;
    std::optional<Path> shown;
    JudgeOptions options{arguments.chunk, arguments.threads, arguments.tolerance};
    options.progress = [&](Path path, Index done, Index total) {
        if (shown != path) {
            bar.reset();
            bar.emplace(path == Path::recurrent ? "reference" : "second witness");
            shown = path;
        }
        bar->update(done, total);
    };
    return judge(problem, claim, options);
}

void run(const Arguments& arguments) {
    require(!arguments.tolerance || (std::isfinite(*arguments.tolerance) && *arguments.tolerance >= 0),
            "--tolerance must be a finite number, 0 or more");
    std::vector<std::string> warnings;
    const Problem<double> problem = read_problem(arguments.problem, warnings);
    const Claim claim = read_claim(arguments.claim, warnings);
    print_warnings(warnings);
    require_shapes_of(claim, validate_shapes(problem), arguments.claim);
    const CheckReport report{arguments.problem, arguments.claim, judge_with_progress(problem, claim, arguments)};
    const Judgement& found = report.found;
    for (const std::string& note : found.notes) say("gdn2: note: " + note);
    if (arguments.as_json)
        print_json(to_json(report));
    else
        print_text(report);
    if (found.verdict() == Verdict::fail) check_failed();
    require(found.verdict() == Verdict::pass,
            io::quote_file(arguments.problem) + ": float64 cannot judge " + found.names_of(Verdict::undecided) +
                ": the reference's own two paths disagree there");
}

}  // namespace

void add_check(CLI::App& program) {
    CLI::App* command = program.add_subcommand(
        "check", "hold somebody's outputs and gradients against the float64 reference, tensor by tensor");
    const auto arguments = std::make_shared<Arguments>();
    command->add_option("PROBLEM", arguments->problem, "the inputs, .npz or .safetensors")->required();
    command->add_option("CLAIM", arguments->claim, "any of o final_state dq dk dv dg db dw d_initial_state")
        ->required();
    command->add_option("--chunk", arguments->chunk, "the kernel's chunk length, to say where errors lie")
        ->check(whole_number(1, max_chunk))
        ->capture_default_str();
    command
        ->add_option("--tolerance", arguments->tolerance,
                     "norm-relative, for every tensor; else by the claim's format");
    command->add_option("--threads", arguments->threads, "0 for all")
        ->check(whole_number(0, max_threads))
        ->capture_default_str();
    command->add_flag("--json", arguments->as_json, "print a JSON document (docs/json.md)");
    command->footer(
        "A tensor passes when `relative` is at most `allowed` and no row is worse than 10 times that.\n"
        "  ratio, relative  rms(claim - reference) / rms(reference); relative is the one that is judged, and has a\n"
        "                   floor below which a reference is only rounding\n"
        "  a*               the factor that fits best, <claim, reference> / <reference, reference>: 4 when the\n"
        "                   claim is four times the truth\n"
        "  p99 ulp          99 % of the elements are at most so many units in the last place (of the claim's\n"
        "                   format) off\n"
        "  worst row        the largest rms of a row's differences, over the larger of the reference's rms in that\n"
        "                   row and over all; a row is the last axis: the channels of one token and head\n"
        "Where the reference's own two paths, token by token and in chunks, disagree in float64, a tensor is\n"
        "undecided; so is the check, with exit code 2, when nothing fails and a tensor is undecided.\n"
        "Example: gdn2 check problem.npz my_kernel.safetensors --chunk 64");
    command->callback([arguments] { run(*arguments); });
}

}  // namespace gdn2::tools
