// gdn2 demo: the main ideas and the main checks of the project in one screen or two.
//   tests  tests/tools/gdn2/demo_test.cpp
#include "tools/gdn2/demo.h"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"

namespace gdn2::tools {
namespace {

struct Arguments {
    std::optional<std::string> golden;
    bool as_json = false;
};

void print_introduction(const Page& page) {
    page.line(page.style.heading(
        "Gated DeltaNet-2: a memory that forgets, erases and writes through separate gates"));
    page.line();
    page.line("   S' = Diag(exp g) S        forget   each key channel at its own rate g");
    page.line("   r  = S'^T (b * k)         read     what the key k finds, where the erase gate b opens");
    page.line(
        "   S  = S' + k (w * v - r)^T write    the value v, where the write gate w opens, in its place");
    page.line("   o  = S^T q                answer   the query q");
    page.line();
}

void print_conclusion(const Page& page, Index passed, Index failed, double seconds) {
    const std::string text = failed == 0 ? fmt::format("All {} checks passed in {:.1f} s.", passed, seconds)
                                         : fmt::format("{} of {} checks FAILED.", failed, passed + failed);
    page.line(page.style.verdict(failed == 0, text));
}

void run(const Arguments& arguments) {
    const auto start = std::chrono::steady_clock::now();
    const Page page{Style::for_stdout(), arguments.as_json};
    print_introduction(page);
    nlohmann::json document = new_document("demo");
    Index passed = 0, failed = 0;
    const auto add = [&](const char* name, const Outcome& outcome) {
        document[name] = outcome.json;
        passed += outcome.passed;
        failed += outcome.failed;
        page.line();
    };
    add("recall", demo_recall(page));
    add("paths", demo_paths(page));
    add("golden", demo_golden(page, arguments.golden));

    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    print_conclusion(page, passed, failed, seconds.count());
    document["passed"] = passed;
    document["failed"] = failed;
    if (arguments.as_json) print_json(document);
    if (failed > 0) check_failed();
}

}  // namespace

Style Style::for_stdout() {
    const char* terminal = std::getenv("TERM");
    const char* no_colour = std::getenv("NO_COLOR");
    const bool refused = no_colour && *no_colour != '\0';
    return Style(isatty(STDOUT_FILENO) && !refused && terminal && std::string_view(terminal) != "dumb");
}

void Page::line(const std::string& text) const {
    if (!silent) fmt::print("{}\n", text);
}

void add_demo(CLI::App& program) {
    CLI::App* command =
        program.add_subcommand("demo", "the rule at work, and every witness against every other");
    const auto arguments = std::make_shared<Arguments>();
    command->add_option("--golden", arguments->golden,
                        "folder of NAME.in.npz and NAME.out.npz made elsewhere");
    command->add_flag("--json", arguments->as_json, "print a JSON document instead");
    command->footer("Example: gdn2 demo");
    command->callback([arguments] { run(*arguments); });
}

}  // namespace gdn2::tools
