// gdn2-bench: checks every path against the f64 recurrence, then times them beside what the machine can do; and the
// kernels, counted under the emulator and timed on a card.
//   exit  0 good, 1 a check failed (and nothing was timed) or, with --strict, a target was missed,
//         2 bad usage
//   tests tests/tools/bench/bench_test.cpp
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "tools/bench/measure.h"

namespace {

using namespace gdn2;
using namespace gdn2::bench;

constexpr std::int64_t max_token_heads = 1 << 16;

constexpr int exit_good = 0, exit_failed = 1, exit_bad_usage = 2;

struct Arguments {
    bool quick = false, strict = false, json = false, card = false;
    int rounds = 21;
    double tolerance_factor = 1;
    bool counters = false;
    std::vector<std::int64_t> shape{1, 128, 1, 128, 128};
    std::string precision = "bf16";
};

int complain(const std::string& what, int code) {
    std::fprintf(stderr, "gdn2-bench: %s\n", what.c_str());
    return code;
}

/// Every comparison with NaN is false, so a range lets it through.
std::string refuse_nan(std::string& text) { return std::isnan(std::stod(text)) ? "not a number" : ""; }

void add_options(CLI::App& program, Arguments& arguments) {
    CLI::Option* quick = program.add_flag("--quick", arguments.quick, "Small and short: shows that it works");
    CLI::Option* strict = program.add_flag("--strict", arguments.strict, "Exit 1 when a target is missed");
    strict->excludes(quick);
    program.add_flag("--json", arguments.json, "JSON on standard output instead of the table");
    program.add_option("--rounds", arguments.rounds, "Samples of each figure")
        ->check(CLI::Range(3, 10000))
        ->capture_default_str();
    program
        .add_option("--tolerance-factor", arguments.tolerance_factor, "Times every tolerance of the checks")
        ->check(CLI::Range(0.0, 1e6) & CLI::Validator(refuse_nan, "NUMBER"))
        ->capture_default_str();
    CLI::Option* counters = program.add_flag(
        "--counters", arguments.counters, "Only what the emulator counts of every kernel, beside a model of it");
    counters->excludes(quick)->excludes(strict);
    program.add_flag("--card", arguments.card, "Only the kernels' times on a CUDA card")
        ->excludes(counters)
        ->excludes(strict);
    program.add_option("--shape", arguments.shape, "Of --counters: batch length heads key_dim value_dim")
        ->expected(5)
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20))
        ->capture_default_str()
        ->needs(counters);
    program.add_option("--precision", arguments.precision, "Of --counters: f32, bf16 or f16")
        ->check(CLI::IsMember({"f32", "bf16", "f16"}))
        ->capture_default_str()
        ->needs(counters);
    program.footer("Example: gdn2-bench --json > bench.json, gdn2-bench --counters --shape 1 256 2 64 128");
}

/// A line that rewrites itself, for a person only.
void show_progress(const std::string& what) {
    if (isatty(STDERR_FILENO)) std::fprintf(stderr, "\r%-40s\r%s", "", what.c_str());
}

std::vector<int> thread_counts() {
    if (this_machine().threads < 2) return {1};
    return {1, 2};
}

void print(const Arguments& arguments, const nlohmann::json& document, const std::string& text) {
    std::fputs((arguments.json ? document.dump(2) + "\n" : text).c_str(), stdout);
}

/// --counters alone.
int count(const Arguments& arguments) {
    const auto& n = arguments.shape;
    const KernelShape shape{n[0], n[1], n[2], n[3], n[4], 0};
    require(shape.key_dim <= 256 && shape.value_dim <= 256, "--shape: kernels take dims of 1 to 256");
    require(shape.batch * shape.length <= max_token_heads / shape.heads,
            fmt::format("--shape: the emulator counts at most {} tokens and heads", max_token_heads));
    const std::vector<CounterRow> rows = count_kernels(shape, arguments.precision);
    print(arguments, json_of(rows, shape, arguments.precision), text_of(rows, shape, arguments.precision));
    if (std::all_of(rows.begin(), rows.end(), std::mem_fn(&CounterRow::passed))) return exit_good;
    return complain("a kernel is further from the f64 recurrence than its tolerance", exit_failed);
}

/// --card alone.
int time_card(const Arguments& arguments) {
    const CardReport report = measure_card(arguments.quick, arguments.quick ? 3 : arguments.rounds, show_progress);
    show_progress("");
    require(report.skipped.empty(), "--card: " + report.skipped);
    print(arguments, json_of(report), text_of(report));
    return report.failures.empty() ? exit_good : complain("a kernel fails its check", exit_failed);
}

/// The kernels on every device there is; what there is not is said. False when one of them is wrong.
bool measure_devices(const Arguments& arguments, Report& report) {
    show_progress("emulator");
    report.counters = count_kernels(report.kernel_shape, report.kernel_precision);
    const auto progress = [](const std::string& what) { show_progress("card: " + what); };
    report.card = measure_card(arguments.quick, report.rounds, progress);
    return report.card.failures.empty() &&
           std::all_of(report.counters.begin(), report.counters.end(), std::mem_fn(&CounterRow::passed));
}

int run(const Arguments& arguments) {
    if (arguments.counters) return count(arguments);
    if (arguments.card) return time_card(arguments);
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
    show_progress("training");
    report.training = measure_training(thread_counts(), report.rounds, arguments.quick);
    if (!arguments.quick) report.targets = targets_of(report);
    const bool devices_are_right = !GDN2_WITH_KERNELS || measure_devices(arguments, report);
    show_progress("");

    print(arguments, json_of(report), text_of(report));
    if (!devices_are_right) return complain("a kernel fails its check", exit_failed);
    const bool all_met = std::all_of(report.targets.begin(), report.targets.end(), std::mem_fn(&Target::met));
    return arguments.strict && !all_met ? exit_failed : exit_good;
}

int parse_and_run(int argc, char** argv) {
    CLI::App program("Checks every path of gdn2 against the f64 recurrence, then times them; kernels likewise.");
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
