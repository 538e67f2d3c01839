// gdn2-bench: checks every path against the f64 recurrence, then times them beside what the machine can do.
//   exit  0 good, 1 a check failed (and nothing was timed) or, with --strict, a target was missed,
//         2 bad usage
//   tests tests/tools/bench/bench_test.cpp
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "tools/bench/measure.h"

namespace {

using namespace gdn2;
using namespace gdn2::bench;

constexpr int exit_good = 0, exit_failed = 1, exit_bad_usage = 2;

struct Arguments {
    bool quick = false, strict = false, json = false;
    int rounds = 21;
    double tolerance_factor = 1;
};

int complain(const std::string& what, int code) {
    std::fprintf(stderr, "gdn2-bench: %s\n", what.c_str());
    return code;
}

/// Every comparison with NaN is false, so a range lets it through.
std::string refuse_nan(std::string& text) { return std::isnan(std::stod(text)) ? "not a number" : ""; }

void add_options(CLI::App& program, Arguments& arguments) {
    CLI::Option* quick = program.add_flag("--quick", arguments.quick, "Small and short: shows that it works");
    program.add_flag("--strict", arguments.strict, "Exit 1 when a target is missed")->excludes(quick);
    program.add_flag("--json", arguments.json, "JSON on standard output instead of the table");
    program.add_option("--rounds", arguments.rounds, "Samples of each figure")
        ->check(CLI::Range(3, 10000))
        ->capture_default_str();
    program
        .add_option("--tolerance-factor", arguments.tolerance_factor, "Times every tolerance of the checks")
        ->check(CLI::Range(0.0, 1e6) & CLI::Validator(refuse_nan, "NUMBER"))
        ->capture_default_str();
    program.footer("Example: gdn2-bench --json > bench.json");
}

/// A line that rewrites itself, for a person only.
void show_progress(const std::string& what) {
    if (isatty(STDERR_FILENO)) std::fprintf(stderr, "\r%-40s\r%s", "", what.c_str());
}

std::vector<int> thread_counts() {
    if (this_machine().threads < 2) return {1};
    return {1, 2};
}

int run(const Arguments& arguments) {
    Report report;
    report.machine = this_machine();
    report.sizes = arguments.quick ? ProblemSizes{128, 2, 32} : ProblemSizes{512, 4, 128};
    report.rounds = arguments.quick ? 3 : arguments.rounds;

    show_progress("checking");
    Suite suite(report.sizes, report.chunk, thread_counts());
    report.checks = suite.check(arguments.tolerance_factor);
    if (report.checks.failures) {
        show_progress("");
        return complain(
            std::to_string(report.checks.failures) + " of " + std::to_string(report.checks.tensors) +
                " tensors fail their check, so nothing was timed; first " + report.checks.first_failure,
            exit_failed);
    }
    const auto progress = [&](int round) {
        show_progress("round " + std::to_string(round + 1) + " of " + std::to_string(report.rounds));
    };
    measure_speed(suite, {report.rounds, arguments.quick ? 0.0005 : 0.005, progress}, report);
    show_progress("memory");
    report.memory =
        measure_memory(arguments.quick ? std::vector<Index>{256} : std::vector<Index>{1024, 4096, 16384},
                       report.sizes.dim, report.chunk);
    if (!arguments.quick) report.targets = targets_of(report);
    show_progress("");

    std::fputs((arguments.json ? json_of(report).dump(2) + "\n" : text_of(report)).c_str(), stdout);
    const bool all_met = std::all_of(report.targets.begin(), report.targets.end(), std::mem_fn(&Target::met));
    return arguments.strict && !all_met ? exit_failed : exit_good;
}

int parse_and_run(int argc, char** argv) {
    CLI::App program("Checks every path of gdn2 against the f64 recurrence, then times them.");
    program.set_version_flag("--version", "gdn2-bench " GDN2_VERSION);
    Arguments arguments;
    add_options(program, arguments);
    try {
        program.parse(argc, argv);
        return run(arguments);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return program.exit(error);  // --help, --version
        return complain(std::string(error.what()) + " (see gdn2-bench --help)", exit_bad_usage);
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const int code = parse_and_run(argc, argv);
        if (std::fflush(stdout) != 0 || std::ferror(stdout))
            return complain("cannot write to standard output", exit_bad_usage);
        return code;
    } catch (const std::exception& error) {
        return complain(error.what(), exit_bad_usage);
    }
}
